"""Headlines of an HTML page: the links that lead to articles, in reading order."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from selectolax.lexbor import LexborNode

from services.parser.article import dates
from services.parser.article.images import image_url
from services.parser.listing import addresses, candidates, link_text, page_parts, siblings, story_links
from services.parser.listing.candidates import Candidate, story_key
from services.parser.listing.page_parts import Link, PageParts
from services.parser.listing.teasers import Teasers, summary
from services.parser.page import language
from services.parser.page.document import Document
from services.parser.page.elements import attribute, text_of
from services.parser.rules.site_rules import Rules
from shared.contracts import Headline

_MOST = 1_000
# The most links seen on a page are 2,215.
_MOST_LINKS = 23_000
_LEAST_IN_TICKER = 3
# A shorter list of the most read stands on every page of a site, unless it is numbered as a ranking is.
_LEAST_POPULAR, _LEAST_RANKED = 5, 3
_MOST_PARENTS_IN_RANKING = 6
# The title of a section has at most so many words.
_MOST_IN_SECTION_TITLE = 4
_FRONT_PARTS = frozenset({"section", "related", "ticker", "popular"})
_SIDE_PARTS = frozenset({"related", "ticker"})


def front_headlines(document: Document, rules: Rules, now: datetime) -> tuple[Headline, ...]:
    """Returns the headlines of a front or section page; the first in a section becomes the lead."""
    page_links = candidates.read(document, _MOST_LINKS)
    parts = PageParts(
        document.layout, ((link.element.box, link.url, link.is_story) for link in page_links if link.text)
    )
    front_links = list(_without_sections(page_links, parts))
    links = _links(document, rules, parts, front_links, "section")
    stories = _one_link_per_story(links)
    popular = {link.story: link for link in links if link.part == "popular"}
    if len(popular) < (_LEAST_RANKED if all(_is_ranked(link.node) for link in popular.values()) else _LEAST_POPULAR):
        stories = [link for link in stories if link.part != "popular"]
    lead = next((link for link in stories if link.part == "section"), None)
    stories = [link._replace(part="lead") if link is lead else link for link in stories]
    return _headlines(document, stories, Teasers(parts, rules, links), rules, now)


def _is_ranked(node: LexborNode) -> bool:
    """Returns whether a link is in a numbered list."""
    parent = node.parent
    for _ in range(_MOST_PARENTS_IN_RANKING):
        if parent is None or parent.tag == "ol":
            break
        parent = parent.parent
    return parent is not None and parent.tag == "ol"


def side_headlines(document: Document, rules: Rules, now: datetime) -> tuple[Headline, ...]:
    """Returns the headlines next to an article: its ticker and related articles."""
    if not (rules.ticker or rules.teasers or page_parts.has_side_parts(document.layout)):
        return ()
    parts = PageParts(document.layout)
    side_links = candidates.read(document, _MOST_LINKS, lambda box: parts.part(box) in _SIDE_PARTS)
    links = _links(document, rules, parts, side_links, "related")
    stories = [link for link in _one_link_per_story(links) if link.url != document.url]
    return _headlines(document, stories, Teasers(parts, rules, links), rules, now)


def _without_sections(links: list[Candidate], parts: PageParts) -> Iterator[Candidate]:
    """Yields the links in the parts of a page that show headlines, without the titles of its sections.

    The address of a section stands in the navigation too, or the addresses of its articles begin with it.
    """
    navigation = {link.url.rstrip("/") for link in links if parts.part(link.element.box) is None}
    sections = navigation | addresses.sections(link.url for link in links)
    for link in links:
        is_short = story_links.word_count(link.text) <= _MOST_IN_SECTION_TITLE
        if parts.part(link.element.box) in _FRONT_PARTS and not (is_short and link.url.rstrip("/") in sections):
            yield link


def _links(
    document: Document, rules: Rules, parts: PageParts, page_links: list[Candidate], rule_part: str
) -> list[Link]:
    """Returns the links of the rules, and the other links that lead to stories unless the rules exclude them."""
    rule_links = list(_rule_links(document, rules, rule_part))
    if rules.only_teasers:
        return rule_links
    links: dict[tuple[int, str], Link] = {}
    for link in (*rule_links, *siblings.accepted(document.layout, list(_verdicts(document, parts, page_links)))):
        links.setdefault((link.node.mem_id, link.story), link)
    return list(links.values())


def _rule_links(document: Document, rules: Rules, part: str) -> Iterator[Link]:
    for selectors, name in ((rules.ticker, "ticker"), (rules.teasers, part)):
        for node in (node for selector in selectors for node in document.tree.css(selector)):
            if url := document.link(attribute(node, "href")):
                text, _ = link_text.of_link(node, link_text.lines_of(node))
                yield Link(node, text[: candidates.LONGEST_TEXT], url, story_key(url), name)


def _verdicts(document: Document, parts: PageParts, links: list[Candidate]) -> Iterator[tuple[Link, bool]]:
    """Yields the links that may lead to stories, and whether each does; in a ticker all do, however short their texts are."""
    for link in links:
        part = parts.part(link.element.box)
        if not link.text or part is None or not addresses.may_be_story(link.url, document.url):
            continue
        is_ticker_line = part == "ticker" and story_links.word_count(link.text) >= _LEAST_IN_TICKER
        node, box, _ = link.element
        yield (
            Link(node, link.text, link.url, link.story, part, box, link.in_heading, link.is_printed),
            link.is_story or is_ticker_line,
        )


def _one_link_per_story(links: Iterable[Link]) -> list[Link]:
    """Returns one link for the image, title and "read more" of a teaser: the one whose text is most like a title."""
    stories: dict[str, Link] = {}
    for link in links:
        first = stories.setdefault(link.story, link)
        if _title_quality(link) > _title_quality(first):
            part = link.part if first.part == "popular" else first.part
            stories[link.story] = link._replace(part=part)
    return [link for link in stories.values() if not link_text.MORE.match(link.text)][:_MOST]


def _title_quality(link: Link) -> tuple[bool, bool, bool, bool, int]:
    """Returns how much a link's text is like a title: it has words, is printed, is in a heading, and is short.

    A list of the most read may show a shorter or a longer title than the teaser.
    """
    has_words = story_links.word_count(link.text) >= 2
    return has_words, link.part != "popular", link.is_printed, link.in_heading, -len(link.text)


def _headlines(
    document: Document, stories: list[Link], teasers: Teasers, rules: Rules, now: datetime
) -> tuple[Headline, ...]:
    page_language = document.language or language.detect(" ".join(link.text for link in stories))
    return tuple(
        _headline(document, link, teasers.box_of(link), position, now, rules=rules, page_language=page_language)
        for position, link in enumerate(stories)
    )


def _headline(
    document: Document,
    link: Link,
    teaser: LexborNode,
    position: int,
    now: datetime,
    *,
    rules: Rules,
    page_language: str | None,
) -> Headline:
    text_language = language.detect(link.text, page_language)
    time = teaser.css_first("time")
    date = attribute(time, "datetime") or text_of(time)
    return Headline(
        text=link.text,
        url=link.url,
        position=position,
        block=link.part,
        language=text_language,
        direction=language.direction(text_language),
        image=document.link(image_url(teaser.css_first("img"))),
        summary=summary(teaser, rules, link.text),
        published_at=dates.read(date, now, document.month_first, document.language) if date else None,
    )
