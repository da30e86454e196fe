"""Any single failure loses nothing and doubles nothing: what a site served is compared with what the database holds.

Bounded as it stands: each fault once. `make chaos ROUNDS=10 PAGES=400` is the long version. The table is printed, and
written to chaos.json in the folder of the run.
"""

import json
import os
import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.faults import EVERY
from tests.chaos.site import Site
from tests.chaos.system import ROOT, System, running, wait_for

pytestmark = pytest.mark.chaos

SEED = int(os.environ.get("CHAOS_SEED", "7"))
PAGES = int(os.environ.get("CHAOS_PAGES", "120"))
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "1"))
ONLY = os.environ.get("CHAOS_ONLY", "").split()
PATIENCE = 240
DAY = 86_400
FAULTS = ("lost", "wrong", "doubled", "versions", "uncovered")

# Times a third of the usual, so that what waits for them does not make the test long; queues so short that they fill.
SETTINGS = {
    "NEWSMILL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSMILL_FETCH_ALLOW_PORTS": "", "NEWSMILL_HOST_INTERVAL": "0",
    "NEWSMILL_HOST_IN_FLIGHT": "40", "NEWSMILL_VISIBILITY_TIMEOUT": "20", "NEWSMILL_CUSTODY_SECONDS": "15",
    "NEWSMILL_FETCH_TOTAL_TIMEOUT": "10", "NEWSMILL_PARSE_TIME_LIMIT": "15", "NEWSMILL_PARSE_PAGE_SECONDS": "2",
    "NEWSMILL_FETCH_RETRY_SECONDS": "1", "NEWSMILL_STORE_QUEUE_LIMIT": "3", "NEWSMILL_PARSE_QUEUE_LIMIT": "6",
    "NEWSMILL_FETCH_QUEUE_LIMIT": "20",
}  # fmt: skip


def settings(folder: Path) -> dict[str, str]:
    """With a clock that the test can step."""
    (folder / "clock").write_text("0")
    return SETTINGS | {
        "CHAOS_CLOCK": str(folder / "clock"), "PYTHONPATH": str(Path(__file__).parent / "clock"),
        "NEWSMILL_SOURCES_FILE": str(folder / "sources.yaml"),
    }  # fmt: skip


def documented_stories() -> str:
    """The query that docs/coverage.md gives, for all days."""
    match = re.search(r"```sql\n(.*?)```", (ROOT / "docs/coverage.md").read_text(), re.DOTALL)
    assert match
    return match[1].replace("2026-03-01", "0001-01-01").replace("2026-03-02", "9999-12-31")


