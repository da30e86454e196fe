"""Shows what was stored: the HTTP API, plain pages, status and health. Takes triggers in; writes no table."""
