"""Shares: whether something that articles have is missing more often than before (a redesign, a wall, a shifted clock).

A cumulative sum test (Page 1954, "Continuous inspection schemes"): each article adds the logarithm of how much likelier it
is if the field is broken than if it is as usual, and the sum never falls below zero. Articles that lack a field come in runs
(agencies' news without bylines), so that what is usual is learned with decay apart for articles after one that has the field
and after one that lacks it, and likewise in each section, while the sum is low. A second sum is of the same kind, for a field
that a redesign has broken: of each article it takes besides how odd its page is made (`makes.py`), and comes far sooner. A
third says when the field is as usual again, so that an alert closes by itself.

Pure functions: nothing is read or written here.
"""

from collections.abc import Iterable, Mapping
from math import exp, log
from typing import NamedTuple

# Articles over which the usual share is learned.
MEMORY = 1000.0
# The prior: so many articles of which a share lacks the field, after one that has it and after one that lacks it.
PRIORS = (10.0, 0.1), (8.0, 0.5)
# What is usual on the whole counts for so many articles of a section, and so many sections are told apart.
PRIOR_SECTION, SECTIONS = 12.0, 8
# A field is judged after so many articles.
LEARNED_ARTICLES = 30
# The usual share is taken for somewhat larger than it is, and of a broken field most are missing that used to be there.
MARGIN = 0.02
# What hardly any article has cannot break.
MOST_USUAL = 0.9
BROKEN = 0.85
# The sum at which a field counts as broken is what so many articles in a row bring that lack it, within these bounds: the more
# often it is missing anyway, the less each says. The more articles a year, the more often chance alone comes far: the sum is
# for so many articles a year, and its logarithm grows with them; but of fewer than so many there is no telling.
FOUND_WITHIN, OPEN_AT, ARTICLES_A_YEAR, FEWEST_A_YEAR = 18.0, (7.8, 12.0), 5_000, 250
# The second sum at which it counts as broken by a redesign, likewise, and the sum at which it counts as usual again.
REDESIGNED_AT = 15.0
CLOSE_AT = 6.0
# After so many articles what was broken is usual.
ACCEPTED_AFTER = 500

# Articles and how many of them lack the field, both decayed.
Counts = tuple[float, float]
# Those of articles after one that has the field, and after one that lacks it.
Chain = tuple[Counts, Counts]
_NEW: Chain = ((0.0, 0.0), (0.0, 0.0))


class Share(NamedTuple):
    """What is learned of how often articles lack a field.

    Attributes:
        counts: of articles after one that has the field, and after one that lacks it.
        is_missing: whether the last article lacks it.
        broken: the sum that says whether it is missing more than usual.
        usual: the sum that says whether it is as usual again; used while it is open.
        is_open: whether the field counts as broken.
        since: the number of articles since the sum was zero last; while it is open, since it opened.
        sections: the counts of the sections that have brought most of late.
        redesigned: the sum that says whether a redesign has broken it.
    """

    counts: Chain = _NEW
    is_missing: bool = False
    broken: float = 0.0
    usual: float = 0.0
    is_open: bool = False
    since: int = 0
    sections: Mapping[str, Chain] = {}
    redesigned: float = 0.0

    @property
    def articles(self) -> float:
        """How many articles were learned, decayed."""
        return _articles(self.counts)

    @property
    def rate(self) -> float:
        """The share of articles that usually lack the field."""
        return (self.counts[0][1] + self.counts[1][1]) / max(self.articles, 1.0)


def learn(
    share: Share, missing: Iterable[bool], *, articles_a_year: float = 0.0, section: str = "", oddness: float = 0.0
) -> Share:
    """Returns what is learned of further articles, in their order; each lacks the field or has it.

    Args:
        share: before.
        missing: whether each article lacks the field.
        articles_a_year: of the site; 0 while that is not known.
        section: of the site in which the articles stand.
        oddness: the logarithm of how much likelier a page that is made so is after a redesign (`makes.py`).
    """
    for is_missing in missing:
        evidence = _evidence(share, section, is_missing)
        # A redesign that breaks nothing is none of our business.
        evidences = evidence, evidence + (oddness if is_missing else min(oddness, 0.0))
        share = (
            _judge_open(share, evidence)
            if share.is_open
            else _judge(_learn(share, section, is_missing, articles_a_year), evidences, articles_a_year)
        )._replace(is_missing=is_missing)
    return share


