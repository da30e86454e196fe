"""Fields: articles of which some lack a field, and then all do, because what read it is broken."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.alarms.outcomes import Outcome, edges
from services.storage.health import makes, shares
from services.storage.health.makes import Makes
from services.storage.health.shares import Share

DAYS = 365
# How likely an article is like the one before: lacking a field, or made oddly.
RUN, ODD_RUN = 0.5, 0.4
# Pages that are made oddly (live blogs, videos) and lack what the others may have.
ODD = 0.02
# In a section one of so many articles is otherwise than its others.
EXCEPTIONS = 0.02
LONGEST = 400


class Case(NamedTuple):
    """Articles a day, the share that usually lacks a field, and how they lack it: `runs`, or all of one `section`, and whether
    what breaks it is a `redesign` that shows on the pages."""

    a_day: float
    usual: float
    lacks: str = "runs"
    breaks: str = "one field"


class Learned(NamedTuple):
    """What is learned of a site of one field."""

    share: Share = Share()
    makes: Makes = Makes()


Article = tuple[bool, str, str]


def field(case: Case, random: np.random.Generator) -> Outcome:
    """Follows a field for a year, of which at least a thousand articles, then breaks it."""
    years = max(1.0, 1000 / (case.a_day * DAYS))
    learned, states = Learned(), []
    for article in articles(case, int(case.a_day * DAYS * years), random):
        learned = learn(learned, article, case.a_day * DAYS)
        states.append(learned.share.is_open)
    make = "new" if case.breaks == "redesign" else "usual"
    for number, (_, section, _) in enumerate(articles(case, LONGEST, random), start=1):
        learned = learn(learned, (True, section, make), case.a_day * DAYS)
        if learned.share.is_open:
            return Outcome(round(edges(states) / years), number)
    return Outcome(round(edges(states) / years), None)


def learn(learned: Learned, article: Article, a_year: float) -> Learned:
    """Returns what is learned of another article, as services/storage/health/state.py does it."""
    is_missing, section, make = article
    section = make if makes.is_odd(learned.makes, make) else section
    oddness = makes.oddness(learned.makes, make)
    share = shares.learn(learned.share, [is_missing], articles_a_year=a_year, section=section, oddness=oddness)
    return Learned(share, makes.learn(learned.makes, make))


def articles(case: Case, number: int, random: np.random.Generator) -> Iterator[Article]:
    """Yields articles: whether each lacks the field, its section and its make."""
    lacks = odd = False
    for chances in random.random((number, 5)):
        lacks = bool(chances[0] < case.usual) if chances[1] >= RUN else lacks
        odd = bool(chances[2] < ODD) if chances[3] >= ODD_RUN else odd
        section = "all"
        is_missing = lacks
        if case.lacks == "section":
            section, is_missing = ("agency" if lacks else "own"), lacks != bool(chances[4] < EXCEPTIONS)
        yield (is_missing or odd), section, "odd" if odd else "usual"
