"""The contracts: current documents, and messages that survive the wire."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from newsmill.schemas import FOLDER, documents, render
from shared.contracts import (
    Article,
    ArticleParsed,
    Attempt,
    Candidate,
    ChannelChanged,
    Clue,
    FetchRequested,
    Headline,
    HeadlinesParsed,
    Image,
    ImageFetched,
    ImageJudged,
    ImageReported,
    Kind,
    Message,
    Origin,
    Page,
    PageDropped,
    PageFetched,
    PageSeen,
    Reason,
    Role,
    SeenArticle,
    SeenCandidate,
    SeenChannel,
    SiteChanged,
    SiteDeclared,
    SiteInspected,
    SourceDeclared,
    SubscriptionAnswered,
    SubscriptionRequested,
    decode,
    encode,
    now_utc,
)
from shared.queues import ROUTES

# Writing them takes a second, and the tests below look at them often.
DOCUMENTS = documents()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_committed_documents_are_current(name: str) -> None:
    assert (FOLDER / name).read_text() == render(DOCUMENTS[name]), "run `make docs`"


def test_no_document_is_left_of_a_message_that_is_gone() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(DOCUMENTS)


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "asyncapi.json"])
def test_every_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(DOCUMENTS[name])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_reference_leads_somewhere(name: str) -> None:
    for reference in references(DOCUMENTS[name]):
        file, _, pointer = reference.partition("#")
        target: Any = DOCUMENTS[file.removeprefix("./") or name]
        for step in pointer.split("/")[1:]:
            target = target[step]


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "$ref")
        yield from (reference for value in node.values() for reference in references(value))
    elif isinstance(node, list):
        yield from (reference for value in node for reference in references(value))


def test_every_channel_has_somebody_who_sends_and_every_message_a_channel() -> None:
    api = DOCUMENTS["asyncapi.json"]
    sent = {operation["channel"]["$ref"] for operation in api["operations"].values() if operation["action"] == "send"}
    assert sent == {f"#/channels/{name}" for name in api["channels"]}
    carried = {name for channel in api["channels"].values() for name in channel["messages"]}
    assert carried == {message.__name__ for message in ROUTES} | {"Trigger", "Event"}


text = st.text(max_size=30)
some = st.text(min_size=1, max_size=60)
maybe = st.none() | text
# Offsets in whole minutes: ISO 8601 has no seconds in them.
offsets = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=offsets)  # noqa: DTZ001 - hypothesis adds the zone
pages = st.builds(
    Page, url=text, final_url=text, key=text, media_type=maybe, etag=maybe, fetched_at=moments,
    redirects=st.lists(text, max_size=2).map(tuple), size=st.integers(0, 10**8),
)  # fmt: skip
candidates = st.builds(Candidate, value=text, source=text, confidence=st.floats(0, 1))
articles = st.builds(
    Article, title=text, text=text, subtitle=maybe, authors=st.lists(text, max_size=2).map(tuple), published_at=maybe,
    images=st.lists(st.builds(Image, url=text, caption=maybe), max_size=2).map(tuple),
    evidence=st.dictionaries(text, st.lists(candidates, max_size=2).map(tuple), max_size=2),
    direction=st.sampled_from(["ltr", "rtl"]), paywalled=st.none() | st.booleans(),
)  # fmt: skip
headlines = st.lists(st.builds(Headline, text=text, url=maybe, position=st.integers(0, 999)), max_size=3).map(tuple)
kinds = st.sampled_from(Kind)
attempts = st.builds(Attempt, at=moments, stage=text, reason=st.sampled_from(Reason), detail=text)
envelope: dict[str, Any] = {
    "trace_id": st.text(min_size=1, max_size=64), "cause": maybe, "source_id": st.none() | st.integers(1, 2**31),
    "origin": st.sampled_from(Origin), "triggered_at": moments, "attempt": st.integers(1, 9), "priority": st.integers(0, 9),
    "via": st.none() | st.text(max_size=32), "tries": st.lists(attempts, max_size=2).map(tuple),
}  # fmt: skip
seen_candidates = st.builds(
    SeenCandidate, url=text, role=st.sampled_from(Role), found_by=st.sampled_from(Clue), name=text
)
keys = st.text("0123456789abcdef", min_size=32, max_size=32)
MESSAGES: dict[type[Message], st.SearchStrategy[Message]] = {
    FetchRequested: st.builds(FetchRequested, url=some, kind=st.none() | kinds, follow=st.booleans(), **envelope),
    PageFetched: st.builds(PageFetched, page=pages, kind=st.none() | kinds, **envelope),
    PageSeen: st.builds(
        PageSeen, page=pages, is_home_page=st.booleans(), refusal=maybe, candidate=st.none() | seen_candidates,
        channel=st.none() | st.builds(SeenChannel, candidate=seen_candidates, items_a_day=st.none() | st.floats(0, 99), newest=st.none() | moments),
        article=st.none() | st.builds(SeenArticle, title=text, fields=st.dictionaries(text, st.booleans(), max_size=2), words=st.integers(0, 99)),
        awaits=st.lists(text, max_size=2).map(tuple), **envelope,
    ),
    ArticleParsed: st.builds(ArticleParsed, page=pages, article=articles, **envelope),
    HeadlinesParsed: st.builds(HeadlinesParsed, page=pages, kind=kinds, headlines=headlines, **envelope),
    PageDropped: st.builds(
        PageDropped, url=text, stage=text, reason=st.sampled_from(Reason), detail=text, page=st.none() | pages, **envelope
    ),
    SourceDeclared: st.builds(SourceDeclared, name=some, url=some, interval_seconds=st.integers(10, 10**6), **envelope),
    SiteDeclared: st.builds(SiteDeclared, home_page=some, name=st.none() | some, tags=st.lists(some, max_size=3).map(tuple), **envelope),
    SiteInspected: st.builds(SiteInspected, key=keys, name=maybe, urls=st.lists(text, max_size=3).map(tuple), **envelope),
    SiteChanged: st.builds(SiteChanged, key=keys, actor=some.map(lambda name: name[:32]), name=st.none() | some, poll=st.booleans(), **envelope),
    ChannelChanged: st.builds(ChannelChanged, key=keys, actor=some.map(lambda name: name[:32]), follow=st.none() | st.booleans(), **envelope),
    SubscriptionRequested: st.builds(
        SubscriptionRequested, mode=st.sampled_from(["subscribe", "unsubscribe"]), channel_key=keys, hub_url=some,
        topic_url=some, callback_url=some, **envelope,
    ),
    SubscriptionAnswered: st.builds(
        SubscriptionAnswered, channel_key=keys, hub_url=some, topic_url=some, state=st.sampled_from(["active", "denied"]),
        lease_seconds=st.none() | st.integers(1, 1000), detail=text.map(lambda detail: detail[:500]), **envelope,
    ),
    ImageFetched: st.builds(
        ImageFetched, url=some, final_url=text, content_hash=text, size=st.integers(0), media_type=text, **envelope
    ),
    ImageReported: st.builds(ImageReported, url=some, reporter=some, reason=maybe, **envelope),
    ImageJudged: st.builds(ImageJudged, url=some, actor=some, blocked=st.booleans(), detail=maybe, **envelope),
}  # fmt: skip


def test_every_message_is_drawn() -> None:
    assert set(MESSAGES) == set(Message.__subclasses__())


@pytest.mark.parametrize("kind", MESSAGES)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_message_survives_the_wire_and_is_what_its_schema_says(kind: type[Message], data: st.DataObject) -> None:
    message = data.draw(MESSAGES[kind])
    wire = json.loads(json.dumps(encode(message)))
    assert decode(wire) == message
    VALIDATORS[kind].validate(wire)


VALIDATORS = {kind: Draft202012Validator(kind.model_json_schema()) for kind in MESSAGES}


def test_fields_of_a_newer_sender_are_no_error() -> None:
    request = FetchRequested(url="https://a.example/")
    assert decode(encode(request) | {"from_tomorrow": 1}) == request


@pytest.mark.parametrize(
    "item",
    [None, [], "text", {}, {"type": "Nonsense"}, {"type": "FetchRequested"}, {"type": "FetchRequested", "url": ""},
     {"type": "FetchRequested", "url": "https://a.example/", "version": 2},
     {"type": "FetchRequested", "url": "https://a.example/", "priority": 10},
     {"type": "FetchRequested", "url": "https://a.example/", "triggered_at": "2026-01-01T00:00:00"}],
)  # fmt: skip
def test_what_is_no_message_is_refused(item: Any) -> None:
    with pytest.raises(ValidationError):
        decode(item)


def test_a_new_stage_starts_at_its_first_attempt() -> None:
    request = FetchRequested(url="https://a.example/", priority=9, source_id=3).next_attempt().next_attempt()
    page = Page(url="u", final_url="u", key="k", fetched_at=now_utc())
    fetched = PageFetched(**request.envelope(), page=page)
    assert (fetched.trace_id, fetched.priority, fetched.source_id) == (request.trace_id, 9, 3)
    assert (request.attempt, fetched.attempt) == (3, 1)


@pytest.mark.parametrize("unstorable", ["\0", "\ud800"])
def test_no_text_reaches_a_database_that_it_cannot_hold(unstorable: str) -> None:
    evidence = {unstorable: (Candidate(value=unstorable, source="x"),)}
    article = Article(title=unstorable, text="x", authors=("A" + unstorable,), evidence=evidence)
    assert unstorable not in json.dumps(article.record(), ensure_ascii=False)
    assert (article.title, article.authors) == ("\ufffd", ("A\ufffd",))
