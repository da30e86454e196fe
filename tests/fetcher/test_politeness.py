import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from threading import Lock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.fetcher.politeness.turns import PATIENCE, Politeness, site_of
from services.fetcher.settings import FetcherSettings
from shared.contracts import FetchRequested, Reason
from shared.errors import Drop, TryLater
from shared.later import CUSTODY, PARKED, TURNS, Later
from shared.settings import Settings
from shared.worker.connection import connect


def polite(redis, interval: float = 5, **changed) -> Politeness:
    return Politeness(redis, FetcherSettings(host_interval=interval, **{"host_in_flight": 100} | changed))


def use(
    politeness: Politeness,
    trace: str = "t",
    outcome: str = "ok",
    *,
    seconds: float = 0.0,
    rest_seconds: float = 0.0,
    **options,
):
    """Takes a turn and gives it back; returns how long it would have had to wait."""
    with politeness.turn(
        options.get("host", "a.example"),
        trace,
        options.get("delay"),
        first=options.get("first", False),
        url=options.get("url", ""),
    ) as turn:
        wait = turn.window.opens - time.monotonic()
        turn.outcome, turn.seconds, turn.rest_seconds = outcome, seconds, rest_seconds
    politeness.flush()
    return wait


def busy(politeness: Politeness, trace: str = "t", **options) -> TryLater:
    with pytest.raises(TryLater) as caught:
        use(politeness, trace, **options)
    assert caught.value.reason is Reason.HOST_BUSY
    assert not caught.value.counts
    return caught.value


def back_date(redis, seconds: float, host: str = "a.example") -> None:
    """As if time had passed at a host."""
    key = f"newsmill:host:{host}"
    for name in ("last", "rest", "open", "since", "probe"):
        if (value := redis.hget(key, name)) is not None:
            redis.hset(key, name, f"{float(value) - seconds:.6f}")
    if (at := redis.zscore(TURNS, host)) is not None:
        redis.zadd(TURNS, {host: at - seconds})


def wait_for(later: Later, *requests: FetchRequested, host: str = "a.example", first: bool = False) -> None:
    for request in requests:
        later.wait_turn(request, host, 0, first=first)


def test_a_host_is_asked_once_in_its_interval_and_another_meanwhile(redis) -> None:
    politeness = polite(redis)
    assert use(politeness, "t1") <= 0
    assert busy(politeness, "t2").seconds == pytest.approx(5, abs=0.2)
    assert use(politeness, "t3", host="b.example") <= 0


def test_a_turn_that_is_near_is_waited_for(redis) -> None:
    politeness = polite(redis, 0.3)
    use(politeness, "t1")
    started = time.monotonic()
    with politeness.turn("a.example", "t2", None, first=False) as turn:
        turn()
        assert 0.3 <= time.monotonic() - started < 0.6


def test_the_longest_of_setting_delay_and_latency_rules(redis) -> None:
    politeness = polite(redis, 5, host_latency_factor=2)
    use(politeness, delay=7.0)
    assert politeness.state("a.example")["why"] == "crawl-delay"
    assert busy(politeness).seconds == pytest.approx(7, abs=0.2)
    use(politeness, host="slow.example", seconds=8)
    assert politeness.state("slow.example")["why"] == "latency"
    assert busy(politeness, host="slow.example").seconds == pytest.approx(16, abs=0.2)


def test_latency_is_a_moving_mean_and_quick_answers_never_go_under_the_setting(redis) -> None:
    politeness = polite(redis, 1)
    for seconds in (8, 4, 4, 0.01, 0.01):
        back_date(redis, 60)
        use(politeness, seconds=seconds)
    assert float(politeness.state("a.example")["latency"]) == pytest.approx(
        8 * 0.75**4 + 4 * (0.25 * 0.75**3 + 0.25 * 0.75**2), rel=0.02
    )
    for _ in range(30):
        back_date(redis, 60)
        use(politeness, seconds=0.01)
    assert float(politeness.state("a.example")["interval"]) == 1


