"""Signing in, and what a cookie is worth."""

import string
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from services.reader.access.accounts import add_account, set_password, set_role
from services.reader.access.limits import BY_ADDRESS, BY_NAME, count_login
from services.reader.access.passwords import NOBODY, hash_password, is_outdated, is_password
from services.reader.access.roles import Role
from services.reader.access.sessions import new_session, seal, unseal
from services.reader.pages.login import own_path
from shared.database.models import Account
from tests.reader.access.conftest import PASSWORD, sign_in
from tests.reader.conftest import csrf_of, post_form

pytestmark = pytest.mark.hostile
KEY = "0123456789abcdef" * 4


def account_of(engine, name="reader") -> Account:
    with Session(engine) as session:
        return session.scalars(select(Account).where(Account.name == name)).one()


def test_who_signs_in_is_led_to_where_they_wanted_and_seen_in_the_audit(wide, engine, audited) -> None:
    client = wide()
    answer = sign_in(client, "reader", next="/?q=tram")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?q=tram")
    assert client.get("/").status_code == 200
    assert account_of(engine).signed_in_at is not None
    assert audited() == [("reader", "session", "sign_in", "reader")]


@pytest.mark.parametrize("secure", [False, True])
def test_the_cookie_is_for_this_host_alone_and_no_script_sees_it(wide, secure) -> None:
    client = wide("https://news.example" if secure else "http://news.example")
    cookie = sign_in(client, "reader").headers["Set-Cookie"]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-newsmill=" if secure else "newsmill=")
    assert {"httponly", "samesite=lax", "path=/"} <= attributes
    assert ("secure" in attributes) == secure
    assert not any(attribute.startswith("domain") for attribute in attributes)


def test_over_tls_a_cookie_without_its_prefix_is_not_looked_at(wide, engine) -> None:
    client = wide("https://news.example")
    sign_in(client, "reader")
    value = client.cookies["__Host-newsmill"]
    client.cookies.clear()
    client.cookies.set("newsmill", value)
    assert client.get("/").status_code == 401


def test_a_session_that_was_there_before_signing_in_is_not_the_one_after(wide, engine) -> None:
    client = wide()
    client.cookies.set("newsmill", "planted", domain="news.example")
    sign_in(client, "reader")
    first = client.cookies.get("newsmill", domain="news.example") or list(client.cookies.jar)[-1].value
    client.cookies.clear()
    sign_in(client, "reader")
    assert "planted" not in first
    assert client.cookies["newsmill"] != first
    assert unseal_id(client, first) != unseal_id(client, client.cookies["newsmill"])


def unseal_id(client, cookie: str) -> str:
    session = unseal(client.app.state.signing_key.read(), cookie, 1)
    assert session is not None
    return session.id


@pytest.mark.parametrize(
    "forged",
    ["", "x", "W10.x.y", "WzEsMSwxXQ.aaaa.bbbb", "é", "." * 4000, "eyJ1c2VyIjoxfQ.ZzZzZz.c2lnbmF0dXJl"],
    ids=["empty", "letter", "no-list", "no-signature", "not-ascii", "dots", "object"],
)
def test_a_forged_cookie_is_nobody(wide, forged) -> None:
    client = wide()
    answer = client.get("/", headers={b"Cookie": b"newsmill=" + forged.encode()})
    assert answer.status_code == 401


def test_a_cookie_of_another_key_or_changed_or_too_old_is_nobody(monkeypatch) -> None:
    session = new_session(1, "mark")
    cookie = seal(KEY, session)
    assert unseal(KEY, cookie, 1) == session
    assert unseal(KEY[::-1], cookie, 1) is None
    assert unseal(KEY, cookie[:-9] + ("A" if cookie[-9] != "A" else "B") + cookie[-8:], 1) is None
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_400 * 1.01)
    assert unseal(KEY, cookie, 1) is None
    assert unseal(KEY, cookie, 2) == session


def test_a_cookie_has_one_spelling() -> None:
    cookie = seal(KEY, new_session(1, "mark"))
    head, _, signature = cookie.rpartition(".")
    # The last character of 32 bytes in base64 has two bits that mean nothing.
    others = {f"{head}.{signature[:-1]}{letter}" for letter in string.ascii_letters + string.digits} - {cookie}
    for other in (
        *others,
        f"{cookie}=",
        f"{cookie}==",
        f"{head}. {signature}",
        f"{head}.{signature[:5]}\x84{signature[5:]}",
        f"{cookie}\n",
    ):
        assert unseal(KEY, other, 1) is None


@given(st.text())
def test_any_text_is_no_cookie(text: str) -> None:
    assert unseal(KEY, text, 1) is None