def _judge(share: Share, evidences: tuple[float, float], articles_a_year: float) -> Share:
    if share.articles < LEARNED_ARTICLES:
        return share
    doubt, redesigned = (
        max(0.0, before + evidence)
        for before, evidence in zip((share.broken, share.redesigned), evidences, strict=True)
    )
    since = share.since + 1 if doubt else 0
    is_open = doubt > _open_at(share, articles_a_year) or redesigned > REDESIGNED_AT + _growth(articles_a_year)
    return share._replace(broken=doubt, redesigned=redesigned, is_open=is_open, usual=0.0, since=since)


def _open_at(share: Share, articles_a_year: float) -> float:
    """Returns the sum at which a field counts as broken."""
    least, most = OPEN_AT
    usual = _usual(_rate(share.counts[True], *PRIORS[True]))
    growth = _growth(articles_a_year)
    return max(least + max(growth, 0.0), min(most, FOUND_WITHIN * log(_broken(usual) / usual) + min(growth, 0.0)))


def _growth(articles_a_year: float) -> float:
    return log(max(articles_a_year, FEWEST_A_YEAR) / ARTICLES_A_YEAR) if articles_a_year else 0.0


def _judge_open(share: Share, evidence: float) -> Share:
    if share.since > ACCEPTED_AFTER:
        return Share()
    back = max(0.0, share.usual - evidence)
    closed = back > CLOSE_AT
    return share._replace(
        is_open=not closed, broken=0.0 if closed else share.broken, redesigned=0.0, usual=back,
        since=0 if closed else share.since + 1,
    )  # fmt: skip


def _evidence(share: Share, section: str, is_missing: bool) -> float:
    """Returns the logarithm of how much likelier an article is if the field is broken."""
    if is_missing and share.rate > MOST_USUAL:
        return 0.0
    rate = _rate(share.counts[share.is_missing], *PRIORS[share.is_missing])
    if section in share.sections:
        after_has, after_lacks = share.sections[section]
        section_rate = _rate((after_has[0] + after_lacks[0], after_has[1] + after_lacks[1]), PRIOR_SECTION, rate)
        rate = _rate(share.sections[section][share.is_missing], PRIOR_SECTION, max(rate, section_rate))
    usual = _usual(rate)
    broken = _broken(usual)
    return log(broken / usual) if is_missing else log((1 - broken) / (1 - usual))


def _rate(counts: Counts, prior_articles: float, prior_share: float) -> float:
    articles, missing = counts
    return (missing + prior_articles * prior_share) / (articles + prior_articles)


def _usual(rate: float) -> float:
    return min(rate + MARGIN, MOST_USUAL)


def _broken(usual: float) -> float:
    return usual + (1 - usual) * BROKEN


def _learn(share: Share, section: str, is_missing: bool, articles_a_year: float) -> Share:
    """Returns a share that has counted an article, unless the field is in doubt."""
    if max(share.broken, share.redesigned) >= _open_at(share, articles_a_year) / 2:
        return share
    sections = {**share.sections, section: _count(share.sections.get(section, _NEW), share.is_missing, is_missing)}
    if len(sections) > SECTIONS:
        # All that is left out of a section is as if it had never been there.
        del sections[min(share.sections, key=lambda name: _articles(share.sections[name]))]
    return share._replace(counts=_count(share.counts, share.is_missing, is_missing), sections=sections)


def _count(chain: Chain, was_missing: bool, is_missing: bool) -> Chain:
    keep = exp(-1 / MEMORY)
    counts = [(keep * articles, keep * missing) for articles, missing in chain]
    articles, missing = counts[was_missing]
    counts[was_missing] = (articles + 1, missing + is_missing)
    return counts[0], counts[1]


def _articles(chain: Chain) -> float:
    return chain[0][0] + chain[1][0]
