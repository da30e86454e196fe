"""Bytes to text, text to a tree, the tree to blocks: what every kind of page needs."""
