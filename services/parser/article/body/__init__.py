"""The body of an article: which blocks of a page are its paragraphs."""