@pytest.mark.parametrize("change", ["password", "role", "removed"])
def test_a_session_ends_when_its_account_changes(wide, engine, change) -> None:
    client = wide()
    sign_in(client, "editor")
    assert client.get("/").status_code == 200
    with Session(engine) as session:
        account = session.scalars(select(Account).where(Account.name == "editor")).one()
        if change == "password":
            set_password(account, "another ferry at dawn")
        elif change == "role":
            set_role(account, Role.READER)
        else:
            session.delete(account)
            session.flush()
            # SQLite gives the newest row's number again.
            add_account(session, "successor", Role.ADMIN, None)
        session.commit()
    assert client.get("/").status_code == 401


def test_signing_out_takes_the_cookie_away(wide) -> None:
    client = wide()
    sign_in(client, "reader")
    assert post_form(client, "/account", "/logout").headers["Location"] == "/login"
    assert client.get("/").status_code == 401


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(wide) -> None:
    client = wide()
    wrong, unknown = sign_in(client, "reader", "not this ferry"), sign_in(client, "nobody", "not this ferry")
    blank = lambda answer: answer.text.replace(csrf_of(answer.text), "")  # noqa: E731 - said twice
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert blank(wrong) == blank(unknown)
    assert "Set-Cookie" not in wrong.headers


def test_an_unknown_name_costs_one_check_as_a_known_one_does(monkeypatch, password_hash) -> None:
    from argon2 import PasswordHasher

    checked = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda self, known, given: checked.append(known) or verify(self, known, given)
    )
    assert not is_password(PASSWORD, None)
    assert not is_password("another ferry", password_hash)
    assert is_password(PASSWORD, password_hash)
    assert checked == [NOBODY, password_hash, password_hash]
    parameters = [known.rpartition("$")[0].rpartition("$")[0] for known in checked]
    assert len(set(parameters)) == 1, "the same cost"


@pytest.mark.parametrize("name", ["reader", "nobody"])
def test_guesses_at_a_name_are_limited_known_or_not_and_from_all_addresses(wide, redis, name) -> None:
    for number in range(BY_NAME.times):
        assert count_login(redis, name, f"192.0.2.{number}") == 0
    refused = sign_in(wide(), name)
    assert (refused.status_code, 0 < int(refused.headers["Retry-After"]) <= BY_NAME.seconds + 1) == (429, True)
    assert "Set-Cookie" not in refused.headers, "the right password, too"
    assert sign_in(wide(), "editor").status_code == 303


def test_guesses_from_an_address_are_limited_whatever_the_names(redis) -> None:
    waits = [count_login(redis, f"name{number}", f"2001:db8::{number:x}") for number in range(BY_ADDRESS.times + 1)]
    assert waits[:-1] == [0] * BY_ADDRESS.times
    assert 0 < waits[-1] <= BY_ADDRESS.seconds + 1, "one /64 is one client"
    assert count_login(redis, "name", "2001:db8:0:1::1") == 0


@pytest.mark.parametrize(
    "following",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/\n/evil.example", "\\\\evil.example",
     "javascript:alert(1)", "", "evil.example", " //evil.example", "/\r\nSet-Cookie: a=b", "/login?next=/", "/logout"],
)  # fmt: skip
def test_no_address_leads_elsewhere_after_signing_in(wide, following) -> None:
    assert own_path(following) == "/"


def test_the_address_to_go_on_to_is_checked_when_the_form_comes(wide) -> None:
    client = wide()
    assert "evil.example" not in client.get(f"/login?next={quote('//evil.example')}").text
    assert sign_in(client, "reader", next="//evil.example").headers["Location"] == "/"


@given(st.text())
def test_whatever_is_asked_for_is_a_path_of_this_reader(text: str) -> None:
    from urllib.parse import urljoin, urlsplit

    joined = urlsplit(urljoin("https://news.example/login", own_path("/" + text)))
    assert joined.netloc == "news.example"


def test_a_password_has_a_length_and_its_spelling_in_unicode_does_not_matter() -> None:
    for wrong in ("short", "x" * 1001):
        with pytest.raises(ValueError, match="12 to 1000"):
            hash_password(wrong)
    assert is_password("cafe\u0301 by the harbour", hash_password("caf\u00e9 by the harbour"))


def test_an_old_hash_is_renewed_at_the_next_sign_in(wide, engine) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with Session(engine) as session:
        session.scalars(select(Account).where(Account.name == "reader")).one().password_hash = weak
        session.commit()
    assert sign_in(wide(), "reader").status_code == 303
    assert is_outdated(weak)
    assert not is_outdated(account_of(engine).password_hash)


def test_the_key_is_made_once_and_kept_unless_it_is_set(wide, serve) -> None:
    keys = {wide().app.state.signing_key.read() for _ in range(2)}
    assert len(keys) == 1
    assert len(keys.pop()) == 64
    assert serve(reader_session_key=KEY).app.state.signing_key.read() == KEY
