"""Closed by default: who may see and do what."""

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import _IncludedRouter
from starlette.routing import Mount, Route

from services.reader.access.needs import OPEN, OPEN_BELOW, READING_METHODS, need_of
from services.reader.access.roles import Role, Scope
from services.reader.http.forms import _NO_FORMS
from services.reader.http.routes import BoundedRoute
from tests.reader.access.conftest import bearer, sign_in

pytestmark = pytest.mark.hostile
# What a reader may change: their own account and what they see.
OF_READERS = {"/v1/images/reports", "/images/reports", "/pictures", "/logout", "/account/password", "/account/tokens",
              "/account/tokens/{id}/revoke", "/account/sessions/end", "/reading", "/reading/all", "/v1/reading", "/v1/reading/{id}"}  # fmt: skip
# Routes that change something and take no form of a page: their paths are open, or below /v1.
UNBOUNDED = {"/healthz", "/metrics", "/canary", "/openapi.json"}


def routes(app) -> Iterator[tuple[str, str, object]]:
    """Every method and path that the application answers."""
    for route in app.routes:
        if isinstance(route, _IncludedRouter):
            assert not route.include_context.prefix
            yield from routes(route.original_router)
        elif isinstance(route, Mount):
            yield "GET", f"{route.path}/x", route
        elif isinstance(route, Route):
            yield from ((method, route.path, route) for method in sorted(route.methods or ()))
        else:
            pytest.fail(f"{route!r}: a kind of route that this test does not know")


def filled(path: str) -> str:
    return re.sub(r"\{key\}", "0" * 32, re.sub(r"\{(?!key)[^}]+\}", "1", path))


def test_every_route_asks_who_it_is_unless_it_is_named_as_open(wide) -> None:
    client = wide()
    answers = {
        (method, path): client.request(method, filled(path)).status_code for method, path, _ in routes(client.app)
    }
    opened = {path for (_, path), status in answers.items() if status != 401}
    assert len(answers) > 30
    assert {path for path in opened if path not in OPEN and not path.startswith(OPEN_BELOW)} == set()


def test_every_change_needs_an_editor_unless_it_is_named(wide, token) -> None:
    client, headers = wide(), bearer(token("reader"))
    changes = [
        (method, path)
        for method, path, _ in routes(client.app)
        if method not in READING_METHODS and need_of(method, path)
    ]
    refused = {
        path for method, path in changes if client.request(method, filled(path), headers=headers).status_code == 403
    }
    assert {path for _, path in changes} - refused - OF_READERS == set(), "name it here if readers may change it"


def test_every_form_is_one_whose_token_is_checked(wide) -> None:
    forms = [(path, route) for method, path, route in routes(wide().app)
             if method not in READING_METHODS and not path.startswith(_NO_FORMS)]  # fmt: skip
    assert len(forms) > 5
    assert [path for path, route in forms if not isinstance(route, BoundedRoute)] == []


@pytest.mark.parametrize(
    ("way", "name", "statuses"),
    [
        ("/v1/articles", "reader", 200), ("/account", "reader", 200), ("/audit", "reader", 403), ("/audit", "editor", 403),
        ("/audit", "admin", 200), ("/v1/audit", "editor", 403), ("/v1/audit", "admin", 200), ("/docs", "reader", 200),
    ],
)  # fmt: skip
def test_a_role_sees_what_is_its_own(wide, way, name, statuses) -> None:
    client = wide()
    sign_in(client, name)
    assert client.get(way).status_code == statuses


SCOPES = [
    ("GET", "/v1/articles", Scope.READ), ("POST", "/v1/triggers", Scope.TRIGGER), ("POST", "/v1/sites", Scope.WRITE),
    ("DELETE", f"/v1/sites/{'0' * 32}", Scope.WRITE), ("POST", "/v1/images/blocks", Scope.WRITE), ("GET", "/v1/audit", Scope.READ),
]  # fmt: skip


@pytest.mark.parametrize("held", list(Scope))
def test_a_token_reaches_no_further_than_its_scope(wide, token, held) -> None:
    client, headers = wide(), bearer(token("admin", held))
    for method, path, needed in SCOPES:
        status = client.request(method, path, headers=headers, json={}).status_code
        assert (status == 403) == (needed is not held), (method, path, status)


@pytest.mark.parametrize("path", ["/account", "/account/tokens", "/account/password", "/account/sessions/end"])
def test_no_token_reaches_the_account_behind_it(wide, token, path) -> None:
    method = "GET" if path == "/account" else "POST"
    assert wide().request(method, path, headers=bearer(token("admin"))).status_code == 403


