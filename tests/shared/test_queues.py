"""Where messages go: every one has a route, and batches are a law."""

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import (
    FetchRequested,
    Kind,
    Message,
    Page,
    PageDropped,
    PageFetched,
    Reason,
    SourceDeclared,
    now_utc,
)
from shared.queues import QUEUES, ROUTES, batches, celery_priority, queue_keys

URL = "https://a.example/"
PAGE = Page(url=URL, final_url=URL, key="k", fetched_at=now_utc())

priorities = st.integers(0, 9)
messages = st.one_of(
    st.builds(FetchRequested, url=st.just(URL), priority=priorities, kind=st.sampled_from(Kind)),
    st.builds(PageFetched, page=st.just(PAGE), priority=priorities),
    st.builds(
        PageDropped, url=st.just(URL), stage=st.just("fetch"), reason=st.sampled_from(Reason), priority=priorities
    ),
    st.builds(SourceDeclared, name=st.just("A"), url=st.just(URL), priority=priorities),
)


def test_every_message_has_a_route() -> None:
    assert set(Message.__subclasses__()) == set(ROUTES)
    assert {route.queue for route in ROUTES.values()} == set(QUEUES)


@given(st.lists(messages, max_size=150))
def test_batches_lose_nothing_and_repeat_nothing(given_messages: list[Message]) -> None:
    out = [message for _, _, batch in batches(given_messages) for message in batch]
    assert sorted(message.trace_id for message in out) == sorted(message.trace_id for message in given_messages)


@given(st.lists(messages, max_size=150))
def test_a_batch_fits_its_route_has_one_priority_and_keeps_the_order(given_messages: list[Message]) -> None:
    order = {message.trace_id: number for number, message in enumerate(given_messages)}
    for route, priority, batch in batches(iter(given_messages)):
        assert 1 <= len(batch) <= route.batch
        assert {(ROUTES[type(message)], message.priority) for message in batch} == {(route, priority)}
        places = [order[message.trace_id] for message in batch]
        assert places == sorted(places)


def test_batches_are_no_more_than_they_must_be() -> None:
    route = ROUTES[FetchRequested]
    listed = [FetchRequested(url=URL) for _ in range(2 * route.batch + 1)]
    assert [len(batch) for _, _, batch in batches(listed)] == [route.batch, route.batch, 1]


def test_the_most_urgent_is_first_in_redis() -> None:
    assert [celery_priority(priority) for priority in (9, 5, 0)] == [0, 4, 9]
    assert queue_keys("fetch")[0] == "fetch"
    assert len(set(queue_keys("fetch"))) == 10
