"""robots.txt by an attacker: it means what it means to others, and half a megabyte costs little."""

import time
import tracemalloc
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego
from redis import Redis

from services.fetcher.politeness.robots import KEY, LOCAL_CHARACTERS, PARSED_CHARACTERS, TEXT, Robots
from services.fetcher.politeness.robots_rules import parse
from services.fetcher.politeness.weighted_cache import WeightedCache
from services.fetcher.settings import FetcherSettings
from shared.errors import NewsmillError
from tests.hostile.wire_doors import Store

pytestmark = pytest.mark.hostile

AGENT = "newsmill"
LINES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["User-agent:", "user agent", "UserAgent:", "User-agent :", "user  agent", "Disallow:", "Disallow", "dissallow :", "Allow:", "allow", "Crawl-delay:", "Crawl delay", "Sitemap:", "site-map", "Host:", "Request-rate:", "visit time", "foo:", "foo", "http://x", "#", ""]),
    st.sampled_from([" ", "", "\t"]),
    st.sampled_from(["*", "**", "newsmill", "NEWS", "n*ews", "mill", "newsmillbot", "otherbot", "-", "", "newsmill # us", "/", "/a", "/a*b", "*a", "/a$", "/$", "/*$", "/a$b", "/a%24", "/é", "/%c3%a9", "/%C3%A9x", "/%2f", "/%2A", "/%zz", "/%0A", "/%e6%9d", "/a b  c", "/=", "/?x", "/*?x", "/a/index.html", "/*/index.html", "https://news.example/a", "3", "1e3", "nan", "-1"]),
)  # fmt: skip
PATHS = ["/", "/a", "/aab", "/b", "/a$", "/a%24", "/é", "/%c3%a9x", "/%2f", "//", "/x/index.html", "/x/", "/a?x", "/?x", "/a%2Ab", "/a*b", "/%0a", "/a%20b", "/%3d", "/%E6%9D", "/%zz", "/robots.txt", "/https://news.example/a", "/a#b"]  # fmt: skip


@given(lines=st.lists(LINES, max_size=12), path=st.sampled_from(PATHS), new_line=st.sampled_from(["\n", "\r\n", "\r"]))
def test_rules_mean_what_they_mean_to_protego(lines: list[str], path: str, new_line: str) -> None:
    text, url = new_line.join(lines), f"https://news.example{path}"
    rules, reference = parse(text, AGENT), Protego.parse(text)
    assert rules.allows(url) == reference.can_fetch(url, AGENT)
    assert rules.delay == (reference.crawl_delay(AGENT) or 0)
    assert list(rules.sitemaps) == list(reference.sitemaps)


LARGEST = 500 * 1024
# They take 0.02 to 0.2 s; a busy machine measures more.
MOST_SECONDS = 0.6
FAMILIES = {
    "as many crawlers as rules": "".join(f"User-agent: a{n}\n" for n in range(12_000)) + "".join(f"Disallow: /{n}\n" for n in range(12_000)),
    "one crawler under many names": "".join(f"User-agent: n{'*' * (n % 900)}ews\n" for n in range(500)) + "Disallow: /a\n" * 20_000,
    "spaces in the name": "".join(f"User  agent a{n}\n" for n in range(12_000)) + "Disallow: /a\n" * 12_000,
    "many rules": "User-agent: *\n" + "".join(f"Disallow: /{n}*x*y*z$\n" for n in range(25_000)),
    "wildcards": "User-agent: *\n" + "Disallow: /" + "*a" * 200_000 + "b\n",
    "ends of paths": "User-agent: *\n" + "".join(f"Allow:/{n}$\n" for n in range(50_000)),
    "short wildcards": "User-agent: *\n" + "".join(f"Allow:/*{n:x}\n" for n in range(60_000)),
    "escapes": "User-agent: *\nDisallow: /" + "%41" * 170_000,
    "letters beyond ASCII": "User-agent: *\n" + "".join(f"Disallow: /é{n}\n" for n in range(40_000)),
    "every name of ours": "".join(f"User-agent:{'newsmill'[: n % 8 + 1]}\n" for n in range(1_000)) + "Allow:/a\n" * 50_000,
    "lines without a colon": "User-agent: *\n" + "allow /\n" * 70_000,
    "lines of a letter": "User-agent: *\n" + "a\n" * 250_000,
    "one long line": "User-agent: *\nDisallow: /" + "%" * 500_000,
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_half_a_megabyte_of_rules_costs_little(family: str) -> None:
    started = time.process_time()
    rules = parse(FAMILIES[family][:LARGEST], AGENT)
    rules.allows("https://news.example/" + "a" * 2000)
    assert time.process_time() - started < MOST_SECONDS


MOST_BYTES = 20


@pytest.mark.parametrize("family", FAMILIES)
def test_the_rules_of_a_file_take_memory_in_proportion_to_it(family: str) -> None:
    text = FAMILIES[family][:LARGEST]
    tracemalloc.start()
    rules = parse(text, AGENT)
    rules.allows("https://news.example/a")
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


class Foreign(Store):
    """A Redis in whose key of a robots.txt somebody else has written."""

    def __init__(self, record: bytes) -> None:
        self._record = record

    def get(self, key: str, default: Any = None) -> Any:
        return self._record


@given(
    st.binary(max_size=12)
    | st.sampled_from([b">", b">[]", b">{}", b">[1,1]", b'>["x"]', b'>["x","y"]', b"+\xff", b"-\xff"])
)
def test_a_record_that_somebody_else_wrote_is_read_or_asked_for_again(record: bytes) -> None:
    files = Robots(FetcherSettings(), cast("Redis", Foreign(record)))
    with suppress(NewsmillError):
        files.verdict("https://n.example/page")
    assert files.location("https://n.example/page")
