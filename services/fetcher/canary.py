"""The canary: the reader's own page, which may be at a private address. Nothing else may be fetched from there.

It passes the same fetcher as every page, with a guard of its own: one exact URL, no redirect, no proxy, no robots.txt.
"""

from urllib.parse import urlsplit

from services.fetcher.fetch import Fetcher
from services.fetcher.settings import FetcherSettings
from shared.contracts import CANARY, FetchRequested, Message
from shared.errors import Drop, TryLater

_EVERYWHERE = "0.0.0.0/0,::/0"
_NEVER = 1_000_000
_PORTS = {"http": 80, "https": 443}


def is_canary(request: FetchRequested, settings: FetcherSettings) -> bool:
    """Whether a request is for the canary's one URL and comes from the scheduler, whose mark no trigger may bear."""
    return bool(settings.canary_url) and request.via == CANARY and request.url == settings.canary_url


def once(fetcher: Fetcher, request: FetchRequested) -> list[Message]:
    """Returns what the canary's page leads to. It is not tried again: the next one comes within a minute.

    Raises:
        Drop: the page did not come.
    """
    try:
        return fetcher.fetch(request)
    except TryLater as error:
        raise Drop(error.reason, error.detail) from None


def canary_settings(settings: FetcherSettings) -> FetcherSettings:
    """Returns the settings of the fetcher that requests the canary and nothing else."""
    parts = urlsplit(settings.canary_url)
    return settings.model_copy(
        update={
            "fetch_allow_networks": _EVERYWHERE, "fetch_allow_ports": str(parts.port or _PORTS.get(parts.scheme, 80)),
            "fetch_max_redirects": 0, "fetch_proxy": None, "obey_robots": False,
            # The reader has no other visitor that goes by these, and a reader that is back is asked at once.
            "host_interval": 0, "host_failures": _NEVER,
        }
    )  # fmt: skip
