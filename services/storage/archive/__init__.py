"""Raw pages that are kept, as WARC files."""
