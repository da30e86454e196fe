"""Receivers of watches as they may be shown: without what lets anybody else tell them something."""

from urllib.parse import urlsplit


def address(kind: str, url: str) -> str:
    """Returns whom a receiver is, without secrets: of a webhook scheme and host, of a notification the service alone."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return f"{kind} (unreadable)"
    if kind == "webhook":
        return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}/…"
    return f"{parts.scheme}://…"
