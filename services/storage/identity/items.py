"""Which headlines of a site are the same item: http and https of one address are; places on one page (`#p12`, `#p13`)
are not."""

from hashlib import sha256
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from shared.errors import BadUrl
from shared.urls import canonical, fingerprint

_SIBLING_SCHEMES = {"http": "https", "https": "http"}


def key(url: str) -> str:
    """Returns the key of an item by its address. The parser keeps a fragment only where it tells items apart."""
    address, _, fragment = url.partition("#")
    try:
        item = fingerprint((sibling(address) or address) if canonical(address).startswith("http:") else address)
    except BadUrl:
        return uuid5(NAMESPACE_URL, url).hex
    return sha256(f"{item}#{fragment}".encode()).hexdigest()[:32] if fragment else item


def sibling(url: str) -> str | None:
    """Returns the https address of an http page, and the http address of an https page; None if it names a port.

    Raises:
        BadUrl: no page can have this address.
    """
    address = canonical(url)
    parts = urlsplit(address)
    return None if parts.port else parts._replace(scheme=_SIBLING_SCHEMES[parts.scheme]).geturl()
