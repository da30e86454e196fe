"""The publication date of an article: the choice among what a page declares and what it shows."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from itertools import chain

from services.parser.article import dates, declared
from services.parser.article.evidence import Value, Values, ranked, ranked_dates
from services.parser.article.publication import dateline, dates_elsewhere
from services.parser.article.publication.publication_line import Publication
from services.parser.page.document import Document
from services.parser.rules.site_rules import Rules
from shared.contracts import Candidate

Candidates = tuple[Candidate, ...]

# When the best publication date is less confident, the whole page is searched for more.
_CONFIDENT_DATE, _SURE_DATE = 0.8, 0.9
# A less confident date does not make another more exact: it may be that of a change.
_RELIABLE_DATE = 0.4
# A printed date at the title, and one after a word such as "published", are as confident as this.
_PRINTED_DATE, _LABELLED_DATE = 0.54, 0.64
_BY_RULE = 1.0
_YEARLESS = 0.2
# A printed date that contradicts when the text was created; a line of the author or the section may be above it.
_SHOWN_DATE = 0.5
_DAY = len("2026-10-09")
# On some systems these are when a text was entered, days before its publication.
_CREATION = frozenset(
    f"meta {name}" for name in
    "dc.date dc:date dc.date.created dc:created dcterms.date dcterms.created dcterms:created datecreated article.created".split()
)  # fmt: skip
_SHOWN = frozenset({"near the title", "URL"})
# Found anywhere on the page: these may be another article's.
_GUESSED = frozenset({"script", "marked as date", "attribute", "opening", "told anywhere", "anywhere"})


def candidates(
    document: Document,
    rules: Rules,
    publication: Publication | None,
    title: str | None,
    *,
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
    visible = tuple(dateline.visible_dates(document, title))
    values = chain(declared.rule_dates(document, rules, publication), declared.published_dates(document), visible)
    dated = ranked_dates(values, now, document)
    if not dated or dated[0].confidence < _CONFIDENT_DATE:
        first = ((candidate.value, candidate.source, candidate.confidence) for candidate in dated)
        dated = ranked_dates(chain(first, dates_elsewhere.fallback_dates(document)), now, document)
        dated = _not_after_change(dated, modified)
    if not dated:
        return ranked(_without_year(visible, modified, now))
    days_shown = partial(_days_of, visible, now, document)
    instead = _printed_earlier(dated) or _shown_instead(dated, modified, days_shown)
    ordered = (instead, *(item for item in dated if item.value != instead.value)) if instead else dated
    return _most_exact_first(ordered, dates.home_zone(document.url, document.language))


def _without_year(visible: tuple[Value, ...], modified: Candidates, now: datetime) -> Values:
    """Yields the dates at the title that leave out the year."""
    days = [item.value for item in modified]
    for text, source, confidence in visible:
        if source == "near the title" and text:
            yield dates.completed(text, days, now), source, confidence - _YEARLESS


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


def _shown_instead(dated: Candidates, modified: Candidates, days_shown: Callable[[], set[str]]) -> Candidate | None:
    """Returns the date that the page shows instead of the declared one; None if it shows the declared one, or there is none."""
    first = dated[0]
    if not _CONFIDENT_DATE <= first.confidence < _BY_RULE:
        return None
    changes = {item.value[:_DAY] for item in modified}
    doubts = [item for item in _doubts(dated, modified) if item.value[:_DAY] not in changes]
    if not doubts:
        return None
    days = days_shown()
    if first.value[:_DAY] in days:
        return None
    return next((item for item in doubts if item.source in _SHOWN or item.value[:_DAY] in days), None)


def _doubts(dated: Candidates, modified: Candidates) -> Iterator[Candidate]:
    """Yields the dates that may be right where the declared one, of which the page shows nothing, is that of something else.

    It may be when the text was entered, or when the site was moved or built anew; then the address and the title have an
    earlier day.
    """
    first, last = dated[0], _day_after(dated[0].value, -2)
    if first.source in _CREATION:
        yield from _at_title(dated, _SHOWN_DATE)
        return
    yield from (item for item in dated if item.source == "URL" and item.value[:_DAY] <= last)
    if not first.source.startswith("JSON-LD") or (modified and first.value[:_DAY] >= modified[0].value[:_DAY]):
        yield from _at_title(dated, _PRINTED_DATE, last)
    # Another declared date counts if the page shows it.
    for item in dated[1:]:
        is_later = item.value[:_DAY] >= _day_after(first.value, 2) and item.confidence >= _SURE_DATE
        if is_later or (item.value[:_DAY] <= last and item.confidence >= _CONFIDENT_DATE):
            yield item


def _days_of(visible: tuple[Value, ...], now: datetime, document: Document) -> set[str]:
    """Returns the days that a page shows; its candidates have each value once, so that a declared date may be a shown one too."""
    return {item.value[:_DAY] for item in ranked_dates(visible, now, document) if item.confidence >= _RELIABLE_DATE}


def _at_title(dated: Candidates, least: float, last: str = "9") -> Iterator[Candidate]:
    """Yields the dates at the title with at least this confidence, up to a last day."""
    at_title = (item for item in dated if item.source == "near the title" and item.confidence >= least)
    return (item for item in at_title if item.value[:_DAY] <= last)


def _day_after(value: str, days: int) -> str:
    return (date.fromisoformat(value[:_DAY]) + timedelta(days=days)).isoformat()


def _most_exact_first(dated: Candidates, home: tzinfo | None) -> Candidates:
    """Returns the candidates, with the first as exact as the others show it to be."""
    reliable = [candidate.value for candidate in dated[1:] if candidate.confidence >= _RELIABLE_DATE]
    exact = dates.most_exact([dated[0].value, *reliable], home)
    first = next(
        (candidate for candidate in dated if candidate.value == exact), dated[0].model_copy(update={"value": exact})
    )
    return (first, *(candidate for candidate in dated if candidate.value != exact))
