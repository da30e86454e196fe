"""The publication date of an article: the choice among what a page declares and what it shows."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain

from services.parser.article import dateline, dates, dates_elsewhere, declared
from services.parser.article.byline import Publication
from services.parser.article.evidence import Value, ranked_dates
from services.parser.page.document import Document
from services.parser.rules.site_rules import Rules
from shared.contracts import Candidate

Candidates = tuple[Candidate, ...]

# When the best publication date is less confident, the whole page is searched for more.
_CONFIDENT_DATE = 0.8
# A less confident date does not make another more exact: it may be that of a change.
_RELIABLE_DATE = 0.4
# A printed date at the title, and one after a word such as "published", are as confident as this.
_PRINTED_DATE, _LABELLED_DATE = 0.54, 0.64
_BY_RULE = 1.0
# A printed date that contradicts when the text was created; a line of the author or the section may be above it.
_SHOWN_DATE = 0.5
_DAY = len("2026-10-09")
# On some systems these are when a text was entered, days before its publication.
_CREATION = frozenset(
    f"meta {name}" for name in
    "dc.date dc:date dc.date.created dc:created dcterms.date dcterms.created dcterms:created datecreated article.created".split()
)  # fmt: skip
# Found anywhere on the page: these may be another article's.
_GUESSED = frozenset({"script", "marked as date", "attribute", "opening", "told anywhere", "anywhere"})


def candidates(
    document: Document,
    rules: Rules,
    publication: Publication | None,
    title: str | None,
    modified: Candidates,
    now: datetime,
) -> Candidates:
    """Returns the candidates for the publication date, the likeliest first and as exact as the others show it to be.

    Args:
        document: the page.
        rules: of its host.
        publication: what the line of an aggregator says of the original.
        title: of the article.
        modified: the candidates for the date of the last change.
        now: when the page was fetched; later dates are left out.
    """
    shown = tuple(dateline.visible_dates(document, title))
    values = chain(declared.rule_dates(document, rules, publication), declared.published_dates(document), shown)
    dated = ranked_dates(values, now, document)
    if not dated or dated[0].confidence < _CONFIDENT_DATE:
        first = ((candidate.value, candidate.source, candidate.confidence) for candidate in dated)
        dated = ranked_dates(chain(first, dates_elsewhere.fallback_dates(document)), now, document)
        dated = _not_after_change(dated, modified)
    if not dated:
        return ()
    instead = _printed_earlier(dated) or _shown_instead(dated, shown, modified, now, document)
    return _most_exact_first((instead, *(item for item in dated if item.value != instead.value)) if instead else dated)


def _not_after_change(dated: Candidates, modified: Candidates) -> Candidates:
    """Returns the candidates without guesses later than the declared change: these are other articles' dates."""
    if not modified:
        return dated
    last = _day_after(modified[0].value, 1)
    return tuple(item for item in dated if item.source not in _GUESSED or item.value[:_DAY] <= last)


def _printed_earlier(dated: Candidates) -> Candidate | None:
    """Returns an earlier date at the title than the declared one, where that may be a change's; None if there is none.

    Such are a meta element that is named "date" only, and JSON-LD where the earlier one is printed as the publication's.
    """
    if not dated[0].source.startswith(("JSON-LD", "meta date")):
        return None
    days, least = (1, _PRINTED_DATE) if dated[0].source == "meta date" else (2, _LABELLED_DATE)
    return next(_at_title(dated, least, _day_after(dated[0].value, -days)), None)


def _shown_instead(
    dated: Candidates, shown: tuple[Value, ...], modified: Candidates, now: datetime, document: Document
) -> Candidate | None:
    """Returns the date at the title where the page shows the declared one nowhere; None if it shows it, or there is none.

    It is earlier, as the declared one may be that of a move or a rebuilding; or the declared one is that of the text's entry.
    """
    first = dated[0]
    if first.confidence < _CONFIDENT_DATE or first.confidence == _BY_RULE:
        return None
    last = _day_after(first.value, -2)
    if first.source in _CREATION or (modified and first.value[:_DAY] > modified[0].value[:_DAY]):
        instead = next(_at_title(dated, _SHOWN_DATE), None)
    else:
        instead = next(_at_title(dated, _PRINTED_DATE, last), None)
    if instead is None or instead.value[:_DAY] in {item.value[:_DAY] for item in modified}:
        return None
    # The candidates have each value once, so that a declared date may be a shown one too.
    days = {item.value[:_DAY] for item in ranked_dates(shown, now, document) if item.confidence >= _RELIABLE_DATE}
    return None if first.value[:_DAY] in days else instead


def _at_title(dated: Candidates, least: float, last: str = "9") -> Iterator[Candidate]:
    """Yields the dates at the title with at least this confidence, up to a last day."""
    at_title = (item for item in dated if item.source == "near the title" and item.confidence >= least)
    return (item for item in at_title if item.value[:_DAY] <= last)


def _day_after(value: str, days: int) -> str:
    return (date.fromisoformat(value[:_DAY]) + timedelta(days=days)).isoformat()


def _most_exact_first(dated: Candidates) -> Candidates:
    """Returns the candidates, with the first as exact as the others show it to be."""
    reliable = [candidate.value for candidate in dated[1:] if candidate.confidence >= _RELIABLE_DATE]
    exact = dates.most_exact([dated[0].value, *reliable])
    first = next(
        (candidate for candidate in dated if candidate.value == exact), dated[0].model_copy(update={"value": exact})
    )
    return (first, *(candidate for candidate in dated if candidate.value != exact))
