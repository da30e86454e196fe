"""Which of many queries a document matches, without asking each of them.

Of each query one of the rarest words that a matching document must have is its clue; where there are alternatives, one of
each. A document is compared with those queries alone of whose clues it has one. Pure.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from shared.query.document import Document, label
from shared.query.tree import Every, Field, Near, Node, Not, Some, Term

# How often a word is expected, where nothing is known of it: a long one is rare.
UNKNOWN = 1.0


class Clue(NamedTuple):
    """What a document must have to be compared with a query."""

    kind: Literal["word", "beginning", "site", "language", "tag", "publisher"]
    value: str


# A property of documents is expected as often as a word that is in so many of a hundred.
_COMMON: Mapping[str, float] = {"site": 2.0, "publisher": 2.0, "tag": 2.0, "language": 50.0, "beginning": 5.0}


class Percolator:
    """An index of queries.

    Args:
        queries: by a name of the caller's.
        frequency: in how many of a hundred documents a word is, as far as that is known.
    """

    def __init__(self, queries: Iterable[tuple[Hashable, Node]], frequency: Mapping[str, float]) -> None:
        self._frequency = frequency
        self._queries = dict(queries)
        self._by_clue: dict[Clue, list[Hashable]] = defaultdict(list)
        self._without_clue: list[Hashable] = []
        for name, node in self._queries.items():
            clues = self._clues(node)
            for clue in clues or ():
                self._by_clue[clue].append(name)
            if clues is None:
                self._without_clue.append(name)
        self._words = frozenset(clue.value for clue in self._by_clue if clue.kind == "word")
        self._beginnings: dict[int, set[str]] = defaultdict(set)
        for clue in self._by_clue:
            if clue.kind == "beginning":
                self._beginnings[len(clue.value)].add(clue.value)

    def __len__(self) -> int:
        return len(self._queries)

    def matches(self, document: Document) -> list[Hashable]:
        """Returns the names of the queries that a document matches."""
        candidates = dict.fromkeys(self._without_clue)
        for clue in self._clues_in(document):
            candidates |= dict.fromkeys(self._by_clue.get(clue, ()))
        return [name for name in candidates if document.matches(self._queries[name])]

    def _clues_in(self, document: Document) -> Iterator[Clue]:
        """Yields what a document has that may be a clue."""
        yield from (Clue("word", word) for word in self._words.intersection(document.vocabulary))
        for length, beginnings in self._beginnings.items():
            shared_beginnings = beginnings.intersection({word[:length] for word in document.vocabulary})
            yield from (Clue("beginning", beginning) for beginning in shared_beginnings)
        yield from (Clue("site", domain) for domain in document.domains)
        yield from (Clue("language", language) for language in document.languages)
        yield from (Clue("tag", tag) for tag in document.tags)
        yield Clue("publisher", document.publisher)

    def _clues(self, node: Node) -> frozenset[Clue] | None:
        """Returns clues, of which a document that matches has at least one; None if it may have none."""
        match node:
            case Term():
                return frozenset({min(_of_term(node), key=self._expected)})
            case Near():
                return self._rarest((node.first, node.second))
            case Every():
                return self._rarest(node.nodes)
            case Some():
                alternatives = [self._clues(alternative) for alternative in node.nodes]
                return (
                    None if None in alternatives else frozenset(clue for clues in alternatives for clue in clues or ())
                )
            case Field() if node.name != "papers":
                return frozenset({_of_field(node)})
            case Field() | Not():
                return None

    def _rarest(self, nodes: Iterable[Node]) -> frozenset[Clue] | None:
        choices = [clues for clues in map(self._clues, nodes) if clues is not None]
        return min(choices, key=self._cost, default=None)

    def _cost(self, clues: frozenset[Clue]) -> float:
        return sum(map(self._expected, clues))

    def _expected(self, clue: Clue) -> float:
        """Returns how many of a hundred documents have a clue, about."""
        if clue.kind == "word":
            return self._frequency.get(clue.value, 0.0) + UNKNOWN / len(clue.value)
        return _COMMON[clue.kind]


def _of_term(term: Term) -> list[Clue]:
    """Returns the clues of a term: its whole words, or the beginning of one that stands alone."""
    complete_words = term.words[:-1] if term.prefix else term.words
    return [Clue("word", word) for word in complete_words] or [Clue("beginning", term.words[-1])]


def _of_field(field: Field) -> Clue:
    assert field.name != "papers"
    value = label(field.value) if field.name in {"tag", "publisher"} else field.value
    return Clue(field.name, value)
