"""Rules for sites that share a layout: CSS selectors as data."""
