"""The page of one's own account, forms that are not ours, the proxy's word, and the audit."""

import re

import pytest
from sqlmodel import Session, select

from services.reader.settings import ReaderSettings
from shared.database.models import Account, ApiToken
from shared.errors import SettingsError
from shared.settings import load
from tests.reader.access.conftest import PASSWORD, bearer, sign_in
from tests.reader.conftest import csrf_of, post_form

pytestmark = pytest.mark.hostile
PROXY = {"reader_user_header": "Remote-User", "behind_proxy": True, "proxy_networks": "192.0.2.7/32"}


def test_a_new_password_ends_the_other_sessions_and_no_hash_is_shown(wide, audited) -> None:
    here, elsewhere = wide(), wide()
    for client in (here, elsewhere):
        sign_in(client, "reader")
    fields = {"current": PASSWORD, "password": "another ferry at dawn"}
    assert post_form(here, "/account", "/account/password", **fields).status_code == 303
    assert (here.get("/account").status_code, elsewhere.get("/").status_code) == (200, 401)
    assert sign_in(elsewhere, "reader").status_code == 401
    assert sign_in(elsewhere, "reader", "another ferry at dawn").status_code == 303
    assert "argon2" not in here.get("/account").text
    assert ("reader", "session", "change_password", "reader") in audited()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"current": "wrong", "password": "another ferry at dawn"}, 403),
        ({"current": PASSWORD, "password": "short"}, 422),
    ],
)
def test_a_password_is_changed_by_who_knows_the_present_one_to_one_that_is_long_enough(wide, fields, status) -> None:
    client = wide()
    sign_in(client, "reader")
    assert post_form(client, "/account", "/account/password", **fields).status_code == status
    assert sign_in(wide(), "reader").status_code == 303


def test_a_token_is_shown_once_works_and_is_revoked(wide, engine, audited) -> None:
    client, program = wide(), wide()
    sign_in(client, "editor")
    page = post_form(client, "/account", "/account/tokens", label="night job", scope=["read", "trigger"]).text
    text = re.search(r"newsmill_[\w-]{43}", page)[0]
    assert text not in client.get("/account").text
    with Session(engine) as session:
        assert text not in str(session.scalars(select(ApiToken)).one().model_dump())
    assert program.get("/v1/articles", headers=bearer(text)).status_code == 200
    assert post_form(client, "/account", "/account/tokens/1/revoke").status_code == 303
    assert program.get("/v1/articles", headers=bearer(text)).status_code == 401
    assert [entry[2:] for entry in audited()[1:]] == [("add_api_token", "night job"), ("revoke_api_token", "night job")]


def test_nobody_revokes_another_users_token(wide, token) -> None:
    text, client = token("editor"), wide()
    sign_in(client, "reader")
    assert post_form(client, "/account", "/account/tokens/1/revoke").status_code == 404
    assert client.get("/v1/articles", headers=bearer(text)).status_code == 200


def test_signing_out_everywhere_ends_every_session(wide) -> None:
    clients = [wide(), wide()]
    for client in clients:
        sign_in(client, "reader")
    assert post_form(clients[0], "/account", "/account/sessions/end").status_code == 303
    assert [client.get("/").status_code for client in clients] == [401, 401]


@pytest.mark.parametrize("path", ["/account/tokens", "/account/password", "/account/sessions/end", "/logout", "/login"])
def test_a_form_needs_the_token_of_its_own_session(wide, path) -> None:
    client, other = wide(), wide()
    sign_in(client, "editor")
    sign_in(other, "editor")
    anothers = csrf_of(other.get("/account").text)
    for fields in ({}, {"csrf": ""}, {"csrf": "0" * 32}, {"csrf": "é"}, {"csrf": anothers}):
        answer = client.post(path, data={"label": "x", "scope": "read", **fields}, follow_redirects=False)
        assert answer.status_code == 403, fields
    assert client.get("/account").status_code == 200
    assert "newsmill_" not in client.get("/account").text


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_form_of_another_site_signs_nobody_in(wide, headers) -> None:
    client = wide()
    fields = {"csrf": csrf_of(client.get("/login").text), "name": "reader", "password": PASSWORD}
    assert client.post("/login", data=fields, headers=headers).status_code == 403


def test_a_browser_changes_nothing_by_the_api(wide) -> None:
    client = wide()
    sign_in(client, "admin")
    assert client.get("/v1/articles").status_code == 200
    answer = client.post("/v1/triggers", json={"url": "https://x.example/"})
    assert (answer.status_code, "token" in answer.json()["detail"]) == (403, True)


