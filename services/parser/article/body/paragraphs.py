"""The body of an article: which blocks of a page are its paragraphs."""

import re
from collections.abc import Iterable, Iterator

import numpy as np

from services.parser.article import byline, dates
from services.parser.article.body import forest
from services.parser.article.body.features import Said, is_bare_link, traits
from services.parser.page.blocks import HEADINGS, Block, Layout
from services.parser.page.class_words import BIT
from services.parser.page.document import Document
from services.parser.page.elements import attribute, clean, comparison_key, lines_of
from services.parser.rules.site_rules import Rules, is_furniture, is_origin

_LIKELY = 0.5
# When so little is likely, the page is unlike those the forest knows: the likeliest is taken all the same.
_LEAST = 200
_NEARLY_LIKELIEST = 0.95
_NOT_AT_ALL = 0.05
_ABOVE, _LONGEST_BYLINE, _LONGEST_DATE = 3, 150, 40
_APPEAL, _WHOLE = BIT["account"], frozenset({"article", "main", "body"})
_LONGEST_APPEAL = 400
_LONGEST_HEADING, _BOLD = 80, 0.9
_SENTENCE = re.compile(r"[^\W\d_]{3,}\s+[^\W\d_]{3,}\s+[^\W\d_]{3,}")


def paragraphs(document: Document, rules: Rules, title: str, authors: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The paragraphs of the article in order, without its title, its by-line and the page's own functions."""
    selected = next((node for selector in rules.body for node in document.tree.css(selector)), None)
    found = list(lines_of(selected)) if selected is not None else list(chosen(document.layout, said(document)))
    kept = list(_without_furniture(found, title)) or _told(document, title)
    # By-line and date stand above the text, and say no more than what is told apart.
    return tuple(
        line for row, line in enumerate(kept) if row >= _ABOVE or not (_is_byline(line, authors) or _is_date(line))
    )


def origin(document: Document) -> str | None:
    """Where the link to the article's original leads, on a page that republishes."""
    links = (link.node for link in document.layout.links if is_origin((link.node.text() or "")[:_LONGEST_BYLINE]))
    return next((url for node in links if (url := document.link(attribute(node, "href")))), None)


def said(document: Document) -> Said:
    """What the page says of its article outside the text."""
    titles = [text for text, _ in document.meta("og:title")] + [text for text, _ in document.text("title")][:1]
    description = next((text for text, _ in document.meta("og:description", "description")), "")
    told = (text for node in document.entities if isinstance(text := node.get("articleBody"), str))
    return Said(tuple(titles), description, max(told, key=len, default=""))


def chosen(page: Layout, told: Said) -> Iterator[str]:
    """The texts of the blocks that are the article's."""
    blocks = page.blocks
    asked = [row for row, block in enumerate(blocks) if not is_bare_link(block) and not _is_appeal(page, block)]
    if not asked:
        return
    likelihood = forest.load("forest").likelihood(traits(page, told), np.array(asked))
    least = _LIKELY
    if sum(len(blocks[row].text) for row, likely in zip(asked, likelihood, strict=True) if likely >= least) < _LEAST:
        least = min(least, max(_NOT_AT_ALL, _LIKELY * likelihood.max() / _NEARLY_LIKELIEST))
    kept = [blocks[row] for row, likely in zip(asked, likelihood, strict=True) if likely >= least]
    while len(kept) > 1 and _is_heading(page, kept[-1]):
        kept.pop()  # No article ends in a heading: it is that of what follows.
    yield from (block.text for block in kept)


def _is_heading(page: Layout, block: Block) -> bool:
    size = len(block.text)
    return size < _LONGEST_HEADING and (block.bold_chars > _BOLD * size or page.boxes[block.box].tag in HEADINGS)


def _is_appeal(page: Layout, block: Block) -> bool:
    """Whether a short block stands in a box for signing up, logging in or consenting."""
    box = page.boxes[block.box]
    near = (box, page.boxes[box.parent])
    return len(block.text) < _LONGEST_APPEAL and any(
        one.class_words & _APPEAL and one.tag not in _WHOLE for one in near
    )


def _told(document: Document, title: str) -> list[str]:
    """The body as the page's data tells it, where scripts would have to show it; else what is shown is the better."""
    lines = [clean(line) for line in said(document).body.split("\n")]
    return list(_without_furniture(lines, title)) if sum(map(len, lines)) >= _LEAST else []


def _is_date(line: str) -> bool:
    return len(line) <= _LONGEST_DATE and not _SENTENCE.search(line) and dates.is_date(line)


def _is_byline(line: str, authors: frozenset[str]) -> bool:
    return len(line) <= _LONGEST_BYLINE and byline.begins(line) and bool(authors) and {*byline.people(line)} <= authors


def _without_furniture(lines: Iterable[str], title: str) -> Iterator[str]:
    own, longest = comparison_key(title), 2 * len(title) + 20
    for line in lines:
        if (
            line
            and not (len(line) <= longest and comparison_key(line) == own)
            and not is_furniture(line)
            and not is_origin(line)
        ):
            yield line
