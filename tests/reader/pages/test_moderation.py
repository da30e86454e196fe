"""The page of images: reported, blocked, undone."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from services.reader.queries.images import blocked, reported
from shared.database.models import Image, ImageAudit, ImageBlock, ImageReport
from shared.later import MESSAGES
from shared.urls import fingerprint
from tests.reader.conftest import START, article, post_form

URL = "https://img.example/quay.jpg"
KEY = fingerprint(URL)


def report(number: int, url: str = URL, **fields: Any) -> ImageReport:
    defaults = {
        "image_key": fingerprint(url) if " " not in url else url[:32],
        "url": url,
        "reporter": f"r{number}",
        "reported_at": START + timedelta(hours=number),
    }
    return ImageReport(**defaults | fields)


def sent(redis: Any) -> list[dict[str, Any]]:
    return [json.loads(packed) for packed in redis.hvals(MESSAGES)]


def test_what_is_reported_and_what_is_blocked(client, add, engine) -> None:
    article_id = add(article(1))
    add(Image(article_id=article_id, key=KEY, url=URL))
    add(report(1, reason="a private person"))
    add(report(2, reason="gore"))
    add(report(3, "https://img.example/other.jpg"))
    with Session(engine) as session:
        first, second = reported(session, 10)
        assert (first.url, first.reporters, first.reasons) == (URL, 2, ["a private person", "gore"])
        assert (first.articles, first.article_id, second.articles) == (1, article_id, 0)
        session.add(ImageBlock(subject=KEY, url=URL, reports=2, changed_at=START + timedelta(hours=4)))
        session.commit()
        assert [image.url for image in reported(session, 10)] == ["https://img.example/other.jpg"]
        assert [(image.url, image.articles) for image in blocked(session, 10)] == [(URL, 1)]
    page = client.get("/images").text
    assert (f'href="/articles/{article_id}"' in page, "2 reporters" in page, "other.jpg" in page) == (True, True, True)


def test_reports_from_before_an_image_was_shown_again_do_not_count(add, engine) -> None:
    add(report(1))
    add(ImageBlock(subject=KEY, url=URL, blocked=False, changed_at=START + timedelta(hours=2)))
    with Session(engine) as session:
        assert reported(session, 10) == []
    add(report(3))
    with Session(engine) as session:
        assert [image.reporters for image in reported(session, 10)] == [1]


def test_copies_of_an_image_are_one(add, engine) -> None:
    for number, url in enumerate((URL, "https://img2.example/quay.jpg")):
        add(report(number, url, content_hash="ab"))
    with Session(engine) as session:
        assert [image.reporters for image in reported(session, 10)] == [2]
        session.add(ImageBlock(subject="ab", url=URL, changed_at=START))
        session.commit()
        assert reported(session, 10) == []


def test_an_image_is_blocked_with_a_reason_and_shown_again(client, add, redis) -> None:
    add(report(1))
    answer = post_form(client, "/images", "/images/judgements", url=URL, blocked="yes", detail="gore")
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "Blocked on every copy" in page
    undo = re.search(r'<div class="flash.*?</div>', page, re.DOTALL)[0]
    assert 'name="blocked" value="no"' in undo
    post_form(client, answer.headers["Location"], "/images/judgements", url=URL, blocked="no")
    messages = sorted(sent(redis), key=lambda message: not message["blocked"])
    assert [(message["blocked"], message["actor"], message["detail"]) for message in messages] == [
        (True, "local", "gore"), (False, "local", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fields", [{"url": "javascript:x"}, {}, {"url": URL, "detail": "x" * 201}], ids=["scheme", "none", "long"]
)
def test_what_is_no_image_is_not_judged(client, add, redis, fields) -> None:
    add(report(1))
    assert post_form(client, "/images", "/images/judgements", **fields).status_code == 422
    assert sent(redis) == []


def test_the_same_over_http(client, add) -> None:
    add(report(1))
    add(ImageBlock(subject="x", url="https://img.example/x.jpg", changed_at=START))
    add(ImageAudit(subject="x", url="https://img.example/x.jpg", action="blocked", actor="ada", at=START))
    state = client.get("/v1/images/moderation").json()
    assert (state["reported"][0]["url"], state["blocked"][0]["url"]) == (URL, "https://img.example/x.jpg")
    assert state["decisions"][0]["actor"] == "ada"


@pytest.mark.hostile
def test_an_attack_in_every_field_of_an_image_stays_text(client, add) -> None:
    attack = '"><img src=x onerror=alert(1)>'
    for url in (f"javascript:{attack}", f"https://x.example/{attack}"):
        add(report(1, url, reason=attack))
        add(ImageBlock(subject=url, url=url, changed_at=START))
        add(ImageAudit(subject=url[:64], url=url, action=attack[:16], actor=attack, detail=attack, at=START))
    client.cookies.set("pictures", "on")
    page = client.get("/images", params={"blocked": attack, "shown": f"javascript:{attack}"}).text
    assert "<img src=x" not in page
    assert not re.search(r'(href|src)="javascript', page)
