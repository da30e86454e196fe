"""Headlines from front pages, feeds and sitemaps."""
