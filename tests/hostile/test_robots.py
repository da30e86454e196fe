"""robots.txt by an attacker: what is narrowed to us means what it meant, and half a megabyte costs little."""

import time
import tracemalloc
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego
from redis import Redis

from services.fetcher.politeness.robots import KEY, LOCAL_CHARACTERS, PARSED_CHARACTERS, TEXT, Robots
from services.fetcher.politeness.robots_rules import parse
from services.fetcher.politeness.weighted_cache import WeightedCache
from services.fetcher.settings import FetcherSettings
from tests.hostile.wire_doors import Store

pytestmark = pytest.mark.hostile

AGENT = "newsmill"
LINES = st.builds(
    "{}{}".format,
    st.sampled_from(["User-agent: ", "user agent ", "UserAgent:", "User-agent : ", "Disallow: ", "Allow:", "Crawl-delay: ", "Sitemap: ", "#"]),
    st.sampled_from(["*", "**", "newsmill", "NEWS", "n*ews", "mill", "newsmillbot", "otherbot", "-", "", "/", "/a", "/a*b", "3", "newsmill # us"]),
)  # fmt: skip


@given(lines=st.lists(LINES, max_size=12), path=st.sampled_from(["/", "/a", "/aab", "/b"]))
def test_the_rules_for_us_are_those_of_the_whole_file(lines: list[str], path: str) -> None:
    text, url = "\n".join(lines), f"https://news.example{path}"
    narrowed, complete = parse(text, AGENT), Protego.parse(text)
    assert narrowed.can_fetch(url, AGENT) == complete.can_fetch(url, AGENT)
    assert narrowed.crawl_delay(AGENT) == complete.crawl_delay(AGENT)
    assert list(narrowed.sitemaps) == list(complete.sitemaps)


LARGEST = 500 * 1024
FAMILIES = {
    "as many crawlers as rules": "".join(f"User-agent: a{n}\n" for n in range(12_000)) + "".join(f"Disallow: /{n}\n" for n in range(12_000)),
    "one crawler under many names": "".join(f"User-agent: n{'*' * (n % 900)}ews\n" for n in range(500)) + "Disallow: /a\n" * 20_000,
    "spaces in the name": "".join(f"User  agent a{n}\n" for n in range(12_000)) + "Disallow: /a\n" * 12_000,
    "many rules": "User-agent: *\n" + "".join(f"Disallow: /{n}*x*y*z$\n" for n in range(25_000)),
    "wildcards": "User-agent: *\n" + "Disallow: /" + "*a" * 200_000 + "b\n",
    "one long line": "User-agent: *\nDisallow: /" + "%" * 500_000,
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_half_a_megabyte_of_rules_costs_little(family: str) -> None:
    started = time.process_time()
    rules = parse(FAMILIES[family][:LARGEST], AGENT)
    rules.can_fetch("https://news.example/" + "a" * 2000, AGENT)
    assert time.process_time() - started < 2


MOST_BYTES = 80


@pytest.mark.parametrize("family", FAMILIES)
def test_the_rules_of_a_file_take_memory_in_proportion_to_it(family: str) -> None:
    text = FAMILIES[family][:LARGEST]
    tracemalloc.start()
    rules = parse(text, AGENT)
    rules.can_fetch("https://news.example/a", AGENT)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < MOST_BYTES * len(text)


def test_what_a_process_remembers_of_robots_txt_is_bounded_by_its_size() -> None:
    store = Store()
    files = Robots(FetcherSettings(), cast("Redis", store))
    for number in range(40):
        store.set(f"{KEY}https://n{number}.example", f"{TEXT}# {number}\nDisallow: /" + "a" * LARGEST, ex=1)
        files.verdict(f"https://n{number}.example/page")
    assert 0 < files._local_records.weight <= LOCAL_CHARACTERS
    assert 0 < files._rules.weight <= PARSED_CHARACTERS


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 12)), max_size=40))
def test_the_newest_values_that_fit_are_kept(puts: list[tuple[str, int]]) -> None:
    cache = WeightedCache[int](limit=10)
    for key, weight in puts:
        cache.put(key, weight, weight)
        assert cache.get(key) == (weight if weight <= 10 else None)
        assert cache.weight == sum(cache.get(kept) or 0 for kept in "abcdef") <= 10
