"""Reports of images at the door: thanked, limited, never an oracle; and what a block changes."""

import json
import re
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine
from sqlmodel import Session

from shared.database.models import Image, ImageBlock
from shared.later import MESSAGES
from shared.urls import fingerprint
from tests.reader.conftest import NOWHERE, TestClient, article

PICTURE = "https://img.example/1.jpg"


def taken(redis: "Redis") -> list[dict[str, Any]]:
    return [json.loads(packed) for packed in redis.hvals(MESSAGES)]


def picture(article_id: int, url: str = PICTURE, **fields: Any) -> Image:
    return Image(article_id=article_id, key=fingerprint(url), url=url, **fields)


def test_a_report_is_thanked_whether_the_image_is_known_or_not(client, redis, add) -> None:
    add(picture(add(article(1))))
    answers = [client.post("/v1/images/reports", json={"url": url}) for url in (PICTURE, "https://else.example/x.png")]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert {message["url"] for message in taken(redis)} == {PICTURE, "https://else.example/x.png"}
    assert "127.0.0.1" not in json.dumps(taken(redis)), "the reporter is a hash"
    assert redis.llen("store\x06\x164") == 2
    assert b"127.0.0.1" not in redis.lindex("store\x06\x164", 0)


def test_reports_are_limited_by_client(serve) -> None:
    client = serve(report_limit=2)
    codes = [client.post("/v1/images/reports", json={"url": PICTURE}).status_code for _ in range(3)]
    assert codes == [202, 202, 429]
    assert int(client.post("/v1/images/reports", json={"url": PICTURE}).headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("peer", "behind_proxy", "proxies", "expected"),
    [
        ("127.0.0.1", True, "127.0.0.0/8", 2), ("127.0.0.1", False, "127.0.0.0/8", 1),
        ("10.0.0.7", True, "10.0.0.7", 2), ("10.0.0.8", True, "10.0.0.7", 1), ("10.0.0.8", True, "127.0.0.0/8", 1),
    ],
)  # fmt: skip
def test_a_forwarded_address_is_believed_from_the_named_proxy_only(
    serve, redis, peer: str, behind_proxy: bool, proxies: str, expected: int
) -> None:
    client = serve(peer=peer, behind_proxy=behind_proxy, proxy_networks=proxies, reader_token="sesame")
    for address in ("192.0.2.1", "192.0.2.2"):
        headers = {"X-Forwarded-For": address, "Authorization": "Bearer sesame"}
        client.post("/v1/images/reports", json={"url": PICTURE}, headers=headers)
    assert len({message["reporter"] for message in taken(redis)}) == expected


def form(client: TestClient, article_id: int) -> dict[str, str]:
    """The hidden fields of the form on an article's page."""
    page = client.get(f"/articles/{article_id}").text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def test_the_form_on_a_page_reports_its_image(client, redis, add) -> None:
    add(picture(add(article(1)), caption="A quay"))
    sent = client.post("/images/reports", data=form(client, 1), headers={"Origin": "http://127.0.0.1"})
    assert (sent.status_code, "Thank you" in sent.text) == (200, True)
    assert [message["url"] for message in taken(redis)] == [PICTURE]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1.evil.example"},
        {"Origin": "http://127.0.0.1:8081"}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "cross-site"},
    ],
)  # fmt: skip
@pytest.mark.hostile
def test_a_form_of_another_site_reports_nothing(client, redis, add, headers: dict[str, str]) -> None:
    add(picture(add(article(1))))
    assert client.post("/images/reports", data=form(client, 1), headers=headers).status_code == 403
    assert client.post("/v1/images/reports", json={"url": PICTURE}, headers=headers).status_code == 403
    assert taken(redis) == []


@pytest.mark.hostile
def test_a_form_needs_the_token_that_its_page_gave_to_the_same_client(serve, redis, add) -> None:
    add(picture(add(article(1))))
    client, stranger = serve(), serve(peer="192.0.2.9")
    fields = form(client, 1)
    for wrong in ({}, {"csrf": ""}, {"csrf": "0" * 32}, {"csrf": "é"}, {"csrf": form(stranger, 1)["csrf"]}):
        assert client.post("/images/reports", data={"url": PICTURE} | wrong).status_code == 403
    assert taken(redis) == []
    assert client.post("/images/reports", data=fields).status_code == 200


def test_an_article_is_shown_while_redis_is_away(serve, add) -> None:
    add(picture(add(article(1)), caption="A quay"))
    page = serve(redis=NOWHERE).get("/articles/1")
    assert (page.status_code, "A quay" in page.text) == (200, True)


def test_blocking_needs_the_token(serve, redis) -> None:
    client = serve(reader_token="secret")
    body = {"url": PICTURE, "blocked": True}
    assert client.post("/v1/images/blocks", json=body).status_code == 401
    assert client.get("/v1/images", params={"url": PICTURE}).status_code == 401
    assert client.post("/v1/images/blocks", json=body, headers={"Authorization": "Bearer secret"}).status_code == 202
    assert [message["type"] for message in taken(redis)] == ["ImageJudged"]


@pytest.mark.parametrize("by", ["hash", "key"])
def test_a_blocked_image_is_shown_nowhere(client, add, engine, by: str) -> None:
    second = "https://img.example/2.jpg"
    article_id = add(article(1, lead_image=PICTURE))
    add(picture(article_id, content_hash="ab"))
    add(picture(article_id, second, position=1))
    block(engine, "ab" if by == "hash" else fingerprint(PICTURE))
    for shown in (client.get(f"/v1/articles/{article_id}").json(), client.get("/v1/articles").json()["items"][0]):
        assert ([image["url"] for image in shown["images"]], shown["lead_image"], shown["images_blocked"]) == (
            [second],
            None,
            1,
        )
    assert PICTURE not in client.get(f"/articles/{article_id}").text
    record = client.get("/v1/images", params={"url": PICTURE}).json()
    assert (record["blocked"], record["reporters"]) == (True, 0)


def block(engine: Engine, subject: str) -> None:
    with Session(engine) as session:
        session.add(ImageBlock(subject=subject, url=PICTURE))
        session.commit()


def test_an_article_tells_its_story(client, add) -> None:
    first = add(article(1, story_id=5))
    second = add(article(2, story_id=5))
    assert client.get(f"/v1/articles/{first}").json()["story_id"] == 5
    story = client.get("/v1/stories/5").json()
    assert [item["id"] for item in story["items"]] == [second, first]
    assert client.get("/v1/stories/6").status_code == 404


def test_naming_other_reporters_needs_the_token(serve, redis) -> None:
    client = serve(reader_token="secret")
    named = {"url": PICTURE, "reporter": "somebody"}
    assert client.post("/v1/images/reports", json=named).status_code == 401
    assert client.post("/v1/images/reports", json=named, headers={"Authorization": "Bearer secret"}).status_code == 202
    assert client.post("/v1/images/reports", json={"url": PICTURE}).status_code == 202
