"""A look at a site by messages: fetcher, parser and storage show what `newsmill add` shows, and nothing is stored."""

import json
from collections.abc import Iterator

import pytest
from redis import Redis
from sqlalchemy import func, select
from sqlmodel import Session

from bench.invented_sites import Answer, Newspapers, feedless, newspaper
from services.reader.queries import looks
from services.reader.queries.looks import Look
from shared.contracts import FetchRequested, Message, now_utc
from shared.database.models import Article, Headline, Page, Site, Source, Visit
from shared.discovery.entries import Entry
from shared.discovery.looks import KEPT_SECONDS, PREFIX
from shared.discovery.report import SiteReport
from tests.discovery.conftest import HOST, Inspect
from tests.discovery.test_services import Services, services

__all__ = ["services"]


class Sent:
    """What was sent, in place of the queues."""

    def __init__(self) -> None:
        self.requests: list[FetchRequested] = []

    def __call__(self, messages: Iterator[Message], *, at_once: bool = False) -> None:
        self.requests += [message for message in messages if isinstance(message, FetchRequested)]


def look_at(services: Services, redis: "Redis", url: str) -> Look:
    sent = Sent()
    look_id = looks.begin(redis, sent, url)
    for request in sent.requests:
        services.handle(request)
    look = looks.load(redis, look_id, now_utc())
    assert look is not None
    return look


def channels(report: SiteReport | None) -> set[tuple[str, bool]]:
    assert report is not None
    return {(choice.channel.candidate.url, choice.is_polled) for choice in report.choices}


def test_the_page_shows_what_the_command_line_shows(
    services: Services, redis: "Redis", newspapers: Newspapers, look: Inspect
) -> None:
    home = newspapers.add(HOST, newspaper())
    by_messages, by_command = look_at(services, redis, home), look(Entry(home))
    report = by_messages.report
    assert report is not None
    assert (by_messages.awaited, by_messages.is_over, report.error) == ([], True, None)
    assert channels(report) == channels(by_command)
    assert (report.name, report.language, report.home_page) == (
        by_command.name,
        by_command.language,
        by_command.home_page,
    )
    assert len(report.articles) == 5
    roles = [choice.channel.candidate.role.value for choice in report.choices]
    assert roles == [choice.channel.candidate.role.value for choice in by_command.choices]
    assert {sample.words for sample in report.articles} <= {sample.words for sample in by_command.articles}
    assert report.requests_a_day == by_command.requests_a_day


def test_a_second_look_sees_what_the_first_one_saw(services: Services, redis: "Redis", newspapers: Newspapers) -> None:
    home = newspapers.add(HOST, newspaper())
    first, second = (look_at(services, redis, home).report for _ in range(2))
    assert channels(second) == channels(first)
    assert second is not None
    assert second.walls == ()


def test_a_look_stores_nothing_and_leaves_no_raw_page_behind(
    services: Services, redis: "Redis", newspapers: Newspapers
) -> None:
    look = look_at(services, redis, newspapers.add(HOST, newspaper()))
    with Session(services.engine) as session:
        tables = (Article, Headline, Page, Site, Source, Visit)
        assert [session.scalar(select(func.count()).select_from(table)) for table in tables] == [0] * len(tables)
    ends = [json.loads(end) for name, end in redis.hgetall(PREFIX + look.id).items() if len(name) == 32]
    keys = [end["page"]["key"] for end in ends if "page" in end]
    assert len(keys) > 5
    assert [services.pages.get(key) for key in keys] == [None] * len(keys)
    assert 0 < redis.ttl(PREFIX + look.id) <= KEPT_SECONDS


def test_a_host_is_asked_for_ten_pages_at_most_its_robots_file_included(
    services: Services, redis: "Redis", newspapers: Newspapers
) -> None:
    look_at(services, redis, newspapers.add(HOST, newspaper()))
    assert newspapers.requests[HOST] <= 10


def test_a_site_without_feeds_has_its_front_page_and_sections(
    services: Services, redis: "Redis", newspapers: Newspapers, look: Inspect
) -> None:
    home = newspapers.add(HOST, feedless())
    report = look_at(services, redis, home).report
    assert (home, True) in channels(report)
    assert channels(report) & channels(look(Entry(home)))


def test_the_address_of_a_feed_leads_to_its_site(services: Services, redis: "Redis", newspapers: Newspapers) -> None:
    home = newspapers.add(HOST, newspaper())
    report = look_at(services, redis, f"{home}feed.xml").report
    assert report is not None
    assert report.home_page == home
    assert report.channels[0].candidate.url == f"{home}feed.xml"
    assert len({choice.channel.candidate.url for choice in report.choices}) == len(report.choices)
    assert len(report.articles) == 5


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (Answer("<title>Just a moment...</title>", status=403, headers={"cf-mitigated": "challenge"}), "blocked-challenge"),
        (Answer("not here", status=404), "http-404"),
    ],
    ids=["bot-test", "absent"],
)  # fmt: skip
def test_a_wall_is_named(services: Services, redis: "Redis", newspapers: Newspapers, answer: Answer, end: str) -> None:
    home = newspapers.add(HOST, lambda _home: {"/": answer})
    look = look_at(services, redis, home)
    assert look.is_over
    assert look.report is not None
    assert look.report.error is not None
    assert look.report.error.startswith(end)
    assert [wall.end for wall in look.report.walls] == [end]


def test_a_page_that_does_not_answer_is_not_waited_for_without_end(redis: "Redis") -> None:
    look_id = looks.begin(redis, Sent(), "https://gazette.example/")
    look = looks.load(redis, look_id, now_utc())
    assert look is not None
    assert (look.report, look.awaited, look.is_over) == (None, ["https://gazette.example/"], False)
    late = looks.load(redis, look_id, now_utc() + looks.PATIENCE * 2)
    assert late is not None
    assert late.is_over


def test_a_look_that_nobody_began_is_none(redis: "Redis") -> None:
    assert looks.load(redis, "0" * 32, now_utc()) is None


def test_a_person_chooses_among_the_channels(services: Services, redis: "Redis", newspapers: Newspapers) -> None:
    home = newspapers.add(HOST, newspaper())
    report = look_at(services, redis, home).report
    assert report is not None
    mine = looks.chosen(report, [home], name="My paper", tags=("daily",))
    assert [channel.candidate.url for channel in mine.channels] == [home]
    assert (mine.name, mine.tags) == ("My paper", ("daily",))
