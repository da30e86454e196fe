"""Watches over HTTP."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from shared.contracts import now_utc
from shared.database.models import Alert, Article, Delivery, Match, Receiver, Site, Watch
from tests.reader.conftest import article

HOOK = "https://hook.example/secretpath?token=verysecret"
MAIL = "mailto://someone:verysecret@mail.example"
NEW: dict[str, Any] = {
    "name": "Ferries", "query": "ferry -strike",
    "receivers": [{"url": HOOK}, {"url": MAIL, "rhythm": "daily", "hour": 8, "zone": "Europe/Paris"}],
}  # fmt: skip


@pytest.fixture
def client(serve):
    return serve()


def made(client, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/watches", json=NEW | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


def rows(engine, table: Any) -> list[Any]:
    with Session(engine) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def test_a_watch_is_made_and_shown_without_its_secrets(client, engine):
    written = made(client)
    watch, secrets = written["watch"], written["secrets"]
    assert [watch[name] for name in ("name", "query", "about", "fold", "state", "owner")] == [
        "Ferries",
        "ferry -strike",
        "articles",
        True,
        "active",
        "local",
    ]
    hook, mail = watch["receivers"]
    assert (hook["kind"], hook["address"], hook["rhythm"]) == ("webhook", "https://hook.example/…", "at-once")
    assert (mail["kind"], mail["address"], mail["hour"], mail["zone"]) == (
        "notification",
        "mailto://…",
        8,
        "Europe/Paris",
    )
    assert secrets == {str(hook["id"]): rows(engine, Receiver)[0].secret}
    assert secrets[str(hook["id"])].startswith("whsec_")
    shown = client.get(f"/v1/watches/{watch['id']}")
    assert shown.json() == watch
    listed = client.get("/v1/watches")
    assert listed.json()["items"] == [watch]
    for text in (shown.text, listed.text, json.dumps(watch)):
        assert "verysecret" not in text
        assert "whsec_" not in text
        assert "secretpath" not in text


def test_a_secret_of_ones_own_is_kept_and_not_shown(client, engine):
    own = "whsec_" + "QUJD" * 8
    assert made(client, receivers=[{"url": HOOK, "secret": own}])["secrets"] == {}
    assert rows(engine, Receiver)[0].secret == own


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"query": " - "}, "asks for nothing"),
        ({"name": ""}, "at least 1 character"),
        ({"about": "pictures"}, "articles"),
        ({"receivers": [{"url": "hook.example/verysecret"}]}, "mailto://…"),
        ({"receivers": [{"url": "https://user:verysecret@hook.example/"}]}, "cannot be requested"),
        ({"receivers": [{"url": "https:///verysecret"}]}, "cannot be requested"),
        ({"receivers": [{"url": HOOK, "rhythm": "daily", "zone": "Nowhere/Atall"}]}, "no time zone 'Nowhere/Atall'"),
        ({"receivers": [{"url": HOOK, "rhythm": "daily", "hour": 24}]}, "less than or equal to 23"),
        ({"receivers": [{"url": HOOK, "secret": "verysecret"}]}, "a secret is whsec_"),
        ({"receivers": [{"url": HOOK}] * 21}, "at most 20"),
        ({"nonsense": 1}, "Extra inputs"),
    ],
    ids=["query", "name", "about", "service", "login", "host", "zone", "hour", "secret", "number", "field"],
)
def test_what_is_wrong_is_said_without_secrets(client, engine, fields, said):
    answer = client.post("/v1/watches", json=NEW | fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert "verysecret" not in answer.text
    assert rows(engine, Watch) == []


def test_a_watch_is_changed(client, engine):
    watch = made(client)["watch"]
    hook, mail = (receiver["id"] for receiver in watch["receivers"])
    with Session(engine) as session:
        disabled = {"state": "disabled", "reason": "it answered 410", "failures": 3, "failing_since": now_utc()}
        session.execute(update(Receiver).where(col(Receiver.id) == mail).values(disabled))
        session.commit()
    change = {
        "name": "Boats",
        "query": "boat",
        "fold": False,
        "state": "paused",
        "remove": [hook],
        "enable": [mail],
        "add": [{"url": "https://other.example/"}],
    }
    answer = client.patch(f"/v1/watches/{watch['id']}", json=change)
    changed = answer.json()["watch"]
    assert [changed[name] for name in ("name", "query", "fold", "state")] == ["Boats", "boat", False, "paused"]
    assert [(receiver["address"], receiver["state"], receiver["failures"]) for receiver in changed["receivers"]] == [
        ("mailto://…", "active", 0), ("https://other.example/…", "active", 0),
    ]  # fmt: skip
    assert list(answer.json()["secrets"]) == [str(changed["receivers"][1]["id"])]
    assert client.patch(f"/v1/watches/{watch['id']}", json={"query": ""}).status_code == 422
    assert client.get(f"/v1/watches/{watch['id']}").json()["query"] == "boat"
    assert [row.revision for row in rows(engine, Watch)] == [2]


def test_a_watch_is_removed_with_everything(client, engine):
    watch = made(client)["watch"]["id"]
    assert client.delete(f"/v1/watches/{watch}").status_code == 204
    assert rows(engine, Receiver) == []
    for path in ("", "/matches", "/deliveries"):
        assert client.get(f"/v1/watches/{watch}{path}").status_code == 404
    for method, path in (("delete", ""), ("post", "/test")):
        assert getattr(client, method)(f"/v1/watches/{watch}{path}").status_code == 404
    assert client.patch(f"/v1/watches/{watch}", json={}).status_code == 404


def test_matches_and_deliveries_are_paged_newest_first(client, engine):
    watch = made(client)["watch"]
    hook = watch["receivers"][0]["id"]
    with Session(engine) as session:
        for number in range(5):
            session.add(Match(watch_id=watch["id"], subject=f"article:{number}", kind="new", title=f"Ferry {number}"))
            payload = {"type": "watch.matched", "data": {"title": f"Ferry {number}"}}
            state = "failed" if number == 3 else "delivered"
            session.add(
                Delivery(
                    receiver_id=hook,
                    message_id=f"m{number}",
                    payload=payload,
                    next_at=now_utc(),
                    state=state,
                    error="HTTP 500",
                )
            )
        session.commit()
    for what, key in (("matches", "subject"), ("deliveries", "message_id")):
        seen, cursor = [], {}
        while cursor is not None:
            page = client.get(f"/v1/watches/{watch['id']}/{what}", params={"limit": 2} | cursor).json()
            seen += [item[key] for item in page["items"]]
            cursor = {"cursor": page["next"]} if page["next"] else None
        assert [text[-1] for text in seen] == ["4", "3", "2", "1", "0"]
    [failed] = client.get(f"/v1/watches/{watch['id']}/deliveries", params={"state": "failed"}).json()["items"]
    assert (failed["address"], failed["error"], failed["next_at"]) == ("https://hook.example/…", "HTTP 500", None)
    assert client.get(f"/v1/watches/{watch['id']}").json()["receivers"][0]["failed"] == 1


def test_deliveries_are_sent_again_under_their_ids(client, engine):
    watch = made(client)["watch"]
    hook = watch["receivers"][0]["id"]
    path = f"/v1/watches/{watch['id']}/deliveries/resend"
    with Session(engine) as session:
        for state in ("delivered", "failed", "failed"):
            session.add(
                Delivery(
                    receiver_id=hook,
                    message_id=f"m{state}{len(session.new)}",
                    next_at=now_utc(),
                    state=state,
                    attempts=7,
                    ended_at=now_utc(),
                )
            )
        session.commit()
    first, second, third = rows(engine, Delivery)
    assert client.post(path, json={"failed": True}).json() == {"deliveries": [second.id, third.id]}
    assert client.post(path, json={"deliveries": [first.id]}).json() == {"deliveries": [first.id]}
    assert {(row.state, row.attempts, row.ended_at) for row in rows(engine, Delivery)} == {("waiting", 0, None)}
    assert [row.message_id for row in rows(engine, Delivery)] == [first.message_id, second.message_id, third.message_id]
    assert client.post(path, json={"deliveries": [first.id, 999]}).status_code == 404
    with Session(engine) as session:
        session.execute(update(Receiver).values(state="disabled", reason="it answered 410"))
        session.commit()
    answer = client.post(path, json={"deliveries": [first.id]})
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        f"receiver {hook} is disabled, since it answered 410: enable it first",
    )


def test_a_trial_shows_what_would_have_matched_and_tells_the_receivers(client, engine, add):
    old = now_utc() - timedelta(days=8)
    titles = ("Ferry one", "Ferry strike", "Bridge", "Ferry two", "Ferry three")
    stories = (1, None, None, 1, None)
    for number, (title, story) in enumerate(zip(titles, stories, strict=True)):
        add(article(number, title=title, story_id=story, stored_at=now_utc()))
    add(article(9, title="Ferry of old", stored_at=old))
    watch = made(client)["watch"]
    trial = client.post(f"/v1/watches/{watch['id']}/test").json()
    assert [match["title"] for match in trial["matches"]] == ["Ferry three", "Ferry two"]
    assert list(trial["deliveries"]) == [str(receiver["id"]) for receiver in watch["receivers"]]
    assert [delivery.payload["type"] for delivery in rows(engine, Delivery)] == ["watch.test"] * 2
    assert rows(engine, Match) == []


def test_a_trial_is_as_exact_as_a_watch(client, add):
    """PostgreSQL finds pairs of characters wherever they stand."""
    add(article(1, title="図書と書館", stored_at=now_utc()))
    add(article(2, title="市立図書館", stored_at=now_utc()))
    watch = made(client, query="図書館")["watch"]
    trial = client.post(f"/v1/watches/{watch['id']}/test").json()
    assert [match["title"] for match in trial["matches"]] == ["市立図書館"]


def test_a_trial_of_alerts(client, add):
    add(Site(key="s", name="Gazette", home_page="https://gazette.example/", tags=["Local"]))
    for kind, key in (("silent", "s"), ("failing", None)):
        add(
            Alert(
                subject="site:s",
                kind=kind,
                site_key=key,
                name="Gazette",
                url="https://gazette.example/",
                since=now_utc(),
                opened_at=now_utc(),
                cause="none",
            )
        )
    for query, kinds in (
        ("", ["failing", "silent"]),
        ("tag:local", ["silent"]),
        ("silent site:gazette.example", ["silent"]),
    ):
        watch = made(client, query=query, about="alerts")["watch"]
        trial = client.post(f"/v1/watches/{watch['id']}/test").json()
        assert [match["title"] for match in trial["matches"]] == [f"Gazette: {kind}" for kind in kinds]


def test_writing_needs_the_token(serve, engine):
    client = serve(reader_token="sesame")
    assert client.post("/v1/watches", json=NEW).status_code == 401
    client.headers["Authorization"] = "Bearer sesame"
    watch = made(client)["watch"]["id"]
    del client.headers["Authorization"]
    for method, path in (("patch", ""), ("delete", ""), ("post", "/test"), ("post", "/deliveries/resend")):
        assert client.request(method, f"/v1/watches/{watch}{path}", json={}).status_code == 401
    assert len(rows(engine, Watch)) == 1
    assert rows(engine, Article) == []
