"""`newsmill watch`: watches on the command line are those of the API."""

import json
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from services.reader.queries import watches
from shared.contracts import now_utc
from shared.database.engine import make_engine
from shared.database.models import Article, Delivery, Match, Receiver, Watch
from tests.discovery.test_add import Run, database_url, run

__all__ = ["database_url", "run"]
HOOK, MAIL = "https://hook.example/verysecret", "mailto://someone:verysecret@mail.example"


@pytest.fixture
def engine(database_url: str) -> Any:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def rows(engine: Any, table: Any) -> list[Any]:
    with Session(engine) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def test_a_watch_is_added_listed_and_shown_as_the_api_has_it(run: Run, engine: Any) -> None:
    added = run("watch", "add", "ferry -strike", "--name", "Ferries", "--webhook", HOOK, "--notify", MAIL)
    assert added.exit_code == 0, added.output
    [secret] = [row.secret for row in rows(engine, Receiver) if row.secret]
    assert f"signs with {secret} (shown this once)" in added.output
    for arguments in (("list",), ("show", "ferries"), ("show", "1"), ("list", "--json"), ("show", "1", "--json")):
        shown = run("watch", *arguments).output
        for words in ("Ferries", "ferry -strike", "https://hook.example/…", "mailto://…"):
            assert words in shown, shown
        assert "verysecret" not in shown
        assert "whsec_" not in shown
    with Session(engine) as session:
        api = [row.model_dump(mode="json") for row in watches.watches(session)]
    assert json.loads(run("watch", "list", "--json").output)["watches"] == api
    assert api[0]["owner"] == "local"


def test_a_digest_and_alerts(run: Run, engine: Any) -> None:
    arguments = ("--digest", "daily", "--hour", "8", "--zone", "Europe/Paris", "--notify", MAIL)
    assert run("watch", "add", "--alerts", *arguments).exit_code == 0
    assert "alerts (1, active): alerts: all" in run("watch", "show", "alerts").output
    assert "daily at 8:00 Europe/Paris" in run("watch", "show", "alerts").output
    assert rows(engine, Receiver)[0].digest_at > now_utc()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", " - "), "asks for nothing"),
        (("add", "ferry", "--webhook", "https://x:verysecret@hook.example/"), "cannot be requested"),
        (("add", "ferry", "--notify", "verysecret"), "mailto://…"),
        (("add", "ferry", "--notify", MAIL, "--digest", "daily", "--zone", "Nowhere"), "no time zone"),
        (("show", "ferry"), "ferry: no watch; `newsmill watch list` shows them"),
        (("show", "twice"), "twice: 2 watches; name one by its id: 1, 2"),
        (("edit", "1", "--query", ""), "asks for nothing"),
        (("resend", "1", "77"), "1 has no delivery 77"),
    ],
    ids=["query", "login", "service", "zone", "name", "names", "edit", "resend"],
)
def test_what_is_wrong_is_said_without_secrets(run: Run, arguments: tuple[str, ...], said: str) -> None:
    for _ in range(2):
        assert run("watch", "add", "boat", "--name", "twice").exit_code == 0
    result = run("watch", *arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "verysecret" not in result.output


def test_a_watch_is_edited_paused_resumed_and_removed(run: Run, engine: Any) -> None:
    run("watch", "add", "ferry", "--webhook", HOOK)
    edited = run(
        "watch", "edit", "ferry", "--name", "Boats", "--query", "boat", "--every-paper", "--drop", "1", "--notify", MAIL
    )
    assert "Boats (1, active): boat" in edited.output
    assert [row.url for row in rows(engine, Receiver)] == [MAIL]
    with Session(engine) as session:
        session.execute(update(Receiver).values(state="disabled", reason="it answered 410"))
        session.commit()
    assert "it answered 410" in run("watch", "show", "Boats").output
    assert "mailto://… (disabled)" in run("watch", "list").output
    assert "active" in run("watch", "edit", "Boats", "--enable", "2").output
    for verb, state in (("pause", "paused"), ("resume", "active")):
        assert run("watch", verb, "boats").output == f"{state}: Boats\n"
        assert rows(engine, Watch)[0].state == state
    assert run("watch", "remove", "Boats").output == "removed: Boats\n"
    assert rows(engine, Watch) == rows(engine, Receiver) == []
    assert "no watches: add one" in run("watch", "list").output


def test_matches_deliveries_and_what_is_sent_again(run: Run, engine: Any) -> None:
    run("watch", "add", "ferry", "--webhook", HOOK)
    assert run("watch", "matches", "ferry").output == "no matches yet\n"
    assert run("watch", "deliveries", "ferry").output == "no deliveries\n"
    with Session(engine) as session:
        session.add(
            Match(watch_id=1, subject="article:1", kind="new", title="Ferry back", url="https://gazette.example/1")
        )
        payload = {"type": "watch.matched", "data": {"title": "Ferry back"}}
        session.add(
            Delivery(
                receiver_id=1,
                message_id="m",
                payload=payload,
                next_at=now_utc(),
                state="failed",
                status=500,
                error="HTTP 500",
            )
        )
        session.commit()
    assert "Ferry back  https://gazette.example/1" in run("watch", "matches", "ferry").output
    shown = run("watch", "deliveries", "ferry", "--state", "failed").output
    for words in ("failed", "500", "https://hook.example/…", "Ferry back", "HTTP 500"):
        assert words in shown
    assert run("watch", "resend", "ferry", "--failed").output == "sent again: 1\n"
    assert [(row.state, row.message_id) for row in rows(engine, Delivery)] == [("waiting", "m")]


def test_a_trial_shows_the_last_week_and_how_the_test_deliveries_went(run: Run, engine: Any) -> None:
    with Session(engine) as session:
        for key, title in (("a", "Ferry back"), ("b", "Bridge built")):
            session.add(
                Article(
                    key=key,
                    url=f"https://gazette.example/{key}",
                    canonical_url=key,
                    trace_id=key,
                    title=title,
                    text="",
                    body_hash=key,
                )
            )
        session.commit()
    run("watch", "add", "ferry")
    assert "it tells nobody" in run("watch", "test", "ferry").output
    run("watch", "edit", "ferry", "--webhook", HOOK)
    shown = run("watch", "test", "ferry", "--wait", "0").output
    assert "it would have matched 1\n" in shown
    assert "Ferry back  https://gazette.example/a" in shown
    assert "https://hook.example/…: not sent yet: no courier has taken it" in shown
    with Session(engine) as session:
        ended = {"state": "delivered", "attempts": 1}
        session.execute(update(Delivery).where(col(Delivery.id) == 1).values(ended))
        session.commit()
    assert rows(engine, Delivery)[0].payload["type"] == "watch.test"
