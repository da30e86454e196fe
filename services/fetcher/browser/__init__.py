"""A browser in a process of its own, for pages that only a browser can show."""
