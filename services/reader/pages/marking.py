"""What of a text a search has matched, marked. Words are compared as they are indexed: without case and accents."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from markupsafe import Markup

from services.reader.queries.tokens import Token, tokens
from shared.database.search import paired, single
from shared.query.parse import parse
from shared.query.tree import Every, Near, Node, Some, Term


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
    spans: list[tuple[int, int]] = []
    for start, end in sorted(_matches(list(tokens(text)), _terms_of(q))):
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


@lru_cache(64)
def _terms_of(q: str) -> tuple[Term, ...]:
    node = parse(q)
    return tuple(_terms(node)) if node else ()


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


def _matches(words_of_text: Sequence[Token], terms: Iterable[Term]) -> Iterator[tuple[int, int]]:
    for term in terms:
        if any(paired(word) or single(word) for word in term.words):
            yield from _within(words_of_text, term.words)
        else:
            yield from _side_by_side(words_of_text, term)


def _side_by_side(words_of_text: Sequence[Token], term: Term) -> Iterator[tuple[int, int]]:
    length = len(term.words)
    for place in range(len(words_of_text) - length + 1):
        words = [token.word for token in words_of_text[place : place + length]]
        last = words[-1].startswith(term.words[-1]) if term.prefix else words[-1] == term.words[-1]
        if last and words[:-1] == list(term.words[:-1]):
            yield words_of_text[place].start, words_of_text[place + length - 1].end


def _within(words_of_text: Sequence[Token], words: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yields where pairs of characters stand in runs of scripts without spaces, which folding leaves as long as they are."""
    for word in words:
        for token in words_of_text:
            start = token.word.find(word)
            while start >= 0 and len(token.word) == token.end - token.start:
                yield token.start + start, token.start + start + len(word)
                start = token.word.find(word, start + 1)
