"""Pages that only a browser can show."""
