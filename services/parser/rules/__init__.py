"""How single sites are read: CSS selectors as data."""
