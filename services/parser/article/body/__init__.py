"""Which blocks of a page are the paragraphs of its article."""
