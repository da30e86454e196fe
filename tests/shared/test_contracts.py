"""The contracts: current documents, and messages that survive the wire."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from newsmill.schemas import FOLDER, documents, render
from shared.contracts import FetchRequested, Headline, HeadlinesParsed, Kind, Page, decode, encode, now_utc
from shared.queues import ROUTES


@pytest.mark.parametrize("name", documents())
def test_the_committed_documents_are_current(name: str) -> None:
    assert (FOLDER / name).read_text() == render(documents()[name]), "run `make docs`"


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    for name, document in documents().items():
        if name != "asyncapi.json":
            Draft202012Validator.check_schema(document)
    text = json.dumps(documents()["asyncapi.json"])
    assert all(f"./{message.__name__}.json" in text for message in ROUTES)


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
