"""The consumer `watches`: events become matches and what is sent of them, in the transaction in which its position advances.

So each event is matched exactly once, whatever is killed. A watch matches an article or a story once: its matches are
unique in the database.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client import Counter
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select
from sqlmodel import Session, col

from services.courier.watches import candidates, payloads
from services.courier.watches.candidates import Candidate
from services.courier.watches.index import WatchIndex
from shared.contracts import now_utc
from shared.database.event_log import LoggedEvent
from shared.database.models import Article, Delivery, Match, Receiver, Watch

MATCHES = Counter("newsmill_watch_matches_total", "Matches of watches.", ["about"])

ARTICLES = {"article.stored": "new", "article.updated": "edited"}
ALERTS = frozenset({"site.silent", "site.failing", "site.changed", "site.recovered"})
# What an import or a replay brings is no news.
LIVE = "live"
# Articles of stories that may match since their story has grown, in a batch.
MOST_OF_STORIES = 1000

Hit = tuple[int, Candidate]


class Matching:
    """Finds matches and writes them.

    Args:
        ring: called when there is something to send, after the commit.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._index = WatchIndex()

    def write(self, session: Session, events: Sequence[LoggedEvent]) -> None:
        """Writes what follows from a batch of events."""
        self._index.refresh(session)
        if not self._index.watches:
            return
        new_matches = self._new(session, [*self._of_articles(session, events), *self._of_alerts(session, events)])
        if not new_matches:
            return
        matches = [_match(watch_id, candidate) for watch_id, candidate in new_matches]
        session.add_all(matches)
        session.flush()
        session.add_all(_deliveries(session, self._index.watches, matches))
        for match in matches:
            MATCHES.labels(self._index.watches[match.watch_id].about).inc()
        sqlalchemy_event.listen(session, "after_commit", lambda _: self._ring(), once=True)

    def _of_articles(self, session: Session, events: Iterable[LoggedEvent]) -> Iterator[Hit]:
        kinds: dict[int, str] = {}
        for event in events:
            if event.type in ARTICLES and event.data.get("origin", LIVE) == LIVE:
                kinds.setdefault(int(event.data["article_id"]), ARTICLES[event.type])
        articles = candidates.of_articles(session, kinds) if kinds else []
        for candidate in articles:
            yield from ((watch_id, candidate) for watch_id in self._index.of_article(candidate.document))
        if stories := {candidate.story_id for candidate in articles if candidate.story_id}:
            yield from self._of_stories(session, stories, kinds)

    def _of_stories(self, session: Session, stories: Iterable[int], articles: Mapping[int, str]) -> Iterator[Hit]:
        """Yields what matches because its story has come to more newspapers."""
        if not self._index.asks_papers:
            return
        ids = set(candidates.ids_of_stories(session, stories, MOST_OF_STORIES)) - articles.keys()
        for candidate in candidates.of_articles(session, dict.fromkeys(ids, "story")):
            yield from ((watch_id, candidate) for watch_id in self._index.of_story(candidate.document))

    def _of_alerts(self, session: Session, events: Iterable[LoggedEvent]) -> Iterator[Hit]:
        if alerts := [event for event in events if event.type in ALERTS]:
            for candidate in candidates.of_alerts(session, alerts):
                yield from ((watch_id, candidate) for watch_id in self._index.of_alert(candidate.document))

    def _new(self, session: Session, hits: Sequence[Hit]) -> list[Hit]:
        """Returns what was not matched before, one of a story where the watch folds."""
        if not hits:
            return []
        subjects = _matched_subjects(session, {candidate.subject for _, candidate in hits})
        stories = _matched_stories(session, {candidate.story_id for _, candidate in hits if candidate.story_id})
        new = []
        for watch_id, candidate in hits:
            folded = self._index.watches[watch_id].fold and (watch_id, candidate.story_id) in stories
            if (watch_id, candidate.subject) in subjects or folded:
                continue
            subjects.add((watch_id, candidate.subject))
            if candidate.story_id:
                stories.add((watch_id, candidate.story_id))
            new.append((watch_id, candidate))
        return new


def _matched_subjects(session: Session, subjects: set[str]) -> set[tuple[int, str]]:
    query = select(col(Match.watch_id), col(Match.subject)).where(col(Match.subject).in_(subjects))
    return {(watch_id, subject) for watch_id, subject in session.execute(query)}


def _matched_stories(session: Session, stories: set[int]) -> set[tuple[int, int | None]]:
    """Returns which watches have matched which stories. Stories may have been joined since."""
    if not stories:
        return set()
    query = (
        select(col(Match.watch_id), col(Article.story_id))
        .join(Article, col(Article.id) == col(Match.article_id))
        .where(col(Article.story_id).in_(stories))
    )
    return {(watch_id, story_id) for watch_id, story_id in session.execute(query)}


def _match(watch_id: int, candidate: Candidate) -> Match:
    return Match(
        watch_id=watch_id, subject=candidate.subject, article_id=candidate.article_id, kind=candidate.kind,
        title=candidate.title, url=candidate.url, record=candidate.record, matched_at=now_utc(),
    )  # fmt: skip


def _deliveries(session: Session, watches: Mapping[int, Watch], matches: Sequence[Match]) -> Iterator[Delivery]:
    """Yields what is sent at once: a webhook for each match, a notification for all matches of a watch."""
    by_watch: dict[int, list[Match]] = defaultdict(list)
    for match in matches:
        by_watch[match.watch_id].append(match)
    at_once = select(Receiver).where(
        col(Receiver.watch_id).in_(by_watch), col(Receiver.rhythm) == "at-once", col(Receiver.state) == "active"
    )
    moment = now_utc()
    for receiver in session.scalars(at_once.order_by(col(Receiver.id))):
        watch, group = watches[receiver.watch_id], by_watch[receiver.watch_id]
        if receiver.kind == "webhook" or len(group) == 1:
            contents = [payloads.of_match(watch, match, moment) for match in group]
        else:
            contents = [payloads.of_digest(watch, group, moment)]
        yield from (
            Delivery(receiver_id=receiver.id or 0, message_id=payloads.message_id(), payload=payload, next_at=moment)
            for payload in contents
        )
