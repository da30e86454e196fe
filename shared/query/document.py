"""Whether a document is what a query asks for, without a database: as the searches of both databases find it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from shared.database.search import words
from shared.query.tree import Every, Field, Near, Node, Not, Some, Term


def label(text: str) -> str:
    """Returns a tag or a name as its words, by which it is compared."""
    return " ".join(words(text))


def subtags(code: str) -> Iterator[str]:
    """Yields a language with and without its script and country: `zh-hans-cn`, `zh-hans`, `zh`."""
    parts = code.lower().replace("_", "-").split("-")
    return ("-".join(parts[:end]) for end in range(len(parts), 0, -1))


def domains(host: str) -> Iterator[str]:
    """Yields a host and the domains above it, but for the topmost."""
    labels = host.split(".")
    return (".".join(labels[start:]) for start in range(max(len(labels) - 1, 1)))


@dataclass(frozen=True)
class Document:
    """A text and what is known of it.

    Attributes:
        words: of the text, in order, as they are indexed (shared.database.search.words).
        domains: the hosts of its addresses and the domains above them.
        languages: its language with and without script and country.
        tags: their labels.
        publisher: the label of the newspaper.
        papers: in how many newspapers its story is.
    """

    words: Sequence[str]
    domains: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    publisher: str = ""
    papers: int = 1

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each word stands."""
        places: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            places.setdefault(word, []).append(place)
        return places

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word once."""
        return frozenset(self.words)

    @cached_property
    def sorted_vocabulary(self) -> list[str]:
        """Every word once, in order."""
        return sorted(self.vocabulary)

    def matches(self, node: Node) -> bool:
        """Returns whether the document is what a query asks for."""
        match node:
            case Term():
                return any(True for _ in self._starts(node))
            case Near():
                return self._near(node)
            case Field():
                return self._has(node)
            case Every():
                return all(map(self.matches, node.nodes))
            case Some():
                return any(map(self.matches, node.nodes))
            case Not():
                return not self.matches(node.node)

    def _has(self, field: Field) -> bool:
        if field.name == "papers":
            return self.papers >= int(field.value)
        if field.name == "publisher":
            return self.publisher == label(field.value)
        values = {"site": self.domains, "language": self.languages, "tag": self.tags}[field.name]
        return (label(field.value) if field.name == "tag" else field.value) in values

    def _starts(self, term: Term) -> Iterator[int]:
        """Yields the places at which a term begins."""
        first, *following_words = term.words
        if not following_words:
            yield from self._beginning_with(first) if term.prefix else self.places.get(first, ())
            return
        for place in self.places.get(first, ()):
            side_by_side = self.words[place + 1 : place + len(term.words)]
            if side_by_side == following_words or (term.prefix and _begins(side_by_side, following_words)):
                yield place

    def _beginning_with(self, prefix: str) -> Iterator[int]:
        for word in self.sorted_vocabulary[bisect_left(self.sorted_vocabulary, prefix) :]:
            if not word.startswith(prefix):
                return
            yield from self.places[word]

    def _near(self, near: Near) -> bool:
        second = sorted(self._starts(near.second))
        reach_after = near.distance + len(near.first.words)
        reach_before = near.distance + len(near.second.words)
        for place in self._starts(near.first):
            following = bisect_left(second, place - reach_before)
            if following < len(second) and second[following] <= place + reach_after:
                return True
        return False


def _begins(side_by_side: Sequence[str], words: Sequence[str]) -> bool:
    """Whether words of a text are those of a term, the last of which is the beginning of a word."""
    *complete_words, beginning = words
    return (
        len(side_by_side) == len(words)
        and list(side_by_side[:-1]) == complete_words
        and side_by_side[-1].startswith(beginning)
    )


def document(
    *texts: str,
    hosts: Iterable[str] = (),
    languages: Iterable[str] = (),
    tags: Iterable[str] = (),
    publisher: str | None = None,
    papers: int = 1,
) -> Document:
    """Returns a document of texts that are searched as one."""
    return Document(
        words(" ".join(texts)),
        domains=frozenset(domain for host in hosts for domain in domains(host)),
        languages=frozenset(code for language in languages for code in subtags(language)),
        tags=frozenset(map(label, tags)),
        publisher=label(publisher or ""),
        papers=papers,
    )
