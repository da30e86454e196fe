"""Shares: whether something that articles have is missing more often than before (a redesign, a wall, a shifted clock).

A cumulative sum test (Page 1954, "Continuous inspection schemes"): each article adds the logarithm of how much likelier it
is if the field is broken than if it is as usual, and the sum never falls below zero. Articles that lack a field come in runs
(a section without bylines), so that what is usual is learned with decay apart for articles after one that has the field and
after one that lacks it, while the sum is low. A second sum of the same kind says when the field is as usual again, so that
an alert closes by itself.

Pure functions: nothing is read or written here.
"""

from collections.abc import Iterable
from math import exp, log
from typing import NamedTuple

# Articles over which the usual share is learned.
MEMORY = 400.0
# The prior: so many articles of which a share lacks the field, after one that has it and after one that lacks it.
PRIORS = (10.0, 0.1), (8.0, 0.5)
# A field is judged after so many articles.
LEARNED_ARTICLES = 30
# The usual share is taken for somewhat larger than it is, and of a broken field most are missing that used to be there.
MARGIN = 0.02
# What hardly any article has cannot break.
MOST_USUAL = 0.9
BROKEN = 0.85
# The sums at which a field counts as broken, and as usual again. The more articles a year, the more often chance alone
# comes far, so that the first holds up to so many articles a year and grows with the logarithm beyond.
OPEN_AT, CLOSE_AT = 8.6, 6.0
ARTICLES_A_YEAR = 5_000
# After so many articles what was broken is usual.
ACCEPTED_AFTER = 500

# Articles and how many of them lack the field, both decayed.
Counts = tuple[float, float]


class Share(NamedTuple):
    """What is learned of how often articles lack a field.

    Attributes:
        counts: of articles after one that has the field, and after one that lacks it.
        is_missing: whether the last article lacks it.
        broken: the sum that says whether it is missing more than usual.
        usual: the sum that says whether it is as usual again; used while it is open.
        is_open: whether the field counts as broken.
        since: the number of articles since the sum was zero last; while it is open, since it opened.
    """

    counts: tuple[Counts, Counts] = ((0.0, 0.0), (0.0, 0.0))
    is_missing: bool = False
    broken: float = 0.0
    usual: float = 0.0
    is_open: bool = False
    since: int = 0

    @property
    def articles(self) -> float:
        """How many articles were learned, decayed."""
        return self.counts[0][0] + self.counts[1][0]

    @property
    def rate(self) -> float:
        """The share of articles that usually lack the field."""
        return (self.counts[0][1] + self.counts[1][1]) / max(self.articles, 1.0)


def limit(articles_a_year: float) -> float:
    """Returns the sum at which a field of a site with so many articles a year counts as broken."""
    return OPEN_AT + log(max(1.0, articles_a_year / ARTICLES_A_YEAR))


def learn(share: Share, missing: Iterable[bool], open_at: float = OPEN_AT) -> Share:
    """Returns what is learned of further articles, in their order; each lacks the field or has it.

    Args:
        share: before.
        missing: whether each article lacks the field.
        open_at: the sum at which the field counts as broken.
    """
    for is_missing in missing:
        share = _judge(share, is_missing, open_at)._replace(is_missing=is_missing)
    return share


def _judge(share: Share, is_missing: bool, open_at: float) -> Share:
    if share.is_open:
        return _judge_open(share, is_missing)
    learned = _learn(share, is_missing) if share.broken < open_at / 2 else share
    if learned.articles < LEARNED_ARTICLES:
        return learned
    doubt = max(0.0, share.broken + _evidence(share, is_missing))
    since = share.since + 1 if doubt else 0
    return learned._replace(broken=doubt, is_open=doubt > open_at, usual=0.0, since=since)


def _judge_open(share: Share, is_missing: bool) -> Share:
    if share.since > ACCEPTED_AFTER:
        return Share()
    back = max(0.0, share.usual - _evidence(share, is_missing))
    closed = back > CLOSE_AT
    return share._replace(
        is_open=not closed, broken=0.0 if closed else share.broken, usual=back, since=0 if closed else share.since + 1
    )


def _evidence(share: Share, is_missing: bool) -> float:
    """Returns the logarithm of how much likelier an article is if the field is broken."""
    (articles, missing), (prior_articles, prior_share) = share.counts[share.is_missing], PRIORS[share.is_missing]
    rate = (missing + prior_articles * prior_share) / (articles + prior_articles)
    usual = min(rate + MARGIN, MOST_USUAL)
    broken = usual + (1 - usual) * BROKEN
    if is_missing and share.rate > MOST_USUAL:
        return 0.0
    return log(broken / usual) if is_missing else log((1 - broken) / (1 - usual))


def _learn(share: Share, is_missing: bool) -> Share:
    keep = exp(-1 / MEMORY)
    counts = [(keep * articles, keep * missing) for articles, missing in share.counts]
    articles, missing = counts[share.is_missing]
    counts[share.is_missing] = (articles + 1, missing + is_missing)
    return share._replace(counts=(counts[0], counts[1]))
