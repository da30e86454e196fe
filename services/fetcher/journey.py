"""The way of one URL to its page: the hops of its redirects, and when they lead nowhere."""

import re
from dataclasses import dataclass, field
from typing import Literal

from prometheus_client import Counter
from requests import Response

from services.fetcher.answer.walls import is_detour
from services.fetcher.wire.cookies import Jar
from shared.contracts import FetchRequested, Reason, Trail
from shared.errors import Drop
from shared.urls import fetchable, join

_NOT_ASCII = re.compile(rb"[\x80-\xff]")
PERMANENT = frozenset({301, 308})
REDIRECTS = Counter("newsmill_fetch_redirects_total", "Redirects followed.", ["kind"])

Hop = Literal["permanent", "temporary", "refresh"]


@dataclass
class Journey:
    """One URL on its way.

    Attributes:
        request: the message that began it.
        ends: when the time for all of it is over, on the monotonic clock.
        urls: every stop so far; the last is the next to be requested.
        moved: how many hops from the start are permanent.
        assumed: whether the first hop is from the ledger and was not made this time.
        begun: whether a turn was spent on it already, so that it goes before others.
        has_trail: whether begin() without a trail would lead elsewhere.
        jar: cookies that redirects set, for this journey only.
        turns: how many turns it has asked for.
        robots: what robots.txt says of the last stop, in words.
    """

    request: FetchRequested
    ends: float
    urls: list[str]
    moved: int = 0
    assumed: bool = False
    begun: bool = False
    has_trail: bool = False
    jar: Jar = field(default_factory=Jar)
    turns: int = 0
    robots: str | None = None

    @classmethod
    def begin(cls, request: FetchRequested, ends: float) -> "Journey":
        """Returns a journey that goes on from a trail, or starts where the page is known to have moved for good.

        Raises:
            BadUrl: the URL is none that can be fetched.
        """
        if (trail := request.trail) is not None:
            jar = Jar.load(list(trail.cookies))
            return cls(request, ends, list(trail.urls), trail.moved, begun=True, has_trail=True, jar=jar)
        start = fetchable(request.url)
        if request.moved_to and _may_be_assumed(request, start):
            return cls(request, ends, [start, fetchable(request.moved_to)], moved=1, assumed=True)
        return cls(request, ends, [start])

    @property
    def url(self) -> str:
        """The last stop."""
        return self.urls[-1]

    @property
    def moved_to(self) -> str | None:
        """The URL to which the page has moved for good, if it has.

        Servers call it permanent, too, when they lead to a login, a consent wall or their home page.
        """
        target = self.urls[self.moved]
        return target if self.moved and not is_detour(self.urls[0], target) else None

    def next_holder(self) -> str:
        """Returns the holder of the next turn: the trace for its first turn, which may have come with the message.

        Each further turn has a holder of its own, for Redis may learn of a turn's end after it is asked for the next.
        """
        self.turns += 1
        trace_id = self.request.trace_id
        return trace_id if self.turns == 1 else f"{trace_id}#{self.turns}"

    def trail(self) -> Trail | None:
        """Returns what has to be remembered while the journey waits; None at its start."""
        first_stops = 2 if self.assumed else 1
        if len(self.urls) == first_stops and not self.jar and not self.has_trail:
            return None
        return Trail(urls=tuple(self.urls), moved=self.moved, cookies=tuple(self.jar.dump()))

    def restart(self) -> None:
        """Goes back to the first URL, and forgets where the ledger says that the page has moved."""
        self.urls, self.moved, self.assumed, self.has_trail = self.urls[:1], 0, False, True

    def redirect(self, answer: Response, limit: int) -> None:
        """Goes where an answer's Location leads, at most `limit` hops from the start.

        Raises:
            Drop: REDIRECTS: it leads nowhere, back, or too far.
        """
        cookies_before = len(self.jar.dump())
        self.jar.read(answer)
        location = _location(answer)
        target = join(self.url, location)
        if target is None:
            raise Drop(Reason.REDIRECTS, f"{self.url} leads to {location[:200]!r}, which is no page")
        kind: Hop = "permanent" if answer.status_code in PERMANENT else "temporary"
        # A cookie wall leads back to the page that led to it, with a cookie.
        self.go(target, kind, limit, back=len(self.jar.dump()) > cookies_before)

    def go(self, target: str, kind: Hop, limit: int, *, back: bool = False) -> None:
        """Goes one hop on.

        Raises:
            Drop: REDIRECTS: the target was a stop before (and `back` is not set), or the hops are more than `limit`.
        """
        if target in self.urls and not back:
            raise Drop(Reason.REDIRECTS, f"{target} leads back to itself")
        if len(self.urls) > limit:
            raise Drop(Reason.REDIRECTS, f"more than {limit} redirects (NEWSMILL_FETCH_MAX_REDIRECTS)")
        if kind == "permanent" and self.moved == len(self.urls) - 1:
            self.moved += 1
        REDIRECTS.labels(kind).inc()
        self.urls.append(target)
        self.begun = True


def _location(answer: Response) -> str:
    """Returns the first Location of an answer. Servers send UTF-8 and Latin-1 where the standard has ASCII.

    What is not UTF-8 keeps its bytes, percent-encoded, as in browsers: the server reads them as it wrote them.
    """
    location: str = answer.raw.headers.getlist("Location")[0]
    written = location.encode("latin-1", "replace")
    try:
        return written.decode()
    except UnicodeDecodeError:
        return _NOT_ASCII.sub(lambda byte: b"%%%02X" % ord(byte[0]), written).decode()


def _may_be_assumed(request: FetchRequested, start: str) -> bool:
    """Whether a page is still where it had moved for good: nothing is for ever, so a full request asks the original."""
    moved_to = request.moved_to or start
    return moved_to != start and not request.full and not is_detour(start, moved_to)
