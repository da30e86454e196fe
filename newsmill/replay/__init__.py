"""Kept pages read again with the present parser."""
