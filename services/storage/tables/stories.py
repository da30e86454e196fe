"""Stories: articles of different newspapers, or pages, that tell the same."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from services.storage.identity import near_duplicates
from services.storage.identity.near_duplicates import Pair, Text
from services.storage.tables.membership import Lookup, among
from services.storage.tables.upsert import is_postgres
from shared.database.models import Article, ArticleAlias, Story

# PostgreSQL's advisory lock under which one worker at a time joins stories.
LOCK = 4_157_001
_COPIES = (
    select(col(Article.id), col(ArticleAlias.article_id))
    .join(ArticleAlias, col(ArticleAlias.key) == col(Article.origin_key))
    .where(col(Article.original_id).is_(None), col(Article.id) != col(ArticleAlias.article_id))
)  # fmt: skip
# Two queries, because with an OR the planner would read every article.
_LINKS = (Lookup(_COPIES, Article.id), Lookup(_COPIES, ArticleAlias.article_id))


def write(session: Session, texts: Sequence[Text], new_ids: Sequence[int]) -> None:
    """Gives articles their stories, within the transaction that wrote them.

    Args:
        session: of that transaction.
        texts: of the articles that are new or newly worded.
        new_ids: the ids of the new articles, some of which may be copies or originals of others.
    """
    originals = _link_originals(session, new_ids)
    if is_postgres(session):
        # Two copies that are stored at the same moment by two workers must see each other.
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    groups = _connected([*originals, *near_duplicates.find(session, texts)])
    stories = _stories(session, groups)
    for group in groups:
        _join(session, group, sorted({stories[article_id] for article_id in group if article_id in stories}))


def _link_originals(session: Session, ids: Sequence[int]) -> list[Pair]:
    """Links aggregators' copies with their originals, whichever came first; returns the pairs that were not linked."""
    if not ids:
        return []
    pairs = sorted({(int(copy), int(original)) for links in _LINKS for copy, original in links.rows(session, ids)})
    if pairs:
        session.execute(update(Article), [{"id": copy, "original_id": original} for copy, original in pairs])
    return pairs


def _connected(pairs: Iterable[Pair]) -> list[set[int]]:
    groups: list[set[int]] = []
    for pair in pairs:
        touched = [group for group in groups if not group.isdisjoint(pair)]
        groups = [group for group in groups if group.isdisjoint(pair)]
        groups.append(set(pair).union(*touched))
    return groups


def _stories(session: Session, groups: Sequence[set[int]]) -> dict[int, int]:
    """Returns the stories that articles have already, by article id."""
    if not groups:
        return {}
    ids = set().union(*groups)
    query = select(col(Article.id), col(Article.story_id)).where(
        among(session, Article.id, ids), col(Article.story_id).is_not(None)
    )
    return {int(article_id or 0): int(story_id or 0) for article_id, story_id in session.execute(query)}


def _join(session: Session, group: set[int], stories: Sequence[int]) -> None:
    """Makes one story of a group of articles. The oldest of their stories stays."""
    story, *merged = stories or [_new_story(session)]
    if merged:
        session.execute(update(Article).where(among(session, Article.story_id, merged)).values(story_id=story))
        session.execute(delete(Story).where(among(session, Story.id, merged)))
    elsewhere = func.coalesce(col(Article.story_id), 0) != story
    session.execute(update(Article).where(among(session, Article.id, group), elsewhere).values(story_id=story))


def _new_story(session: Session) -> int:
    story = Story()
    session.add(story)
    session.flush()
    assert story.id is not None
    return story.id
