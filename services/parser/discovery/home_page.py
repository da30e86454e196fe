"""A site's home page: its name, its language, and the candidates for its channels."""

from collections.abc import Iterable
from typing import NamedTuple

from services.parser.article import declared
from services.parser.discovery.candidates import read
from services.parser.page import encoding, language, unzip
from services.parser.page.document import Document
from shared.discovery.channels import Candidate

_LONGEST_NAME = 200


class HomePage(NamedTuple):
    """What a home page says of its site. `name` is as it calls itself, `language` an ISO 639 code."""

    name: str | None
    language: str | None
    candidates: tuple[Candidate, ...]


def read_home_page(body: bytes, url: str, charset: str | None, sitemaps: Iterable[str], *, max_bytes: int) -> HomePage:
    """Returns what a home page says of its site.

    Args:
        body: as downloaded, after transfer decoding.
        url: the page's address.
        charset: of the Content-Type header.
        sitemaps: the `Sitemap` lines of the site's robots.txt.
        max_bytes: more is not unpacked.

    Raises:
        Drop: the page is not text.
    """
    document = Document(encoding.decode(unzip.unzipped(body, max_bytes), charset), url)
    names = (name for name, _, _ in declared.site_names(document) if name)
    name = next((" ".join(name.split())[:_LONGEST_NAME] for name in names), None)
    return HomePage(name, language.code(document.language), read(document, sitemaps))
