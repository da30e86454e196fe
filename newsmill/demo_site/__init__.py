"""A small invented news site, for seeing the whole pipeline work with no network."""