def test_a_tokens_scope_gives_its_user_no_higher_role(wide, token) -> None:
    client = wide()
    assert (
        client.post("/v1/triggers", json={"url": "https://x.example/"}, headers=bearer(token("reader"))).status_code
        == 403
    )
    assert client.get("/v1/audit", headers=bearer(token("editor"))).status_code == 403


@pytest.mark.parametrize("text", ["", "x", "newsmill_", "newsmill_" + "A" * 43, "é", "newsmill_\x00", "None"])
def test_a_token_that_is_none_opens_nothing_on_loopback_either(serve, wide, text) -> None:
    headers = {b"Authorization": b"Bearer " + text.encode()}
    assert wide().get("/v1/articles", headers=headers).status_code == 401
    assert serve().get("/v1/articles", headers=headers).status_code == 401


def test_a_revoked_token_opens_nothing(wide, token, engine) -> None:
    from sqlmodel import Session

    from services.reader.access.accounts import revoke_token

    client, text = wide(), token("editor")
    assert client.get("/v1/articles", headers=bearer(text)).status_code == 200
    with Session(engine) as session:
        assert revoke_token(session, 1).used_at is not None
        session.commit()
    assert client.get("/v1/articles", headers=bearer(text)).status_code == 401


def test_the_old_token_reads_writes_and_triggers_and_sees_no_audit(wide) -> None:
    client, headers = wide(reader_token="sesame of old"), bearer("sesame of old")
    assert client.get("/v1/articles", headers=headers).status_code == 200
    assert client.post("/v1/triggers", json={"url": "https://x.example/"}, headers=headers).status_code == 202
    assert client.post("/v1/sites", json={"home_page": "https://x.example/"}, headers=headers).status_code == 202
    assert client.get("/v1/audit", headers=headers).status_code == 403
    assert client.get("/account", headers=headers).status_code == 403


def test_on_loopback_nobody_is_asked_who_they_are_unless_that_is_set(serve) -> None:
    assert serve().get("/audit").status_code == 200
    assert serve(reader_accounts=True).get("/").status_code == 401
    assert serve(behind_proxy=True).get("/").status_code == 401, "a proxy on this machine may lead anybody here"


@pytest.mark.parametrize("path", ["/", "/v1/articles", "/account", "/audit", "/nowhere"])
def test_no_shared_cache_keeps_what_only_some_may_see(wide, path) -> None:
    client = wide()
    sign_in(client, "admin")
    assert {"private", "no-store"} & set(re.split(r", *", client.get(path).headers["Cache-Control"]))


def test_a_browser_is_led_to_the_form_and_a_program_is_told(wide) -> None:
    client = wide()
    asked = client.get("/?q=tram&site=x", headers={"Accept": "text/html,*/*"}, follow_redirects=False)
    assert (asked.status_code, asked.headers["Location"]) == (303, "/login?next=%2F%3Fq%3Dtram%26site%3Dx")
    sent = client.post("/pipeline/dead/drop", headers={"Accept": "text/html,*/*"}, follow_redirects=False)
    assert (sent.status_code, sent.headers["Location"].rstrip("?")) == (303, "/login"), (
        "what was sent is not sent again"
    )
    told = client.get("/v1/articles", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (told.status_code, told.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("path", ["/Audit", "//audit", "/audit/", "/%61udit", "/x/../audit", "/login/../audit", "/static/../audit", "/audit%00", "/v1//audit"])  # fmt: skip
def test_no_spelling_of_a_path_goes_round_the_gate(wide, path) -> None:
    client = wide()
    sign_in(client, "reader")
    answer = client.send(client.build_request("GET", "http://news.example" + path), follow_redirects=True)
    assert answer.status_code in {403, 404}


def test_what_is_not_named_is_closed() -> None:
    assert need_of("GET", "/anything").role is Role.READER
    assert (need_of("POST", "/anything").role, need_of("POST", "/anything").scope) == (Role.EDITOR, Scope.WRITE)
    assert need_of("GET", "/loginx") is not None
    assert need_of("POST", "/static") is not None


@pytest.mark.parametrize(
    ("name", "path", "status"), [("reader", "/audit", 403), ("reader", "/articles/9", 404), ("reader", "/nowhere", 404)]
)
def test_a_browser_is_told_on_a_page_and_a_program_in_json(wide, name, path, status) -> None:
    client = wide()
    sign_in(client, name)
    page = client.get(path, headers={"Accept": "text/html,*/*"})
    assert (page.status_code, "<h1>" in page.text, page.headers["Content-Type"]) == (
        status,
        True,
        "text/html; charset=utf-8",
    )
    assert client.get(path).json()["detail"]
    assert client.get("/v1/audit", headers={"Accept": "text/html"}).json()["detail"]
