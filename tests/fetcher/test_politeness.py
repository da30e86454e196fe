import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.fetcher.politeness import HOST, PATIENCE, SLOT, SLOW, Politeness, site_of
from shared.contracts import FetchRequested, Reason
from shared.errors import TryLater


def test_slots_follow_one_another(redis) -> None:
    polite = Politeness(redis, 5)
    waits = [polite.reserve("a.example", f"t{n}") for n in range(4)]
    assert waits == pytest.approx([0, 5, 10, 15], abs=0.2)
    assert polite.reserve("b.example", "t9") == 0


def test_a_parked_trace_keeps_its_slot(redis) -> None:
    polite = Politeness(redis, 5)
    for n in range(3):
        polite.reserve("a.example", f"t{n}")
    assert polite.reserve("a.example", "t1") == pytest.approx(5, abs=0.2)
    assert polite.reserve("a.example", "t3") == pytest.approx(15, abs=0.2)


def test_concurrent_threads_never_start_inside_the_interval(redis) -> None:
    interval, starts, lock = 0.05, [], Lock()
    polite = [Politeness(redis, interval) for _ in range(4)]

    def go(n: int) -> None:
        while (wait := polite[n % 4].reserve("a.example", f"t{n}")) > PATIENCE:
            time.sleep(wait - PATIENCE)
        with lock:
            starts.append(time.monotonic() + wait)

    with ThreadPoolExecutor(24) as pool:
        list(pool.map(go, range(24)))
    starts.sort()
    # A grant is stamped after its answer has come from Redis; that jitter is all the tolerance there is.
    assert all(later - earlier > interval - 0.03 for earlier, later in itertools.pairwise(starts))
    assert starts[-1] - starts[0] >= 23 * interval - 0.03


def back_date(redis, seconds: float) -> None:
    """As if time had passed: everything remembered moves into the past."""
    remembered = [(HOST + "a.example", name) for name in ("planned", "last")]
    remembered += [(key, "a.example") for key in redis.keys(f"{SLOT}*")]
    for key, name in remembered:
        if (value := redis.hget(key, name)) is not None:
            redis.hset(key, name, f"{float(value) - seconds:.6f}")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([1.5, 2.0, 4.0])), min_size=2, max_size=25))
def test_no_two_grants_lie_inside_the_interval_whoever_comes_when(redis, calls) -> None:
    redis.flushdb()
    granted: list[tuple[float, float]] = []
    for trace, interval in calls:
        if Politeness(redis, interval).reserve("a.example", f"t{trace}") <= PATIENCE:
            granted.append((float(redis.hget(HOST + "a.example", "last")), interval))
        back_date(redis, 0.7)
        granted = [(at - 0.7, kept) for at, kept in granted]
    pairs = itertools.pairwise(granted)
    assert all(later - earlier >= interval - 0.001 for (earlier, _), (later, interval) in pairs)


def test_complaints_double_the_interval_and_good_answers_take_it_back(redis) -> None:
    polite = Politeness(redis, 5)
    polite.complained("a.example")
    polite.complained("a.example")
    polite.reserve("a.example", "t1")
    assert polite.reserve("a.example", "t2") == pytest.approx(20, abs=0.2)
    assert 0 < redis.ttl(SLOW + "a.example") <= 600
    polite.answered("a.example", 0.1)
    assert int(redis.get(SLOW + "a.example")) == 1
    polite.answered("a.example", 0.1)
    assert redis.get(SLOW + "a.example") is None


def test_a_slow_host_is_asked_less_often(redis) -> None:
    polite = Politeness(redis, 5)
    polite.answered("a.example", 12)
    polite.reserve("a.example", "t1")
    assert polite.reserve("a.example", "t2") == pytest.approx(12, abs=0.2)


def test_everything_expires(redis, make, site) -> None:
    make(host_interval=5).fetch(FetchRequested(url=site.page()))
    with pytest.raises(TryLater):
        make(host_interval=5).fetch(FetchRequested(url=site.page()))
    assert all(redis.ttl(key) > 0 for key in redis.keys("newsmill:*"))


def test_www_is_the_same_host() -> None:
    assert site_of("https://www.News.example:8443/a") == site_of("http://news.example/b") == "news.example"


def test_a_trace_that_waits_for_the_second_host_goes_on_from_there(make, site, redis) -> None:
    first, second = (f"http://{name}.example:{site.server.server_port}" for name in ("one", "two"))
    site.page(b"", 302, "/go", Location=f"{second}/page")
    site.page()

    def local(host: str, port: int, **_):
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    fetcher = make(resolve=local, host_interval=5)
    fetcher.fetch(FetchRequested(url=f"{second}/page"))
    request = FetchRequested(url=f"{first}/go")
    with pytest.raises(TryLater) as caught:
        fetcher.fetch(request)
    assert (caught.value.reason, caught.value.counts) == (Reason.HOST_BUSY, False)
    redis.hset(HOST + "two.example", mapping={"last": 0, "planned": 0})
    redis.hset(f"newsmill:slot:{request.trace_id}", "two.example", 1)
    [fetched] = fetcher.fetch(request)
    assert (fetched.page.url, fetched.page.final_url) == (f"{first}/go", f"{second}/page")
    assert fetched.page.redirects == (f"{second}/page",)
    assert site.paths().count("/go") == 1
