"""The look at a site: its home page, the candidates on it, and some of its articles, with few requests."""

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urljoin

from newsmill.discovery.look import MOST_REQUESTS, Look, Looker
from newsmill.discovery.samples import ARTICLES, samples
from services.parser.discovery.candidates import same_site, unique
from services.parser.discovery.channels import channel, refusal
from services.parser.discovery.home_page import HomePage
from services.parser.listing.sitemap import ChildSitemap
from shared.contracts import Clue, Kind, Role, now_utc
from shared.discovery.channels import KINDS, Candidate, Channel, address_key
from shared.discovery.choice import choose
from shared.discovery.entries import Entry
from shared.discovery.report import ArticleSample, SiteReport, Wall
from shared.errors import BadUrl
from shared.pace import Limits
from shared.urls import fetchable, host_of

# Candidates that are asked for at most, on all hosts.
_MOST_LOOKS = 8
# A site without feeds and sitemaps has its news on several section pages: fewer requests are kept for its articles.
_ARTICLES_WITHOUT_FEED = 3
# A candidate that is not there, which says nothing of the site.
_ABSENT = frozenset({"http-404", "http-410"})
_LISTS = frozenset({Role.FEED, Role.SITEMAP})


def inspect(entry: Entry, looker: Looker, limits: Limits) -> SiteReport:
    """Returns what a look at the site of an entry has shown. It asks each host at most MOST_REQUESTS times in all.

    Args:
        entry: what the user named.
        looker: asks for pages and reads them.
        limits: of how often channels are polled.
    """
    try:
        home_page = fetchable(entry.url)
    except BadUrl as error:
        return SiteReport(entry.url, entry.url, entry.name or "", None, entry.tags, now_utc(), limits, error=str(error))
    return Inspection(entry, looker, home_page).report(limits)


class Inspection:
    """A look at one site.

    Args:
        entry: what the user named.
        looker: asks for pages and reads them.
        home_page: its address, as far as it is known before the look.
    """

    def __init__(self, entry: Entry, looker: Looker, home_page: str) -> None:
        self._entry = entry
        self._looker = looker
        self._home_page = home_page
        self._channels: list[Channel] = []
        self._refusals: list[tuple[Candidate, str]] = []
        self._reserve: list[Candidate] = []
        self._walls: list[Wall] = []

    def report(self, limits: Limits) -> SiteReport:
        """Looks at the site and returns what that has shown."""
        home = self._look_at_home_page()
        feeds = (Candidate(url, Role.FEED, Clue.PERSON, self._entry.name or "") for url in self._entry.feeds)
        self._look_at_candidates(unique((*feeds, *(home.candidates if home else ()))))
        now = now_utc()
        choices = choose(self._channels, now)
        articles = list(samples(self._looker, choices, self._home_page))
        self._walls += [wall for wall in articles if isinstance(wall, Wall)]
        return SiteReport(
            url=self._entry.url, home_page=self._home_page, language=home.language if home else None,
            name=self._entry.name or (home.name if home else None) or host_of(self._home_page), tags=self._entry.tags,
            looked_at=now, limits=limits, choices=choices, refusals=tuple(self._refusals), reserve=tuple(self._reserve),
            articles=tuple(sample for sample in articles if isinstance(sample, ArticleSample)), walls=tuple(self._walls),
            requests=self._looker.requests(self._home_page),
            error=None if any(choice.is_polled for choice in choices) else self._failure(),
        )  # fmt: skip

    def _look_at_home_page(self) -> HomePage | None:
        """Reads the home page. Where the user names a channel instead, that is looked at, and then its host's first page."""
        look = self._look(self._entry.url, Kind.FRONT)
        if look is not None and look.reading.content.kind in (Kind.FEED, Kind.SITEMAP):
            role = Role(look.reading.content.kind.value)
            self._judge(Candidate(look.page.url, role, Clue.PERSON), look)
            self._home_page = urljoin(look.page.final_url, "/")
            look = self._look(self._home_page, Kind.FRONT)
        if look is None:
            return None
        self._home_page = look.page.moved_to or look.page.url
        self._judge(Candidate(self._home_page, Role.FRONT, Clue.HOME_PAGE), look)
        return look.reading.home_page

    def _look(self, url: str, kind: Kind) -> Look | None:
        """Returns a look at a home page; None for what a wall keeps from being read."""
        look = self._looker.look(url, kind, is_home_page=True)
        if isinstance(look, Wall):
            self._walls.append(look)
            return None
        return look

    def _look_at_candidates(self, candidates: Iterable[Candidate]) -> None:
        looks = 0
        for candidate in self._new(candidates):
            if looks < _MOST_LOOKS and self._is_worth_a_look(candidate):
                looks += 1
                self._look_at(candidate)
            else:
                self._reserve.append(candidate)

    def _new(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        """Yields the candidates that are no channels yet."""
        keys = {address_key(channel.candidate.url) for channel in self._channels}
        return (candidate for candidate in candidates if address_key(candidate.url) not in keys)

    def _is_worth_a_look(self, candidate: Candidate) -> bool:
        """Returns whether a candidate is asked for: requests for articles are left, and no better channel makes it idle."""
        roles = {channel.candidate.role for channel in self._channels if channel.items}
        articles = (ARTICLES if roles & _LISTS else _ARTICLES_WITHOUT_FEED) if roles else 0
        reserve = articles if same_site(candidate.url, self._home_page) else 0
        if self._looker.requests(candidate.url) + reserve >= MOST_REQUESTS:
            return False
        if candidate.clue is Clue.USUAL_ADDRESS:
            return candidate.role not in roles
        return candidate.role is not Role.SECTION or not roles & _LISTS

    def _look_at(self, candidate: Candidate) -> None:
        look = self._looker.look(candidate.url, KINDS[candidate.role])
        if isinstance(look, Look):
            self._judge(candidate, look)
        elif look.end in _ABSENT:
            self._refusals.append((candidate, look.detail))
        else:
            self._walls.append(look)

    def _judge(self, candidate: Candidate, look: Look) -> None:
        """Keeps a candidate as a channel, or the reason why it is none."""
        content = look.reading.content
        if (reason := refusal(candidate, content)) is not None:
            self._refusals.append((candidate, reason))
        elif content.sitemaps and not content.headlines:
            self._judge_index(candidate, content.sitemaps)
        else:
            self._channels.append(channel(candidate, content, look.page.fetched_at, look.reading.hub))

    def _judge_index(self, index: Candidate, children: Sequence[ChildSitemap]) -> None:
        """Looks at the sitemap of an index that is called news, else at the newest.

        A sitemap of news is a channel itself; otherwise the index is, which leads to the newest sitemap of any day.
        """
        child = next((child for child in children if "news" in child.url.lower()), children[0])
        candidate = index._replace(url=child.url, clue=Clue.SITEMAP_INDEX)
        look = self._looker.look(child.url, Kind.SITEMAP) if self._is_worth_a_look(candidate) else None
        if look is None:
            self._reserve.append(candidate)
        elif isinstance(look, Wall):
            self._walls.append(look)
        elif (reason := refusal(candidate, look.reading.content)) is not None:
            self._refusals.append((candidate, reason))
        else:
            is_news = any(headline.published_at for headline in look.reading.content.headlines)
            listing = candidate if is_news else index
            self._channels.append(channel(listing, look.reading.content, look.page.fetched_at))

    def _failure(self) -> str:
        """Returns in words why a site cannot be added."""
        if self._walls:
            return f"{self._walls[0].end}: {self._walls[0].detail or self._walls[0].url}"
        return "no feed, no sitemap and no page with headlines of this week was found"