def test_complaints_double_the_interval_and_good_answers_take_it_back_slowly(redis) -> None:
    politeness = polite(redis)
    intervals = []
    for outcome in ["overloaded"] * 2 + ["ok"] * 20:
        back_date(redis, 1000)
        use(politeness, outcome=outcome)
        intervals.append(float(politeness.state("a.example")["interval"]))
    assert intervals[:4] == pytest.approx([10, 20, 18, 16.2])
    assert intervals[2:] == sorted(intervals[2:], reverse=True)
    assert intervals[-1] == 5


@pytest.mark.parametrize("outcome", ["failed", "refused", "unused"])
def test_errors_never_speed_a_host_up(redis, outcome: str) -> None:
    politeness = polite(redis, host_failures=100)
    use(politeness, outcome="overloaded", seconds=9)
    back_date(redis, 1000)
    use(politeness, outcome=outcome, seconds=9)
    assert float(politeness.state("a.example")["interval"]) >= 10


def test_a_host_that_asks_for_rest_gets_it(redis) -> None:
    politeness = polite(redis)
    use(politeness, outcome="overloaded", rest_seconds=100)
    assert busy(politeness).seconds == pytest.approx(100, abs=0.2)


def test_a_url_that_always_complains_slows_no_other_page_of_its_host(redis) -> None:
    politeness = polite(redis, 1)
    for number in range(20):
        use(
            politeness,
            f"refused {number}",
            "overloaded",
            rest_seconds=600 if number else 0,
            url="https://a.example/refused",
        )
        back_date(redis, 1000)
        use(politeness, f"good {number}", "ok", url=f"https://a.example/{number}")
        back_date(redis, 1000)
    assert politeness.state("a.example")["why"] == "setting"


def test_one_url_that_is_refused_rests_its_host_for_ten_minutes_at_most_and_two_for_as_long_as_they_say(redis) -> None:
    politeness = polite(redis, 1)
    use(politeness, "t1", "overloaded", rest_seconds=86_400, url="https://a.example/refused")
    assert busy(politeness, "t2").seconds == pytest.approx(600, abs=1)
    back_date(redis, 601)
    use(politeness, "t1", "overloaded", rest_seconds=86_400, url="https://a.example/refused")
    assert busy(politeness, "t2").seconds == pytest.approx(600, abs=1)
    back_date(redis, 601)
    use(politeness, "t2", "overloaded", rest_seconds=86_400, url="https://a.example/other")
    assert busy(politeness, "t3").seconds == pytest.approx(86_400, abs=1)


def test_a_short_rest_that_a_refused_url_asks_for_is_kept(redis) -> None:
    politeness = polite(redis, 1)
    use(politeness, "t1", "overloaded", rest_seconds=90, url="https://a.example/refused")
    assert busy(politeness, "t2").seconds == pytest.approx(90, abs=1)


@pytest.mark.parametrize("value", ["abc", "nan", "inf", "-inf", "1e400", b"\xff"], ids=repr)
def test_a_number_that_ends_never_or_is_none_stops_no_host(redis, value) -> None:
    politeness = polite(redis, 1)
    for name in ("last", "rest", "slow", "open", "probe", "since", "failures", "latency", "paused", "well", "delay"):
        redis.hset("newsmill:host:a.example", name, value)
    assert use(politeness) <= 0.1


@pytest.mark.parametrize("family", ["host", "slots", "turns", "flight", "complaints"])
def test_a_key_of_a_host_that_is_of_another_type_costs_no_page(redis_url, redis, family) -> None:
    redis.set(f"newsmill:{family}:a.example", "foreign")
    with connect(Settings(redis_url=redis_url)) as client:
        politeness = polite(client, 1)
        assert use(politeness, outcome="overloaded", url="https://a.example/refused") <= 0.1
        busy(politeness, "t2")
        assert politeness.state("a.example")["waiting"] == "0"
    assert not [key for key in redis.keys(f"newsmill:{family}:a.example") if redis.type(key) == b"string"]


@pytest.mark.parametrize("slot", ["abc", "::", "1:2", "nan:0:0", b"\xff"], ids=repr)
def test_a_slot_that_somebody_else_wrote_stops_no_host(redis, slot) -> None:
    politeness = polite(redis, 1)
    redis.hset("newsmill:slots:a.example", "t", slot)
    assert use(politeness) <= 0.1


