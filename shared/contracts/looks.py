"""Looks at sites that a person may add: what each page showed that was asked for. Nothing of it is stored in the database."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from shared.contracts.message import Message, Page
from shared.contracts.model import Model
from shared.contracts.vocabulary import Clue, Role

MOST_ITEMS = 500
LONGEST_URL = 8192


class SeenCandidate(Model):
    """An address that may be a channel, what it may be to its site, where the address was read, and its name there."""

    url: str = Field(max_length=LONGEST_URL)
    role: Role
    found_by: Clue
    name: str = Field(default="", max_length=200)


class SeenItem(Model):
    """An item of a channel: its address, and when it was published or changed, where the channel says so."""

    url: str = Field(max_length=LONGEST_URL)
    at: AwareDatetime | None = None


class SeenChannel(Model):
    """A page that can be polled: its items, the newest first of at most 500, the newest date, items a day, the WebSub hub."""

    candidate: SeenCandidate
    items: tuple[SeenItem, ...] = Field(default=(), max_length=MOST_ITEMS)
    newest: datetime | None = None
    items_a_day: float | None = None
    hub_url: str | None = None
    topic_url: str | None = None


class SeenArticle(Model):
    """An article as it was read: which fields it has, how many words, and whether it is behind a paywall."""

    title: str
    fields: dict[str, bool]
    words: int
    paywalled: bool = False


class PageSeen(Message):
    """What a page showed that was requested for a look at a site; the first message of the look has its id as trace.

    `site_name`, `language` and `reserve` (candidates that were not asked for) are of a home page. A page is one channel, an
    article, or no channel for the reason in `refusal`. `awaits` are the addresses of the pages that are requested next.
    """

    type: Literal["PageSeen"] = "PageSeen"
    page: Page
    is_home_page: bool = False
    site_name: str | None = Field(default=None, max_length=200)
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    channel: SeenChannel | None = None
    candidate: SeenCandidate | None = None
    refusal: str | None = Field(default=None, max_length=500)
    article: SeenArticle | None = None
    awaits: tuple[str, ...] = Field(default=(), max_length=50)
    reserve: tuple[SeenCandidate, ...] = Field(default=(), max_length=200)
