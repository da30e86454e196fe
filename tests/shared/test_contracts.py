"""The contracts: current documents, and messages that survive the wire."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from newsmill.schemas import FOLDER, documents, render
from shared.contracts import FetchRequested, Headline, HeadlinesParsed, Kind, Message, Page, decode, encode, now_utc
from shared.queues import QUEUES, ROUTES, batches, celery_priority, queue_keys


@pytest.mark.parametrize("name", documents())
def test_the_committed_documents_are_current(name: str) -> None:
    assert (FOLDER / name).read_text() == render(documents()[name]), "run `make docs`"


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    for name, document in documents().items():
        if name != "asyncapi.json":
            Draft202012Validator.check_schema(document)
    text = json.dumps(documents()["asyncapi.json"])
    assert all(f"./{message.__name__}.json" in text for message in ROUTES)


def test_every_message_has_a_route() -> None:
    assert set(Message.__subclasses__()) == set(ROUTES)
    assert {route.queue for route in ROUTES.values()} == set(QUEUES)


@given(
    url=st.text(min_size=1, max_size=200), priority=st.integers(0, 9), kind=st.sampled_from([None, *Kind]),
    text=st.text(max_size=50), position=st.integers(0, 10_000),
)  # fmt: skip
def test_a_message_survives_json(url: str, priority: int, kind: Kind | None, text: str, position: int) -> None:
    request = FetchRequested(url=url, priority=priority, kind=kind)
    page = Page(url=url, final_url=url, key="k", fetched_at=now_utc())
    listing = HeadlinesParsed(page=page, kind=Kind.FRONT, headlines=(Headline(text=text, position=position),))
    for message in (request, listing):
        assert decode(json.loads(json.dumps(encode(message)))) == message


@given(st.lists(st.integers(0, 9), max_size=200))
def test_batches_lose_nothing_keep_the_order_and_fit(priorities: list[int]) -> None:
    messages = [FetchRequested(url="https://a.example/", priority=priority) for priority in priorities]
    out = list(batches(messages))
    assert sorted(one.trace_id for _, _, batch in out for one in batch) == sorted(one.trace_id for one in messages)
    for route, priority, batch in out:
        assert len(batch) <= route.batch
        assert {one.priority for one in batch} == {priority}
        assert [one.trace_id for one in batch] == [one.trace_id for one in messages if one in batch]


def test_the_most_urgent_is_first_in_redis() -> None:
    assert [celery_priority(priority) for priority in (9, 5, 0)] == [0, 4, 9]
    assert queue_keys("fetch")[0] == "fetch"
