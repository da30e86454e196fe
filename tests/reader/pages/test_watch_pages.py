from datetime import timedelta

import pytest
from sqlmodel import Session

from services.reader.access.accounts import add_account, add_token
from services.reader.access.roles import Role, Scope
from services.reader.pages.watches import PAGE_SIZE
from shared.contracts import now_utc
from shared.database.models import Delivery, Match, Receiver, Watch
from tests.reader.conftest import article, csrf_of, post_form
from tests.reader.markup import XSS, check_harmless

NOW = now_utc()


def watch(**fields) -> Watch:
    defaults = {"name": "Harbour", "query": "quay", "feed_secret": "s" * 24, "created_at": NOW, "changed_at": NOW}
    return Watch(**defaults | fields)


def test_what_a_new_watch_would_have_matched_is_shown_and_nobody_is_told(client, add):
    add(article(1, title="The quay opens", stored_at=NOW - timedelta(days=1)))
    add(article(2, title="The quay of long ago", stored_at=NOW - timedelta(days=30)))
    page = client.get("/watches/new", params={"q": "quay"}).text
    assert ("The quay opens" in page, "long ago" in page) == (True, False)
    assert client.get("/v1/watches").json()["items"] == []


def test_a_watch_is_made_and_its_secret_shown_once(client):
    fields = {
        "name": "Harbour",
        "query": "quay",
        "about": "articles",
        "url": "https://hook.example/?key=secret",
        "rhythm": "daily",
        "hour": "6",
        "zone": "Europe/Paris",
    }
    page = post_form(client, "/watches/new", "/watches", **fields)
    [made] = client.get("/v1/watches").json()["items"]
    assert (made["query"], made["fold"], made["receivers"][0]["hour"]) == ("quay", False, 6)
    assert "whsec_" in page.text
    again = client.get(f"/watches/{made['id']}").text
    assert ("whsec_" in again, "key=secret" in again) == (False, False)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"query": "-"}, "asks for nothing"),
        ({"query": "quay", "url": "nonsense"}, "http(s) URL of a webhook"),
        ({"query": "quay", "url": "https://hook.example/", "zone": "Nowhere/Land"}, "no time zone"),
        ({"query": "quay", "name": ""}, "name"),
    ],
    ids=["asks for nothing", "no receiver", "no time zone", "no name"],
)
def test_what_is_wrong_is_said_without_repeating_it(client, fields, reason):
    answer = post_form(client, "/watches/new", "/watches", **{"name": "X", "about": "articles", **fields})
    assert (answer.status_code, reason in answer.text) == (422, True)
    assert client.get("/v1/watches").json()["items"] == []


def test_a_form_without_its_token_changes_nothing(client, add):
    watch_id = add(watch())
    assert client.post(f"/watches/{watch_id}/remove").status_code == 403
    assert client.get(f"/watches/{watch_id}").status_code == 200


def test_a_wrong_change_leaves_the_watch_as_it_was(client, add):
    watch_id = add(watch())
    answer = post_form(client, f"/watches/{watch_id}", f"/watches/{watch_id}", name="Other", query="-")
    assert (answer.status_code, "asks for nothing" in answer.text) == (422, True)
    assert client.get(f"/v1/watches/{watch_id}").json()["name"] == "Harbour"


def test_the_address_of_a_feed_is_for_editors_and_the_owner(serve, add, engine):
    with Session(engine) as session:
        texts = {name: add_token(session, add_account(session, name, role, None), "t", [Scope.READ])
                 for name, role in (("ada", Role.READER), ("bo", Role.READER), ("cy", Role.EDITOR))}  # fmt: skip
        session.commit()
    number, client = add(watch(owner="ada")), serve(reader_accounts=True)
    paths = ("/watches", f"/watches/{number}", "/v1/watches", f"/v1/watches/{number}", f"/watches/{number}/deliveries")
    for name, knows in (("ada", True), ("bo", False), ("cy", True)):
        answers = [client.get(path, headers={"Authorization": f"Bearer {texts[name]}"}) for path in paths]
        assert [answer.status_code for answer in answers] == [200] * 5
        assert ["s" * 24 in answer.text for answer in answers] == [knows] * 4 + [False], name
        assert all("Harbour" in answer.text for answer in answers)


def test_matches_are_paged(client, add):
    watch_id = add(watch())
    for number in range(PAGE_SIZE + 1):
        add(Match(watch_id=watch_id, subject=f"article:{number}", kind="new", title=f"Match number{number}<"))
    page = client.get(f"/watches/{watch_id}").text
    assert "number0&lt;" not in page
    assert "number0&lt;" in client.get(page.split('rel="next" href="')[1].partition('"')[0]).text


def test_a_delivery_to_a_disabled_receiver_is_not_sent_again(client, add):
    watch_id = add(watch())
    receiver = add(
        Receiver(watch_id=watch_id, kind="webhook", url="https://hook.example/", state="disabled", reason="gone")
    )
    delivery = add(Delivery(receiver_id=receiver, message_id="m", state="failed"))
    path = f"/watches/{watch_id}/deliveries"
    assert post_form(client, path, f"{path}/resend", delivery=delivery).status_code == 409
    post_form(client, f"/watches/{watch_id}", f"/watches/{watch_id}/receivers/{receiver}/enable")
    assert post_form(client, path, f"{path}/resend", delivery=delivery).status_code == 303
    assert client.get(f"/v1{path}").json()["items"][0]["state"] == "waiting"


@pytest.mark.parametrize("path", ["/watches/7", "/watches/7/deliveries"])
def test_a_watch_that_is_not_there(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.hostile
@pytest.mark.parametrize("attack", XSS)
def test_an_attack_in_every_field_of_a_watch_stays_text(client, add, attack):
    watch_id = add(watch(name=attack, query=attack, owner=attack))
    receiver = add(
        Receiver(
            watch_id=watch_id,
            kind="webhook",
            url=f"https://x.example/{attack}",
            state="disabled",
            reason=attack,
            zone=attack,
            hour=1,
        )
    )
    add(Match(watch_id=watch_id, subject="1", kind=attack[:16], title=attack, url=attack))
    add(Delivery(receiver_id=receiver, message_id="m", state="failed", error=attack, payload={"type": attack}))
    for path in ("/watches", f"/watches/{watch_id}", f"/watches/{watch_id}/deliveries"):
        check_harmless(client.get(path).text)
    check_harmless(client.get("/watches/new", params={"q": attack, "name": attack}).text)
    token = csrf_of(client.get("/watches/new").text)
    check_harmless(client.post("/watches", data={"csrf": token, "name": attack, "query": attack, "about": attack}).text)
