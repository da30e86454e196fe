"""`newsmill sites`: rows as they are shown, changes as they are sent, and the report of a file."""