def test_complaints_about_several_urls_or_with_nothing_good_between_are_the_hosts(redis) -> None:
    politeness = polite(redis, 1)
    for number in range(3):
        use(politeness, f"t{number}", "overloaded", url="https://a.example/same")
        back_date(redis, 1000)
    assert float(politeness.state("a.example")["slow"]) == 8
    use(politeness, "good", "ok", url="https://a.example/good")
    back_date(redis, 1000)
    use(politeness, "new", "overloaded", url="https://a.example/new")
    assert float(politeness.state("a.example")["slow"]) == pytest.approx(14.4)


def test_no_more_requests_at_a_time_than_the_limit(redis) -> None:
    politeness = polite(redis, 0, host_in_flight=2)
    with ExitStack() as open_turns:
        for trace in ("t1", "t2"):
            open_turns.enter_context(politeness.turn("a.example", trace, None, first=False))
        assert "in-flight" in busy(politeness, "t3").detail
    assert use(politeness, "t3") <= 0


def test_a_turn_that_was_not_used_is_given_back(redis) -> None:
    politeness = polite(redis)
    use(politeness, "t1", "unused")
    assert use(politeness, "t2") <= 0.01


def test_a_turn_that_was_missed_is_asked_for_anew(redis) -> None:
    politeness = polite(redis, 0.5)
    with politeness.turn("a.example", "late", None, first=False) as turn:
        time.sleep(0.2)
        turn()
        began = time.monotonic()
    with politeness.turn("a.example", "next", None, first=False) as turn:
        turn()
        assert time.monotonic() - began >= 0.5


def test_a_grant_of_a_dead_fetcher_ends_with_its_lease(redis) -> None:
    politeness = polite(redis, 0, host_in_flight=1)
    politeness._request_window("a.example", "t1", -1, False)
    busy(politeness, "t2")
    redis.zadd("newsmill:flight:a.example", {"t1": time.time() - 1})
    assert use(politeness, "t2") <= 0


# -- the circuit breaker


def trip(redis, politeness: Politeness, failures: int = 5) -> None:
    for n in range(failures):
        use(politeness, f"f{n}", "failed")
        back_date(redis, 10)


def test_failures_in_a_row_open_the_breaker_and_one_probe_closes_it(redis) -> None:
    politeness = polite(redis)
    trip(redis, politeness, 4)
    use(politeness, "fine")
    back_date(redis, 10)
    trip(redis, politeness, 5)
    waiting = busy(politeness)
    assert "breaker" in waiting.detail
    assert waiting.seconds == pytest.approx(50, abs=0.2)
    back_date(redis, 60)
    with politeness.turn("a.example", "probe", None, first=False) as probe:
        assert "breaker" in busy(politeness, "other").detail
        probe.answer(0.1)
    back_date(redis, 10)
    assert use(politeness, "other") <= 0


def test_a_probe_that_fails_doubles_the_rest(redis) -> None:
    politeness = polite(redis)
    trip(redis, politeness)
    rests = []
    for _ in range(8):
        rests.append(busy(politeness).seconds)
        back_date(redis, rests[-1] + 10)
        use(politeness, "probe", "failed")
    assert rests[1:] == pytest.approx([120, 240, 480, 960, 1920, 3600, 3600], abs=0.5)


def test_a_probe_that_is_lost_is_followed_by_another(redis) -> None:
    politeness = polite(redis)
    trip(redis, politeness)
    back_date(redis, 60)
    politeness._request_window("a.example", "killed", -1, False)
    busy(politeness, "t")
    back_date(redis, 1000)
    assert use(politeness, "t") <= 0


def test_a_host_that_was_away_for_too_long_ends_its_urls(redis) -> None:
    politeness = polite(redis, host_down_seconds=3600)
    later = Later(redis)
    trip(redis, politeness)
    for _ in range(6):
        back_date(redis, busy(politeness).seconds + 10)
        use(politeness, "probe", "failed")
    with pytest.raises(Drop) as caught:
        use(politeness, "t")
    assert caught.value.reason is Reason.HOST_DOWN
    wait_for(later, *(FetchRequested(url=f"http://a.example/{n}") for n in range(3)))
    assert len(politeness.release(10)) == 3
    assert later.waiting() == 0


