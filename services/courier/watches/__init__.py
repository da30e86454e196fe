"""Watches: saved queries that act on what is stored."""
