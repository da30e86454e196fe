"""What of a text a search has matched, marked. Words are compared as they are indexed: without case and accents."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from shared.database.search import MARKS, UNSPACED, fold, paired, single
from shared.query.parse import parse
from shared.query.tree import Every, Near, Node, Some, Term

# Characters of a text in which matches are looked for.
MAX_TEXT = 100_000
_TOKEN = re.compile(f"[{UNSPACED}]+|(?:[^\\W_{UNSPACED}]|[{MARKS}\u0900-\u0963\u0966-\u0dff])+")


class Token(NamedTuple):
    """A word of a text, as it is indexed, and where it stands."""

    word: str
    start: int
    end: int


def marked(text: str, q: str | None) -> Markup:
    """Returns a text as HTML, with what a search asks for in <mark>."""
    return Markup("").join(
        Markup("<mark>{}</mark>").format(part) if is_match else part for part, is_match in parts(text, q)
    )


def parts(text: str, q: str | None) -> Iterator[tuple[str, bool]]:
    """Yields a text in parts, each with whether the search asks for it."""
    place = 0
    for start, end in _spans(text, q) if q else ():
        if start > place:
            yield text[place:start], False
        yield text[start:end], True
        place = end
    if place < len(text):
        yield text[place:], False


def _spans(text: str, q: str) -> list[tuple[int, int]]:
    """Returns the stretches of a text that match, in order and apart."""
    tokens = [Token(fold(match[0]), match.start(), match.end()) for match in _TOKEN.finditer(text[:MAX_TEXT])]
    node = parse(q)
    terms = list(_terms(node)) if node else []
    spans: list[tuple[int, int]] = []
    for start, end in sorted(_matches(tokens, terms)):
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


def _terms(node: Node) -> Iterator[Term]:
    """Yields the terms that a text may be found by: those of what is excluded are not in it."""
    match node:
        case Term():
            yield node
        case Near():
            yield from (node.first, node.second)
        case Every() | Some():
            for part in node.nodes:
                yield from _terms(part)


def _matches(tokens: Sequence[Token], terms: Iterable[Term]) -> Iterator[tuple[int, int]]:
    for term in terms:
        if any(paired(word) or single(word) for word in term.words):
            yield from _within(tokens, term.words)
        else:
            yield from _side_by_side(tokens, term)


def _side_by_side(tokens: Sequence[Token], term: Term) -> Iterator[tuple[int, int]]:
    length = len(term.words)
    for place in range(len(tokens) - length + 1):
        words = [token.word for token in tokens[place : place + length]]
        last = words[-1].startswith(term.words[-1]) if term.prefix else words[-1] == term.words[-1]
        if last and words[:-1] == list(term.words[:-1]):
            yield tokens[place].start, tokens[place + length - 1].end


def _within(tokens: Sequence[Token], words: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yields where pairs of characters stand in runs of scripts without spaces, which folding leaves as long as they are."""
    for word in words:
        for token in tokens:
            start = token.word.find(word)
            while start >= 0 and len(token.word) == token.end - token.start:
                yield token.start + start, token.start + start + len(word)
                start = token.word.find(word, start + 1)
