"""One module a table: rows in, rows out."""