# -- who waits


def test_who_waits_is_released_first_by_priority_then_by_age(redis) -> None:
    politeness, later = polite(redis), Later(redis)
    named = {name: FetchRequested(trace_id=name, url="http://a.example/", priority=p) for name, p in
             [("old", 5), ("whenever", 0), ("new", 5), ("urgent", 9), ("half-way", 0)]}  # fmt: skip
    wait_for(later, *(request for name, request in named.items() if name != "half-way"))
    wait_for(later, named["half-way"], first=True)
    order = []
    for _ in named:
        [item] = politeness.release(10)
        order.append(item["trace_id"])
        assert use(politeness, item["trace_id"]) <= PATIENCE
        back_date(redis, 10)
    assert order == ["half-way", "urgent", "old", "new", "whenever"]
    assert not politeness.release(10)


def test_nobody_overtakes_those_who_wait(redis) -> None:
    politeness, later = polite(redis), Later(redis)
    wait_for(later, FetchRequested(trace_id="first", url="http://a.example/"))
    assert "others-first" in busy(politeness, "newcomer").detail
    assert [item["trace_id"] for item in politeness.release(10)] == ["first"]
    assert use(politeness, "first") <= PATIENCE


def test_what_is_released_is_in_custody_and_parked_until_it_is_sent(redis) -> None:
    politeness, later = polite(redis), Later(redis)
    request = FetchRequested(url="http://a.example/")
    wait_for(later, request)
    assert later.counts() == {"custody": 1, "parked": 1}
    politeness.release(10)
    assert redis.zscore(CUSTODY, request.trace_id) == pytest.approx(time.time(), abs=1)
    assert redis.zscore(PARKED, request.trace_id) == pytest.approx(time.time() + 30, abs=1)
    later.sent([request.trace_id])
    assert later.counts() == {"custody": 1, "parked": 0}


def test_what_has_ended_meanwhile_is_not_released(redis) -> None:
    politeness, later = polite(redis), Later(redis)
    ended, waiting = FetchRequested(url="http://a.example/1"), FetchRequested(url="http://a.example/2")
    wait_for(later, ended, waiting)
    later.release([ended.trace_id])
    assert [item["trace_id"] for item in politeness.release(10)] == [waiting.trace_id]


def test_a_burst_waits_at_its_own_host(redis) -> None:
    politeness, later = polite(redis), Later(redis)
    wait_for(later, *(FetchRequested(url=f"http://a.example/{n}") for n in range(500)))
    wait_for(later, FetchRequested(trace_id="other", url="http://b.example/"), host="b.example")
    released = [item["trace_id"] for item in politeness.release(100)]
    assert len(released) == 2
    assert "other" in released
    assert use(politeness, "c", host="c.example") <= 0
    assert later.waiting() == 499


def test_releasing_goes_on_when_a_turn_is_given_back(redis) -> None:
    politeness, later = polite(redis, 0, host_in_flight=1), Later(redis)
    with politeness.turn("a.example", "t1", None, first=False):
        wait_for(later, FetchRequested(url="http://a.example/"))
        assert not politeness.release(10)
    politeness.flush()
    assert len(politeness.release(10)) == 1


def test_a_paused_host_is_left_alone_until_it_is_resumed(redis) -> None:
    politeness, later = polite(redis), Later(redis)
    politeness.pause("a.example", paused=True)
    assert redis.ttl("newsmill:host:a.example") == -1
    assert "paused" in busy(politeness).detail
    wait_for(later, FetchRequested(url="http://a.example/"))
    assert not politeness.release(10)
    politeness.pause("a.example", paused=False)
    assert len(politeness.release(10)) == 1


