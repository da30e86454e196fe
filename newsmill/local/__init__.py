"""Everything on one machine: a private Redis, SQLite, and each service as a process of its own."""