class Batch:
    """Pages that are asked for together: two thirds by triggers, a third by way of a front page that is polled."""

    def __init__(self, name: str, site: Site, system: System) -> None:
        self.name, self._site, self._system = name, site, system
        self.numbers = range(PAGES)

    def submit(self) -> None:
        third = PAGES // 3
        self._system.trigger(*(f"{self._site.url}/{self.name}/{number}" for number in range(third, PAGES)))
        self._system.follow(self.name, f"{self._site.url}/{self.name}/front-0-{third}")

    def stored(self) -> int:
        return int(self._rows("SELECT count(*) FROM article WHERE url LIKE :urls")[0][0])

    def done(self) -> bool:
        return self.stored() >= PAGES and not self._system.under_way()

    def compare(self) -> dict[str, int]:
        """What is lost and what is doubled, by URL and by hash, against what the site serves."""
        texts = [
            (row.url, row.body_hash) for row in self._rows("SELECT url, body_hash FROM article WHERE url LIKE :urls")
        ]
        pages = {row.url: row.body_hash for row in self._rows("SELECT url, body_hash FROM page WHERE url LIKE :urls")}
        versions = "SELECT count(*) FROM article_version v JOIN article a ON a.id = v.article_id WHERE a.url LIKE :urls"
        expected = {self._url(number): self._site.text_hash(self.name, number) for number in self.numbers}
        coverage = f"SELECT count(*), count(DISTINCT url) FROM ({documented_stories()}) story WHERE url LIKE :urls"
        [(listed, distinct)] = self._rows(coverage)
        [(covered, _)] = self._rows(f"{coverage} AND state = 'stored'")
        raw = {self._url(number): self._site.body_hash(self.name, number) for number in self.numbers}
        return {
            "lost": sum(url not in dict(texts) for url in expected),
            "wrong": sum(expected.get(url) != text_hash for url, text_hash in texts)
            + sum(pages.get(url) != raw[url] for url in raw),
            "doubled": len(texts) - len(dict(texts)),
            "versions": int(self._rows(versions)[0][0]) - len(texts),
            # Each listed story is counted once, and as stored.
            "uncovered": abs(PAGES // 3 - distinct) + abs(listed - distinct) + abs(listed - covered),
        }

    def _url(self, number: int) -> str:
        return f"{self._site.url}/{self.name}/{number}"

    def _rows(self, statement: str) -> list[Any]:
        return self._system.query(statement, urls=f"{self._site.url}/{self.name}/%")


def still(look: Callable[[], Any], seconds: float) -> bool:
    """Whether what is seen stays as it is for so long."""
    before = look()
    time.sleep(seconds)
    return bool(before == look())


@pytest.fixture(scope="module", params=["postgres", "sqlite"])
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp(f"chaos-{request.param}")
    with running(folder, settings(folder), request.param) as running_system:
        yield running_system


@pytest.fixture(scope="module")
def site() -> Any:
    site = Site(SEED)
    yield site
    site.close()


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("name", [name for name in EVERY if not ONLY or name in ONLY])
def test_nothing_is_lost_and_nothing_doubled(system: System, site: Site, name: str, round_: int) -> None:
    batch = Batch(f"{name.replace('_', '-')}-{round_}", site, system)
    batch.submit()
    chance = random.Random(f"{SEED} {name} {round_}")
    time.sleep(chance.uniform(0.1, 1.5))
    struck = time.monotonic()
    EVERY[name](system, chance)
    wait_for("all have their disposition", batch.done, PATIENCE)
    row = {"fault": name, "pages": PAGES, **batch.compare(), "seconds": round(time.monotonic() - struck, 1)}
    with (system.folder / "chaos.json").open("a") as out:
        out.write(json.dumps(row) + "\n")
    print(json.dumps(row))  # noqa: T201 - the table is what the long version is for
    assert {name: row[name] for name in FAULTS} == dict.fromkeys(FAULTS, 0)


def test_a_page_that_kills_its_parser_is_set_aside_and_its_neighbours_go_through(system: System, site: Site) -> None:
    batch = Batch("poisoned", site, system)
    system.trigger(f"{site.url}/poisoned/poison")
    batch.submit()
    wait_for("all have their disposition", batch.done, PATIENCE)
    assert set(batch.compare().values()) == {0}
    [(disposition,)] = system.query("SELECT disposition FROM page WHERE url LIKE '%/poisoned/poison'")
    assert disposition == "poison"
    letters = [json.loads(row) for row in system.redis.hvals("newsmill:dead:letters")]
    assert [(letter["stage"], letter["history"][0][1]) for letter in letters] == [("parse", "poison")]


def test_while_storage_is_stopped_fetchers_pause_and_then_go_on_by_themselves(system: System, site: Site) -> None:
    fetchers = system.of("fetcher")
    for worker in system.of("storage"):
        worker.hold()
    before, meanwhile = Batch("storage-stopped", site, system), Batch("storage-still-stopped", site, system)
    before.submit()
    wait_for("every fetcher pauses", lambda: all("paused: queue" in worker.health()[1] for worker in fetchers), 60)
    sample = 'newsmill_stage_paused{stage="fetch"}'
    wait_for("the metrics say so", lambda: system.workers["scheduler-1"].metric(sample) == len(fetchers), 30)
    wait_for("they have done what they had in hand", lambda: still(system.queued, 3), 60)
    waiting = system.queued()
    meanwhile.submit()
    # The scheduler declares the front page of the second batch: one message for storage.
    declared = waiting | {"store": waiting["store"] + 1}
    wait_for("the second front page is declared", lambda: system.queued()["store"] == declared["store"], 30)
    time.sleep(5)
    assert system.queued() | {"fetch": 0} == declared | {"fetch": 0}, "nothing is fetched, and nothing dropped"
    assert system.queued()["fetch"] > waiting["fetch"]
    for worker in system.of("storage"):
        worker.release()
    wait_for("all have their disposition", lambda: before.done() and meanwhile.done(), PATIENCE)
    assert set(before.compare().values()) | set(meanwhile.compare().values()) == {0}
    wait_for("nobody pauses", lambda: not any("paused" in worker.health()[1] for worker in fetchers), 30)


def test_afterwards_every_url_has_exactly_one_disposition_and_nothing_is_left_in_redis(
    system: System, site: Site
) -> None:
    [(open_pages,)] = system.query("SELECT count(*) FROM page WHERE disposition IS NULL")
    [(visits, traces)] = system.query(
        "SELECT count(*), count(DISTINCT trace_id) FROM visit WHERE disposition IS NOT NULL AND via <> 'source'"
    )
    [(pages,)] = system.query("SELECT count(*) FROM page WHERE key NOT IN (SELECT key FROM source)")
    [(channels, polled)] = system.query(
        "SELECT count(*), count(p.key) FROM source s LEFT JOIN page p ON p.key = s.key AND p.disposition = 'listed'"
    )
    assert open_pages == 0
    assert visits == traces == pages, "every URL was asked for once"
    assert channels == polled, "every channel was polled"
    wait_for("messages are acknowledged", lambda: not system.redis.hlen("unacked"), 30)
    # The one page in the dead letters is kept long, to be tried again. What a fetcher had in hand when its network froze is
    # put there when it thaws, after another has done its work, and gone within a day. Apart from that a late page is seldom.
    left = [system.redis.ttl(key) for key in system.redis.scan_iter("newsmill:page:*")]
    assert sum(seconds > DAY for seconds in left) <= 1
    assert all(seconds > 0 for seconds in left)
    puts = [time.time() + seconds - DAY for seconds in left if seconds <= DAY]
    assert len([moment for moment in puts if not any(began <= moment <= end for began, end in system.freezes)]) < 5
    # Another courier follows one that was killed after half a minute.
    wait_for("the courier has taken every event", lambda: _untaken(system) == 0, 60)
    events = [json.loads(fields[b"event"]) for _, fields in system.redis.xrange("newsmill:events")]
    stored = [event for event in events if event["type"] == "article.stored"]
    [(articles,)] = system.query("SELECT count(*) FROM article")
    assert len({event["id"] for event in stored}) == articles


def _untaken(system: System) -> int:
    [(number,)] = system.query(
        "SELECT count(*) FROM event WHERE id > (SELECT position FROM consumer WHERE name = 'redis-stream')"
    )
    return int(number)
