"""A page before anything is read from it: bytes to text, text to a tree, the tree to blocks of text in boxes."""
