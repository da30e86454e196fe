"""The watches that are active, ready to be compared with documents; read anew when a person has changed one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from sqlalchemy import func, select
from sqlmodel import Session, col

from services.courier.watches.percolator import Percolator
from shared.database.models import Article, Watch
from shared.database.search import words
from shared.query.document import Document
from shared.query.parse import parse
from shared.query.tree import Every, Field, Node, Not, Some

# The newest articles, of which it is learned which words are frequent.
SAMPLE = 300
# What a watch on alerts without a word asks for.
ANYTHING = Every(())


class Revision(NamedTuple):
    """What changes with every change of a watch."""

    number: int
    changes: int
    newest_id: int


class WatchIndex:
    """The active watches."""

    def __init__(self) -> None:
        self._revision: Revision | None = None
        self._frequency: Mapping[str, float] = {}
        self.watches: dict[int, Watch] = {}

    def refresh(self, session: Session) -> None:
        """Reads the watches if one has changed."""
        revision = _revision(session)
        if revision == self._revision:
            return
        self._frequency = self._frequency or _frequency(session)
        rows = session.scalars(select(Watch).where(col(Watch.state) == "active"))
        self.watches = {watch.id or 0: watch for watch in rows}
        for watch in self.watches.values():
            # Rows of this session alone would be read again in the next one.
            session.expunge(watch)
        self._articles = self._percolator("articles")
        self._alerts = self._percolator("alerts")
        self._by_papers = self._percolator("articles", by_papers=True)
        self._revision = revision

    @property
    def asks_papers(self) -> bool:
        """Whether a watch asks in how many newspapers a story is."""
        return len(self._by_papers) > 0

    def of_article(self, document: Document) -> list[int]:
        """Returns the ids of the watches that an article matches."""
        return cast("list[int]", self._articles.matches(document))

    def of_story(self, document: Document) -> list[int]:
        """Returns the ids of the watches that ask in how many newspapers a story is, and that an article matches."""
        return cast("list[int]", self._by_papers.matches(document))

    def of_alert(self, document: Document) -> list[int]:
        """Returns the ids of the watches that an alert matches."""
        return cast("list[int]", self._alerts.matches(document))

    def _percolator(self, about: str, *, by_papers: bool = False) -> Percolator:
        queries = (
            (watch_id, parse(watch.query) or ANYTHING)
            for watch_id, watch in self.watches.items()
            if watch.about == about
        )
        candidates = ((watch_id, node) for watch_id, node in queries if not by_papers or _asks_papers(node))
        return Percolator(candidates, self._frequency)


def _revision(session: Session) -> Revision:
    totals = select(func.count(), func.coalesce(func.sum(Watch.revision), 0), func.coalesce(func.max(Watch.id), 0))
    return Revision(*map(int, session.execute(totals.select_from(Watch)).one()))


def _frequency(session: Session) -> dict[str, float]:
    """Returns in how many of a hundred of the newest articles each word is."""
    rows = session.execute(select(col(Article.title), col(Article.text)).order_by(col(Article.id).desc()).limit(SAMPLE))
    texts = [f"{title} {text}" for title, text in rows]
    counts = Counter(word for text in texts for word in set(words(text)))
    return {word: 100 * number / len(texts) for word, number in counts.items()}


def _asks_papers(node: Node) -> bool:
    match node:
        case Field():
            return node.name == "papers"
        case Every() | Some():
            return _any_asks_papers(node.nodes)
        case Not():
            return _asks_papers(node.node)
    return False


def _any_asks_papers(nodes: Iterable[Node]) -> bool:
    return any(map(_asks_papers, nodes))
