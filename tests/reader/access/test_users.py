"""The pages of users: what an admin can do there, and who cannot."""

import re
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest
from sqlmodel import Session, select

from services.reader.access.accounts import account_named
from services.reader.api import stream
from shared.contracts import now_utc
from shared.database.models import Account, ApiToken, ReadState
from tests.reader.access.conftest import PASSWORD, bearer, sign_in
from tests.reader.conftest import article, csrf_of, post_form
from tests.reader.markup import XSS, check_harmless

pytestmark = pytest.mark.hostile
OTHER = "another ferry at dawn"


@pytest.fixture
def admin(wide):
    """A client in which an admin has signed in."""
    client = wide()
    sign_in(client, "admin")
    return client


@pytest.mark.parametrize("name", ["reader", "editor"])
@pytest.mark.parametrize("path", ["/users", "/users/admin"])
def test_the_pages_of_users_are_for_admins(wide, name, path):
    client = wide()
    sign_in(client, name)
    assert client.get(path).status_code == 403
    fields = {"csrf": csrf_of(client.get("/account").text), "name": "eve", "role": "admin", "password": PASSWORD}
    assert client.post("/users", data=fields).status_code == 403


def test_no_token_makes_users(wide, token):
    headers = bearer(token("admin"))
    assert [wide().request(method, "/users", headers=headers).status_code for method in ("GET", "POST")] == [403, 403]


def test_a_user_is_added_and_signs_in(wide, admin, audited):
    answer = post_form(admin, "/users", "/users", name="ada@news.example", role="editor", password=OTHER)
    assert answer.headers["Location"] == "/users/ada%40news.example"
    assert admin.get(answer.headers["Location"]).status_code == 200
    assert sign_in(wide(), "ada@news.example", OTHER).status_code == 303
    assert ("admin", "session", "add_user", "ada@news.example") in audited()
    assert "argon2" not in admin.get("/users/ada@news.example").text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": "reader"}, 422), ({"name": ""}, 422), ({"name": ".."}, 422), ({"name": "a/b"}, 422), ({"password": "short"}, 422),
        ({"role": "owner"}, 422), ({"csrf": "0" * 32}, 403),
    ],
    ids=["taken", "no name", "no name of a page", "two names", "short password", "no role", "forged"],
)  # fmt: skip
def test_what_is_wrong_makes_no_user(admin, engine, fields, status):
    csrf = csrf_of(admin.get("/users").text)
    fields = {"csrf": csrf, "name": "ada", "role": "reader", "password": OTHER, **fields}
    assert admin.post("/users", data=fields).status_code == status
    with Session(engine) as session:
        assert {row.name for row in session.scalars(select(Account))} == {"reader", "editor", "admin"}


def test_who_is_disabled_is_out_by_every_way_and_in_again_when_enabled(wide, admin, token, audited):
    client, program, headers = wide(), wide(), bearer(token("editor"))
    sign_in(client, "editor")
    proxy = wide(peer="192.0.2.7", reader_user_header="Remote-User", behind_proxy=True, proxy_networks="192.0.2.7/32")

    def statuses() -> tuple[int, ...]:
        by_proxy = proxy.get("/", headers={"Remote-User": "editor"}).status_code
        return (client.get("/").status_code, program.get("/v1/articles", headers=headers).status_code, by_proxy)

    assert statuses() == (200, 200, 200)
    assert post_form(admin, "/users/editor", "/users/editor/disable").status_code == 303
    assert statuses() == (401, 401, 401)
    assert sign_in(wide(), "editor").status_code == 401
    assert "disabled" in admin.get("/users").text
    assert post_form(admin, "/users/editor", "/users/editor/enable").status_code == 303
    assert statuses() == (401, 200, 200), "the old session stays ended"
    assert sign_in(client, "editor").status_code == 303
    assert [entry[2:] for entry in audited() if "able" in entry[2]] == [
        ("disable_user", "editor"),
        ("enable_user", "editor"),
    ]


