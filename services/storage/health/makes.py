"""Makes: how the pages of a site are made, so that a page which is made otherwise is known as odd.

A page's make is from where its title, date and site were read (JSON-LD, OpenGraph, the text …). A site has one or a few. After
a redesign all pages have a new one: that alone breaks nothing, but what such pages lack was likelier lost than left out. Odd
pages come in runs (a live blog on an election's day), so that how often they come is learned apart after an odd one.

Pure functions: nothing is read or written here.
"""

from collections.abc import Mapping
from math import exp, log
from typing import NamedTuple

from services.storage.health.shares import LEARNED_ARTICLES, MEMORY, Counts

# A make is odd that so small a share of the site's pages has.
ODD = 0.1
# How many makes are remembered.
MAKES = 8
# The prior of how often a page is odd: pages and a share of them, after one that is not odd and after one that is.
PRIORS = (20.0, 0.02), (4.0, 0.6)
# How often a page is odd after a redesign.
REDESIGNED = 0.95


class Makes(NamedTuple):
    """What is learned of a site's makes.

    Attributes:
        pages: of each make, decayed.
        counts: pages and odd ones among them, decayed, after a page that is not odd and after one that is.
        was_odd: whether the last page was odd.
    """

    pages: Mapping[str, float] = {}
    counts: tuple[Counts, Counts] = ((0.0, 0.0), (0.0, 0.0))
    was_odd: bool = False


def is_odd(makes: Makes, make: str) -> bool:
    """Whether hardly any page of the site has this make."""
    total = sum(makes.pages.values())
    return bool(make) and total >= LEARNED_ARTICLES and makes.pages.get(make, 0.0) < ODD * total


def oddness(makes: Makes, make: str) -> float:
    """Returns the logarithm of how much likelier a page of a make is after a redesign; 0 where too little is known."""
    if not make or sum(makes.pages.values()) < LEARNED_ARTICLES:
        return 0.0
    (pages, odd), (prior_pages, prior_share) = makes.counts[makes.was_odd], PRIORS[makes.was_odd]
    usual = (odd + prior_pages * prior_share) / (pages + prior_pages)
    return log(REDESIGNED / usual) if is_odd(makes, make) else log((1 - REDESIGNED) / (1 - usual))


def learn(makes: Makes, make: str) -> Makes:
    """Returns what is learned of another page; pages whose make is unknown say nothing."""
    if not make:
        return makes
    keep, odd_page = exp(-1 / MEMORY), is_odd(makes, make)
    pages = {name: keep * number for name, number in makes.pages.items()}
    pages[make] = pages.get(make, 0.0) + 1
    if len(pages) > MAKES:
        del pages[min(makes.pages, key=lambda name: pages[name])]
    counts = [(keep * number, keep * odd) for number, odd in makes.counts]
    number, odd = counts[makes.was_odd]
    counts[makes.was_odd] = (number + 1, odd + odd_page)
    return Makes(pages, (counts[0], counts[1]), odd_page)
