"""The alarms of services/storage/health in a simulated year of many kinds of sites: how often they are false, how soon they come.

    python -m bench.alarms [--sites 12] [--seed 19] [--only year] [--kind daily] [--processes 2]

A site of each kind is followed for a year by the hour, in which nothing ever breaks: every alert is false. Then the same
site, with the year's experience or what it has by then, dies or breaks. Everything follows from the seed, the kind and the
number of the site, so that a table can be made in parts.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from typing import Any
from zlib import crc32

import numpy as np

from bench.alarms.articles import Case, field
from bench.alarms.channels import SHARES, channels
from bench.alarms.outcomes import HEAD, delays, row
from bench.alarms.silences import silences, volumes
from bench.alarms.worlds import KINDS, Kind
from bench.alarms.year import KINDS_OF_ALERTS, Year, year

TITLES = {
    "year": "All alarms of a site with three channels: false a site and year, and hours from its death to its alert",
    "silence": "Silence: hours from a site's death to its alert",
    "channels": "Channels of a site that lives: hours from a channel's death to its alert",
    "volume": "Volume: weeks from a fall to a fifth to its alert",
    "fields": "Fields: articles from a break to its alert",
}
CASES = (
    *(Case(30, usual) for usual in (0.0, 0.02, 0.1, 0.3, 0.5)),
    *(Case(a_day, 0.3) for a_day in (1, 10, 60, 120)),
    *(Case(30, usual, lacks="section") for usual in (0.1, 0.3, 0.5)),
    *(Case(30, usual, breaks="redesign") for usual in (0.0, 0.1, 0.3, 0.5)),
)
Study = Callable[[np.random.Generator], Any]


def outcomes(study: Study, name: str, sites: int, seed: int, executor: Executor) -> list[Any]:
    """Returns what became of each of some sites, which differ by chance alone."""
    randoms = [np.random.default_rng([seed, crc32(name.encode()), number]) for number in range(sites)]
    return list(executor.map(study, randoms))


def studies(table: str, kinds: Sequence[Kind]) -> Iterator[tuple[str, str, Study]]:
    """Yields the rows of a table: the name, the unit of delays, and what is done with one site."""
    if table == "fields":
        for case in CASES:
            name = f"{case.a_day} a day, {case.usual:.0%} in {case.lacks}, {case.breaks}"
            yield name, "articles", partial(field, case)
    elif table == "channels":
        for kind in kinds:
            for share in SHARES:
                yield f"{kind.name}; lists {share:.0%}", "h", partial(channels, kind, share)
    else:
        study, unit = {"year": (year, "h"), "silence": (silences, "h"), "volume": (volumes, "weeks")}[table]
        yield from ((kind.name, unit, partial(study, kind)) for kind in kinds)


def year_row(name: str, unit: str, years: Sequence[Year]) -> Sequence[str]:
    """Returns the cells of a kind of site: false alerts by kind and in sum, and delays."""
    by_kind = [sum(year.false[kind] for year in years) / len(years) for kind in KINDS_OF_ALERTS]
    return name, *(f"{number:.2f}" for number in (*by_kind, sum(by_kind))), *delays(unit, years)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=12, help="sites of each kind")
    parser.add_argument("--only", choices=TITLES, help="one table")
    parser.add_argument("--kind", default="", help="kinds of sites that are named so")
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    kinds = [kind for kind in KINDS if arguments.kind in kind.name]
    with ProcessPoolExecutor(arguments.processes) as executor:
        for table in [arguments.only] if arguments.only else TITLES:
            print(f"{TITLES[table]}; {arguments.sites} sites of each kind")
            head, cells = (HEAD, row) if table != "year" else (("", *KINDS_OF_ALERTS, "sum", *HEAD[2:]), year_row)
            _print(head)
            for name, unit, study in studies(table, kinds):
                _print(cells(name, unit, outcomes(study, name, arguments.sites, arguments.seed, executor)))


def _print(cells: Sequence[str]) -> None:
    print(f"{cells[0]:<44}" + "".join(f"{cell:>14}" for cell in cells[1:]), flush=True)


if __name__ == "__main__":
    main()