@pytest.mark.parametrize(
    ("peer", "names", "status"),
    [
        ("192.0.2.7", ["editor"], 200), ("192.0.2.8", ["editor"], 401), ("127.0.0.1", ["editor"], 401), ("192.0.2.7", ["nobody"], 401),
        ("192.0.2.7", ["editor", "admin"], 401), ("192.0.2.7", [""], 401), ("unix", ["editor"], 401),
    ],
)  # fmt: skip
def test_a_proxys_user_is_believed_from_the_named_proxy_only(wide, peer, names, status) -> None:
    client = wide(peer=peer, **PROXY)
    headers = [("Remote-User", name) for name in names]
    assert client.get("/", headers=headers).status_code == status
    forwarded = [*headers, ("X-Forwarded-For", "192.0.2.7")]
    assert client.get("/", headers=forwarded).status_code == status, (
        "what the header of a client claims changes nothing"
    )


def test_without_the_setting_no_header_names_a_user(wide) -> None:
    client = wide(peer="192.0.2.7", **PROXY | {"reader_user_header": ""})
    assert client.get("/", headers={"Remote-User": "admin"}).status_code == 401


def test_a_proxys_user_sends_forms_with_their_token_and_no_changes_by_the_api(wide, audited) -> None:
    client = wide(peer="192.0.2.7", **PROXY)
    client.headers["Remote-User"] = "editor"
    assert client.post("/v1/triggers", json={"url": "https://x.example/"}).status_code == 403
    assert client.post("/account/tokens", data={"label": "x", "scope": "read"}).status_code == 403
    assert post_form(client, "/account", "/account/tokens", label="x", scope="read").status_code == 200
    assert audited() == [("editor", "proxy", "add_api_token", "x")]


def test_a_header_without_a_proxy_is_no_setting() -> None:
    with pytest.raises(SettingsError, match="NEWSMILL_BEHIND_PROXY"):
        load(ReaderSettings, reader_user_header="Remote-User")
    with pytest.raises(SettingsError, match="at least 32") as error:
        load(ReaderSettings, reader_session_key="short-and-secret")
    assert "short-and-secret" not in str(error.value)


def test_every_change_is_in_the_audit_and_what_failed_is_not(wide, token, audited) -> None:
    client, headers = wide(), bearer(token("editor"))
    site = {"home_page": "https://gazette.example/", "name": "Gazette"}
    assert client.post("/v1/sites", json=site, headers=headers).status_code == 202
    assert client.post("/v1/sites", json={"home_page": "none"}, headers=headers).status_code == 422
    assert client.post("/v1/triggers", json={"url": "https://x.example/"}, headers=headers).status_code == 202
    assert audited() == [("editor", "token", "add_site", "https://gazette.example/")]
    (entry,) = client.get("/v1/audit", headers=bearer(token("admin"))).json()["items"]
    assert (entry["detail"], entry["address"]) == (site, "127.0.0.1")


def test_the_audit_by_pages_and_by_user(wide, engine, add) -> None:
    from shared.database.models import Audit

    for number in range(3):
        add(Audit(actor=f"user{number % 2}", via="token", action="change_site", subject=f"s{number}"))
    client = wide()
    sign_in(client, "admin")
    first = client.get("/v1/audit?limit=2&actor=user0").json()
    assert [entry["subject"] for entry in first["items"]] == ["s2", "s0"]
    newest = client.get("/v1/audit?limit=2").json()
    rest = client.get("/v1/audit", params={"cursor": newest["next"]}).json()["items"]
    assert [entry["subject"] for entry in rest] == ["s1", "s0"]


def test_an_attack_in_every_field_of_an_account_stays_text(wide, engine, add) -> None:
    from shared.database.models import Audit

    attack = '"><img src=x onerror=alert(1)>'
    add(Audit(actor=attack, via=attack[:16], action=attack, subject=attack, address=attack, detail={attack: attack}))
    with Session(engine) as session:
        admin = session.scalars(select(Account).where(Account.name == "admin")).one()
        session.add(ApiToken(account_id=admin.id, label=attack, digest="0" * 64, scopes=[attack]))
        session.commit()
    client = wide()
    sign_in(client, "admin")
    for path in ("/account", "/audit", "/login?next=" + attack):
        assert "<img" not in client.get(path).text
