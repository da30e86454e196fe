"""Which article a page is, and which articles tell the same story."""
