"""Watches on the command line."""