def test_a_role_and_a_password_are_changed_and_end_the_sessions(wide, admin, audited):
    client = wide()
    sign_in(client, "reader")
    assert post_form(admin, "/users/reader", "/users/reader/role", role="editor").status_code == 303
    assert client.get("/").status_code == 401
    sign_in(client, "reader")
    assert client.get("/images").status_code == 200
    assert post_form(admin, "/users/reader", "/users/reader/password", password="short").status_code == 422
    assert client.get("/images").status_code == 200, "what was refused ends no session"
    assert post_form(admin, "/users/reader", "/users/reader/password", password=OTHER).status_code == 303
    assert client.get("/images").status_code == 401
    assert sign_in(client, "reader", OTHER).status_code == 303
    assert ("admin", "session", "change_role", "reader") in audited()
    assert OTHER not in str(audited())


def test_a_token_of_a_user_is_shown_once_and_revoked(wide, admin, engine, audited):
    page = post_form(admin, "/users/editor", "/users/editor/tokens", label="night job", scope=["read"]).text
    text = re.search(r"newsmill_[\w-]{43}", page)[0]
    assert text not in admin.get("/users/editor").text
    assert wide().get("/v1/articles", headers=bearer(text)).status_code == 200
    with Session(engine) as session:
        number = session.scalars(select(ApiToken)).one().id
    assert post_form(admin, "/users/reader", f"/users/reader/tokens/{number}/revoke").status_code == 404
    assert post_form(admin, "/users/editor", f"/users/editor/tokens/{number}/revoke").status_code == 303
    assert wide().get("/v1/articles", headers=bearer(text)).status_code == 401
    assert post_form(admin, "/users/editor", "/users/editor/tokens", label="", scope=["read"]).status_code == 422
    assert [entry[2:] for entry in audited()[1:]] == [("add_user_token", "editor"), ("revoke_user_token", "editor")]


def test_a_removed_user_leaves_nothing_to_the_next_one(admin, add, engine):
    number = add(article(1))
    with Session(engine) as session:
        owner = account_named(session, "editor").id
    add(ReadState(owner=owner, article_id=number, is_read=True))
    assert post_form(admin, "/users/editor", "/users/editor/remove").status_code == 303
    assert admin.get("/users/editor").status_code == 404
    with Session(engine) as session:
        assert session.scalars(select(ReadState)).all() == []


@pytest.mark.parametrize("change", ["role", "password", "disable", "remove"])
def test_nobody_locks_themselves_out(admin, change):
    csrf = csrf_of(admin.get("/users/admin").text)
    fields = {"csrf": csrf, "role": "reader", "password": OTHER}
    assert admin.post(f"/users/admin/{change}", data=fields).status_code == 409
    assert admin.get("/users").status_code == 200


@pytest.mark.parametrize("attack", XSS, ids=range(len(XSS)))
def test_an_attack_in_every_field_of_a_user_stays_text(admin, engine, attack):
    with Session(engine) as session:
        account = Account(name=attack[:64].replace("/", ""), role=attack[:16])
        session.add(account)
        session.flush()
        session.add(ApiToken(account_id=account.id, label=attack[:64], digest="1" * 64, scopes=[attack]))
        session.commit()
        name = account.name
    from urllib.parse import quote

    check_harmless(admin.get("/users").text)
    page = admin.get(f"/users/{quote(name)}")
    assert page.status_code == 200
    check_harmless(page.text)


def test_a_stream_ends_when_its_user_is_disabled(wide, token, engine, monkeypatch):
    for name in ("CHECK_SECONDS", "HEARTBEAT_SECONDS"):
        monkeypatch.setattr(stream, name, 0.05)
    client, headers = wide(), bearer(token("reader"))
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(client.get, "/v1/stream", headers=headers)
        deadline = monotonic() + 60
        while not client.app.state.tail._streams:
            assert monotonic() < deadline
        with Session(engine) as session:
            session.scalars(select(Account).where(Account.name == "reader")).one().disabled_at = now_utc()
            session.commit()
        assert answer.result(60).text.startswith("retry: ")
    assert client.get("/v1/stream", headers=headers).status_code == 401