def test_a_host_can_be_looked_at(redis) -> None:
    politeness = polite(redis)
    use(politeness, "t", "overloaded", seconds=0.5, rest_seconds=60)
    wait_for(Later(redis), FetchRequested(url="http://a.example/"))
    state = politeness.state("a.example")
    assert (state["why"], state["waiting"], state["in_flight"]) == ("complaints", "1", "0")
    assert float(state["interval"]) == 10
    assert float(state["next"]) == pytest.approx(60, abs=0.2)


def test_what_is_remembered_of_hosts_expires(redis) -> None:
    politeness = polite(redis)
    use(politeness, "t1")
    politeness._request_window("b.example", "t2", -1, False)
    assert all(redis.ttl(key) > 0 for key in redis.keys("newsmill:*"))


# -- laws


def test_concurrent_fetchers_never_start_inside_the_interval(redis) -> None:
    interval, starts, lock = 0.1, [], Lock()
    fetchers = [polite(redis, interval) for _ in range(4)]

    def go(n: int) -> None:
        while True:
            try:
                with fetchers[n % 4].turn("a.example", f"t{n}", None, first=False) as turn:
                    turn()
                    with lock:
                        starts.append(time.monotonic())
                    turn.answer(0)
                    return
            except TryLater as wait:
                time.sleep(min(wait.seconds, 0.2))

    with ThreadPoolExecutor(24) as pool:
        list(pool.map(go, range(24)))
    starts.sort()
    # A start is stamped after its turn has come; how much later is all the tolerance there is.
    assert min(later - earlier for earlier, later in itertools.pairwise(starts)) > interval - 0.02


class Host:
    """A host that anything may happen to: who holds a turn there, and which slots were used, the clock's shifts undone."""

    def __init__(self, redis, interval: float, in_flight: int) -> None:
        redis.flushdb()
        self.redis, self.in_flight = redis, in_flight
        self.politeness, self.later = polite(redis, interval, host_in_flight=in_flight), Later(redis)
        self.held: dict[str, tuple] = {}
        self.used: list[float] = []
        self.shift = 0.0

    def enter(self, trace: str, _) -> None:
        if trace in self.held:
            return
        context = self.politeness.turn("a.example", trace, None, first=False)
        with suppress(TryLater):
            turn = context.__enter__()
            assert turn.window.opens >= time.monotonic() - 0.1
            self.held[trace] = (context, turn, turn.window.opens + self.shift)
            assert len(self.held) <= self.in_flight

    def wait(self, trace: str, _) -> None:
        if trace not in self.held:
            wait_for(self.later, FetchRequested(trace_id=trace, url="http://a.example/"))

    def release(self, *_) -> None:
        self.politeness.release(10)

    def leave(self, trace: str, outcome: str) -> None:
        if trace in self.held:
            context, turn, at = self.held.pop(trace)
            turn.outcome = outcome
            context.__exit__(None, None, None)
            self.used += [at] if outcome != "unused" else []

    def second(self, *_) -> None:
        """A second passes."""
        back_date(self.redis, 1.0)
        for trace, value in self.redis.hgetall("newsmill:slots:a.example").items():
            slot, window, before = map(float, value.split(b":"))
            self.redis.hset("newsmill:slots:a.example", trace, f"{slot - 1:.6f}:{window:.6f}:{before - 1:.6f}")
        self.shift += 1.0


STEPS = st.lists(
    st.tuples(
        st.sampled_from([Host.enter, Host.wait, Host.release, Host.leave, Host.second]),
        st.sampled_from(["t1", "t2", "t3", "t4", "t5"]),
        st.sampled_from(["ok", "refused", "overloaded", "failed", "unused"]),
    ),
    min_size=5,
    max_size=60,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.sampled_from([0.5, 2.0, 5.0]), st.integers(1, 3))
def test_whatever_happens_slots_keep_their_distance_and_none_is_in_the_past(redis, steps, interval, in_flight) -> None:
    host = Host(redis, interval, in_flight)
    for step, trace, outcome in steps:
        step(host, trace, outcome)
    pairs = itertools.pairwise(sorted(host.used))
    assert all(later - earlier >= interval - 0.1 for earlier, later in pairs)


def test_www_is_the_same_host() -> None:
    assert site_of("https://www.News.example:8443/a") == site_of("http://news.example/b") == "news.example"
