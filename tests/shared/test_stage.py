"""The wrapper round every handler, on a real Redis: each item ends in one outcome and nothing is lost."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from prometheus_client import REGISTRY
from redis import Redis

from shared import clock
from shared.brake import Brake
from shared.contracts import FetchRequested, Message, Page, PageDropped, Reason, encode, now_utc
from shared.dead import DeadLetters
from shared.errors import Drop, Reject, TryLater, Unavailable
from shared.later import Later
from shared.outcomes import Limits
from shared.stage import Stage

NAME = "test"
GOOD, LATER, DROP, REJECT, CRASH = (
    "https://a.example/" + word for word in ("good", "later", "drop", "reject", "crash")
)


class Sent(list[Message]):
    """A sender that keeps what it is given, or breaks."""

    broken = False

    def __call__(self, messages: Iterable[Message]) -> None:
        batch = list(messages)
        if self.broken:
            raise OSError("broker away")
        self.extend(batch)


def handle(message: FetchRequested) -> list[Message]:
    answers: dict[str, Exception] = {
        LATER: TryLater(Reason.TIMEOUT, 60), DROP: Drop(Reason.HTTP_404), REJECT: Reject(Reason.UNREADABLE, "why"),
        CRASH: KeyError("oops"),
    }  # fmt: skip
    if message.url in answers:
        raise answers[message.url]
    return [FetchRequested(url=message.url + "/next")]


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def later(redis: "Redis") -> Later:
    return Later(redis)


@pytest.fixture
def dead(redis: "Redis") -> DeadLetters:
    return DeadLetters(redis)


@pytest.fixture
def brake(redis: "Redis") -> Brake:
    return Brake(redis)


@pytest.fixture
def make(sent: Sent, redis: "Redis") -> Callable[..., Stage]:
    def make(**options: Any) -> Stage:
        return Stage(
            NAME,
            options.pop("handle", handle),
            send=sent,
            redis=redis,
            limits=Limits(3, 3, 600),
            **options,
        )

    return make


def items(*urls: str, **fields: Any) -> list[dict[str, Any]]:
    return [encode(FetchRequested(url=url, **fields)) for url in urls]


def counted() -> dict[tuple[str, str], float]:
    counts: dict[tuple[str, str], float] = {}
    for metric in REGISTRY.collect():
        for sample in metric.samples:
            if sample.name == "newsmill_stage_items_total" and sample.labels["stage"] == NAME:
                counts[sample.labels["outcome"], sample.labels["reason"]] = sample.value
    return counts


@pytest.mark.parametrize("side_by_side", [False, True])
def test_each_item_ends_in_one_outcome_and_a_bad_one_sinks_no_neighbour(
    make: Callable[..., Stage], sent: Sent, later: Later, dead: DeadLetters, side_by_side: bool
) -> None:
    before = counted()
    with ThreadPoolExecutor(4) as executor:
        stage = make(executor=executor if side_by_side else None)
        stage.run([*items(GOOD, LATER, DROP, REJECT, CRASH, GOOD), {"type": "Nonsense"}, "not even an object"])
    new = {key: value - before.get(key, 0) for key, value in counted().items() if value != before.get(key, 0)}
    assert new == {
        ("ok", ""): 2, ("parked", "timeout"): 1, ("dropped", "http-404"): 1, ("dead", "unreadable"): 1, ("dead", "crashed"): 1,
        ("dead", "malformed"): 2,
    }  # fmt: skip
    assert sum(isinstance(message, FetchRequested) for message in sent) == 2
    assert {message.reason for message in sent if isinstance(message, PageDropped)} == {
        "http-404",
        "unreadable",
        "crashed",
    }
    assert later.counts() == {"custody": 1, "parked": 1}
    assert dead.counts() == {(NAME, "unreadable"): 1, (NAME, "KeyError"): 1, (NAME, "malformed"): 2}
    crash = next(letter for letter in dead.newest() if letter.last.cause == "KeyError")
    assert "test_stage.py" in crash.last.where
    assert crash.payload["url"] == CRASH


def test_trying_later_has_an_end(make: Callable[..., Stage], sent: Sent) -> None:
    make().run(items(LATER, attempt=3))
    [dropped] = sent
    assert isinstance(dropped, PageDropped)
    assert dropped.reason is Reason.TIMEOUT


def test_waiting_a_turn_is_no_attempt(make: Callable[..., Stage], redis: "Redis") -> None:
    def wait(_: Message) -> list[Message]:
        raise TryLater(Reason.HOST_BUSY, -1, counts=False)

    make(handle=wait).run(items(GOOD, attempt=3))
    [parked] = Later(redis).due()
    assert parked["attempt"] == 3


def test_what_waits_for_its_host_is_kept_there(make: Callable[..., Stage], redis: "Redis") -> None:
    def wait(_: Message) -> list[Message]:
        raise TryLater(Reason.HOST_BUSY, 60, counts=False, host="a.example")

    make(handle=wait).run(items(GOOD))
    assert Later(redis).waiting() == 1
    assert redis.zcard("newsmill:turns:a.example") == 1
    assert redis.zcard("newsmill:parked") == 0


def test_a_drop_tells_of_the_page_it_had(make: Callable[..., Stage], sent: Sent) -> None:
    page = Page(url=GOOD, final_url=GOOD, key="", status=200, fetched_at=now_utc())

    def drop(_: Message) -> list[Message]:
        raise Drop(Reason.NOT_MODIFIED, "same", page)

    make(handle=drop).run(items(GOOD))
    [dropped] = sent
    assert isinstance(dropped, PageDropped)
    assert (dropped.page, dropped.status) == (page, 200)


def test_what_a_drop_leads_to_is_sent_with_it(make: Callable[..., Stage], sent: Sent) -> None:
    def drop(_: Message) -> list[Message]:
        end = Drop(Reason.NOT_MODIFIED)
        end.messages = [FetchRequested(url=LATER)]
        raise end

    make(handle=drop).run(items(GOOD))
    assert [message.type for message in sent] == ["PageDropped", "FetchRequested"]


def test_when_the_broker_is_away_nothing_is_accounted_and_the_next_delivery_is_no_redelivery(
    make: Callable[..., Stage], sent: Sent, redis: "Redis"
) -> None:
    sent.broken = True
    with pytest.raises(Unavailable):
        make().run(items(GOOD, GOOD))
    assert redis.keys("newsmill:deliveries:*") == []


def test_a_page_that_kills_its_worker_is_set_aside_after_three_deliveries_and_its_neighbours_go_through(
    make: Callable[..., Stage], sent: Sent, dead: DeadLetters
) -> None:
    deliveries = 0

    class Killed(BaseException):
        """What kill -9 looks like from inside: nothing after it runs."""

    def deadly(message: FetchRequested) -> list[Message]:
        nonlocal deliveries
        if message.url == CRASH:
            deliveries += 1
            raise Killed
        return [FetchRequested(url=message.url)]

    listed = items(GOOD, CRASH, GOOD)
    for _ in range(3):
        with pytest.raises(Killed):
            make(handle=deadly).run(listed)
    make(handle=deadly).run(listed)
    assert deliveries == 3
    assert [letter.last.cause for letter in dead.newest()] == ["poison"]
    assert {item["trace_id"] for item in listed if item["url"] == CRASH} == {
        letter.trace_id for letter in dead.newest()
    }
    assert any(isinstance(message, PageDropped) and message.reason is Reason.POISON for message in sent)


def test_copies_that_custody_issued_while_the_first_is_under_way_are_no_deliveries_that_never_finished(
    make: Callable[..., Stage], dead: DeadLetters, redis: "Redis"
) -> None:
    copies = 5
    under_way = Barrier(copies)

    def slow(message: FetchRequested) -> list[Message]:
        under_way.wait(10)
        return []

    stage, listed = make(handle=slow), items(GOOD)
    with ThreadPoolExecutor(copies) as executor:
        runs = [executor.submit(stage.run, listed, f"message {copy}") for copy in range(copies)]
    assert [run.exception() for run in runs] == [None] * copies
    assert dead.newest() == []
    assert redis.keys("newsmill:deliveries:*") == []


def test_a_batch_is_handled_whole_and_item_by_item_when_that_fails(make: Callable[..., Stage], sent: Sent) -> None:
    sizes: list[int] = []

    def handle_batch(messages: Sequence[FetchRequested]) -> list[Message]:
        sizes.append(len(messages))
        return [follow for message in messages for follow in handle(message)]

    make(handle_batch=handle_batch).run(items(GOOD, GOOD))
    assert (sizes, len(sent)) == ([2], 2)
    make(handle_batch=handle_batch).run(items(GOOD, CRASH))
    assert sizes == [2, 2]
    assert sum(isinstance(message, FetchRequested) for message in sent) == 3


def test_lists_that_wait_together_are_one_batch(make: Callable[..., Stage], sent: Sent, redis: "Redis") -> None:
    sizes: list[int] = []
    stage = make(handle_batch=lambda messages: sizes.append(len(messages)) or [])
    stage.run_together([("m1", items(GOOD, GOOD)), ("m2", []), ("m3", items(GOOD))])
    assert sizes == [3]
    assert redis.keys("newsmill:deliveries:*") == []


def test_an_item_that_fails_leaves_the_other_lists_of_its_batch_whole(
    make: Callable[..., Stage], dead: DeadLetters
) -> None:
    batches: list[list[str]] = []

    def handle_batch(messages: Sequence[FetchRequested]) -> list[Message]:
        if any(message.url == CRASH for message in messages):
            raise KeyError("oops")
        batches.append([message.url for message in messages])
        return []

    alone: list[str] = []
    stage = make(handle=lambda message: alone.append(message.url) or handle(message), handle_batch=handle_batch)
    stage.run_together([("m1", items(GOOD, GOOD)), ("m2", items(GOOD, CRASH)), ("m3", items(LATER))])
    assert (batches, alone) == ([[GOOD, GOOD], [LATER]], [GOOD, CRASH])
    assert dead.counts() == {(NAME, "KeyError"): 1}


def test_a_redelivered_list_is_handled_by_itself_after_the_batch_it_came_with(make: Callable[..., Stage]) -> None:
    order: list[str] = []

    class Killed(BaseException):
        """What kill -9 looks like from inside."""

    def killed(_: Sequence[FetchRequested]) -> list[Message]:
        raise Killed

    listed = items(GOOD)
    with pytest.raises(Killed):
        make(handle_batch=killed).run(listed, "m1")
    stage = make(
        handle=lambda message: order.append("alone") or [],
        handle_batch=lambda messages: order.append(f"batch of {len(messages)}") or [],
    )
    stage.run_together([("m1", listed), ("m2", items(GOOD, GOOD))])
    assert order == ["batch of 2", "alone"]


def test_when_redis_goes_away_no_list_counts_as_tried(make: Callable[..., Stage], sent: Sent, redis: "Redis") -> None:
    sent.broken = True
    with pytest.raises(Unavailable):
        make(handle_batch=handle).run_together([("m1", items(GOOD)), ("m2", items(GOOD))])
    assert redis.keys("newsmill:deliveries:*") == []


def test_what_follows_is_gathered_before_it_is_sent(make: Callable[..., Stage], sent: Sent) -> None:
    calls: list[int] = []
    stage = make()
    stage._send = lambda messages: calls.append(len(list(messages)))  # type: ignore[method-assign, assignment]
    stage.run(items(*[GOOD] * 10))
    assert sum(calls) == 10
    assert len(calls) <= 3


@pytest.mark.parametrize(
    ("idle", "priority", "lists"),
    [(True, 5, [1] * 10), (False, 5, [10]), (False, 6, [1] * 10)],
    ids=["idle", "busy", "urgent"],
)
def test_while_more_work_waits_what_is_not_urgent_is_sent_as_one_list(
    make: Callable[..., Stage], idle: bool, priority: int, lists: list[int]
) -> None:
    calls: list[int] = []

    def follow(message: FetchRequested) -> list[Message]:
        return [message.model_copy(update={"url": message.url + "/next"})]

    stage = make(handle=follow, gather=0.0, idle=lambda: idle)
    stage._send = lambda messages: calls.append(len(list(messages)))  # type: ignore[method-assign, assignment]
    stage.run(items(*[GOOD] * 10, priority=priority))
    assert [call for call in calls if call] == lists


def test_a_busy_stage_looks_at_the_queues_after_ever_longer_times(
    make: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds, looks = [0.0], list[float]()

    def follow(message: FetchRequested) -> list[Message]:
        seconds[0] += 0.03
        return [message.model_copy(update={"url": message.url + "/next"})]

    def look() -> bool:
        looks.append(seconds[0])
        return False

    monkeypatch.setattr("shared.stage.perf_counter", lambda: seconds[0])
    make(handle=follow, idle=look).run(items(*[GOOD] * 20))
    assert looks == pytest.approx([0.06, 0.12, 0.24, 0.48])


def test_an_empty_list_is_done_at_once(make: Callable[..., Stage], sent: Sent) -> None:
    make(handle_batch=lambda messages: [handle(message) for message in messages]).run([])
    assert not sent


@pytest.mark.parametrize(
    "item",
    [{"type": "FetchRequested", "attempt": "many"}, {"attempt": None}, {"attempt": float("inf")}, "\ud800",
     {"type": "Nonsense", "title": "\ud800"}, {"trace_id": "\ud800"}],
)  # fmt: skip
def test_whatever_is_malformed_is_set_aside_and_its_neighbours_go_through(
    make: Callable[..., Stage], sent: Sent, dead: DeadLetters, item: Any
) -> None:
    make().run([*items(GOOD), item, *items(GOOD)])
    assert len(sent) == 2
    [letter] = dead.newest()
    assert letter.last.cause == Reason.MALFORMED
    assert isinstance(item, str) or letter.payload.keys() == item.keys()


def test_two_messages_of_one_trace_are_no_redelivery(make: Callable[..., Stage]) -> None:
    sizes: list[int] = []
    request = FetchRequested(url=GOOD)
    make(handle_batch=lambda messages: sizes.append(len(messages)) or []).run([encode(request), encode(request)])
    assert sizes == [2]


def test_a_failed_attempt_is_remembered_on_the_way(make: Callable[..., Stage], later: Later, sent: Sent) -> None:
    def fail(_: Message) -> list[Message]:
        raise TryLater(Reason.TIMEOUT, -1, "no answer in 40 s")

    make(handle=fail).run(items(GOOD))
    [parked] = later.due()
    [tried] = parked["tries"]
    assert (tried["stage"], tried["reason"], tried["detail"]) == (NAME, "timeout", "no answer in 40 s")


def test_a_stage_that_sets_aside_too_much_brakes_and_keeps_its_messages(
    make: Callable[..., Stage], dead: DeadLetters, brake: Brake
) -> None:
    for _ in range(2):
        make().run(items(*[CRASH] * 10))
    with pytest.raises(Unavailable, match="brakes"):
        make().run(items(*[CRASH] * 10))
    assert 20 <= sum(dead.counts().values()) < 30, "the flood is stopped, not emptied into the dead letters"
    assert brake.reason(NAME)
    with pytest.raises(Unavailable):
        make().run(items(CRASH))
    make().run(items(GOOD))
    brake.release(NAME)
    make().run(items(CRASH))


def test_what_is_given_back_stays_in_custody_from_now(make: Callable[..., Stage], later: Later, sent: Sent) -> None:
    request = FetchRequested(url=GOOD)
    later.hold([request])
    before = clock.now()
    sent.broken = True
    with pytest.raises(Unavailable):
        make().run([encode(request)])
    assert later.overdue(before, 0, 10) == []
