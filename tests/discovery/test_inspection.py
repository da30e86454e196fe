"""A look at a site: what its channels are, what is wrong with the others, and how often its host is asked."""

from collections.abc import Callable

from bench.invented_sites import (
    Answer,
    Newspapers,
    Paths,
    article,
    feed,
    feedless,
    front,
    news_sitemap,
    newspaper,
    robots,
    stories,
)
from shared.contracts import Clue, Role
from shared.discovery.entries import Entry
from shared.discovery.report import SiteReport
from tests.discovery.conftest import HOST, Inspect

RSS = 'rel="alternate" type="application/rss+xml"'


def polled(report: SiteReport) -> list[tuple[Role, str]]:
    """The roles and the paths of the channels that are polled."""
    return [(channel.candidate.role, "/" + channel.candidate.url.split("/", 3)[3]) for channel in report.channels]


def changed(make: Callable[[str], Paths], change: Callable[[str, Paths], Paths]) -> Callable[[str], Paths]:
    """What makes a site with other answers at some paths."""
    return lambda home: (paths := make(home)) | change(home, paths)


def test_a_site_with_feed_sitemap_and_sections(newspapers: Newspapers, look: Inspect) -> None:
    report = look(Entry(newspapers.add(HOST, newspaper())))
    assert (report.name, report.language, report.error) == ("The Harbourtown Gazette", "en", None)
    assert polled(report) == [(Role.FRONT, "/"), (Role.FEED, "/feed.xml"), (Role.SITEMAP, "/news-sitemap.xml")]
    _, feed_choice, sitemap_choice = report.choices
    assert (feed_choice.channel.candidate.clue, sitemap_choice.channel.candidate.clue) == (Clue.ALTERNATE, Clue.ROBOTS)
    assert (len(feed_choice.channel.items), feed_choice.own_items, sitemap_choice.own_items) == (16, 0, 8)
    assert 11 < (feed_choice.channel.items_a_day or 0) < 13
    assert feed_choice.channel.hub == (f"{report.home_page}hub", f"{report.home_page}feed.xml")
    assert len(report.articles) == 5
    assert all(sample.fields["published_at"] and sample.fields["authors"] for sample in report.articles)
    assert newspapers.requests[HOST] == report.requests <= 10
    # Three channels, each with about one item in one or two hours.
    assert 250 < report.requests_a_day < 400


def test_a_site_without_feeds_is_followed_by_its_home_page_and_the_sections_that_add_to_it(
    newspapers: Newspapers, look: Inspect
) -> None:
    report = look(Entry(newspapers.add(HOST, feedless())))
    assert polled(report) == [(Role.FRONT, "/"), (Role.SECTION, "/sport")]
    assert [(candidate.clue, why) for candidate, why in report.refusals] == [(Clue.USUAL_ADDRESS, "HTTP 404")] * 3
    assert newspapers.requests[HOST] == 10
    assert len(report.articles) == 3


def test_a_consent_wall_and_a_bot_test_are_named_and_end_the_look(newspapers: Newspapers, look: Inspect) -> None:
    challenge = Answer(
        "<html><title>Just a moment...</title></html>", status=403, headers={"cf-mitigated": "challenge"}
    )
    walled = look(Entry(newspapers.add(HOST, lambda _: {"/": challenge})))
    assert walled.walls[0].end == "blocked-challenge"
    assert walled.error is not None
    assert walled.error.startswith("blocked-challenge")
    consent = Answer('<html><div class="consent-wall">We value your privacy</div></html>')
    asking = look(Entry(newspapers.add("127.1.0.3", changed(newspaper(), lambda *_: {"/": consent}))))
    assert [wall.end for wall in asking.walls] == ["consent-wall"]
    refused = look(Entry(newspapers.add("127.1.0.2", lambda _: {"/": Answer("no", status=403)})))
    assert (refused.walls[0].end, refused.requests) == ("http-403", 2)


def test_a_home_page_behind_a_wall_leaves_the_feed_that_the_user_knows(newspapers: Newspapers, look: Inspect) -> None:
    def make(home: str) -> Paths:
        return {"/": Answer("no", status=403), "/rss": feed("Gazette", home, stories(home))}

    home = newspapers.add(HOST, make)
    report = look(Entry(home, name="Gazette", feeds=(f"{home}rss",)))
    assert (report.error, polled(report)) == (None, [(Role.FEED, "/rss")])
    # The stories are not there, which the samples say.
    assert [wall.end for wall in report.walls] == ["http-403", *["http-404"] * 5]


def test_robots_txt_ends_the_look(newspapers: Newspapers, look: Inspect) -> None:
    report = look(Entry(newspapers.add(HOST, changed(newspaper(), lambda *_: {"/robots.txt": robots("Disallow: /")}))))
    assert report.error is not None
    assert report.error.startswith("robots: ")
    assert newspapers.request_log == [(HOST, "/robots.txt")]


def test_what_a_page_calls_a_feed_is_judged_by_its_bytes(newspapers: Newspapers, look: Inspect) -> None:
    def change(home: str, paths: Paths) -> Paths:
        links = f'<link {RSS} href="/wrong"><link {RSS} href="/right">'
        right = feed("Gazette", home, stories(home))
        return {
            "/": front("Gazette", stories(home)[:12], links), "/wrong": paths["/town"],
            "/right": Answer(right.body, "text/html"), "/robots.txt": robots(),
        }  # fmt: skip

    report = look(Entry(newspapers.add(HOST, changed(newspaper(), change))))
    assert (Role.FEED, "/right") in polled(report)
    assert [why for _, why in report.refusals if "feed" in why] == ["is no feed: its bytes are a page of links"]


def test_an_empty_feed_is_no_channel(newspapers: Newspapers, look: Inspect) -> None:
    make = changed(newspaper(), lambda home, _: {"/feed.xml": feed("Gazette", home, [])})
    report = look(Entry(newspapers.add(HOST, make)))
    assert [why for _, why in report.refusals] == ["has no items"]
    assert (Role.SITEMAP, "/news-sitemap.xml") in polled(report)


def test_a_home_page_that_has_moved_is_the_one_it_moved_to(newspapers: Newspapers, look: Inspect) -> None:
    home = newspapers.add("127.1.0.2", newspaper())
    old = newspapers.add(HOST, lambda _: {"/": Answer(status=301, headers={"Location": home})})
    report = look(Entry(old))
    assert (report.url, report.home_page) == (old, home)
    assert newspapers.requests["127.1.0.2"] <= 10


def test_a_home_page_that_leads_on_for_a_while_keeps_its_address(newspapers: Newspapers, look: Inspect) -> None:
    def make(home: str) -> Paths:
        return newspaper()(home) | {
            "/": Answer(status=302, headers={"Location": "/en"}), "/en": newspaper()(home)["/"],
        }  # fmt: skip

    home = newspapers.add(HOST, make)
    assert look(Entry(home)).home_page == home


def test_a_feed_in_place_of_a_home_page_adds_its_site(newspapers: Newspapers, look: Inspect) -> None:
    home = newspapers.add(HOST, newspaper())
    report = look(Entry(f"{home}feed.xml"))
    assert report.home_page == home
    assert {choice.channel.candidate.clue for choice in report.choices} == {Clue.PERSON, Clue.HOME_PAGE, Clue.ROBOTS}
    assert [path for _, path in newspapers.request_log].count("/feed.xml") == 1


def test_a_channel_that_has_nothing_of_its_own_is_not_polled(newspapers: Newspapers, look: Inspect) -> None:
    def change(home: str, paths: Paths) -> Paths:
        links = f'<link {RSS} href="/feed.xml"><link {RSS} href="/copy.xml">'
        return {"/": front("Gazette", stories(home)[:12], links), "/copy.xml": paths["/feed.xml"]}

    report = look(Entry(newspapers.add(HOST, changed(newspaper(), change))))
    [copy] = [choice for choice in report.choices if choice.channel.candidate.url.endswith("/copy.xml")]
    assert (copy.is_polled, copy.why, copy.own_items) == (
        False,
        "nothing of this week that better channels have not",
        0,
    )


def test_an_index_of_sitemaps_leads_to_its_news(newspapers: Newspapers, look: Inspect) -> None:
    def change(home: str, paths: Paths) -> Paths:
        entries = "".join(f"<sitemap><loc>{home}/{name}.xml</loc></sitemap>" for name in ("pages", "news"))
        return {
            "/robots.txt": robots(f"Sitemap: {home}/index.xml"), "/news.xml": news_sitemap(stories(home)),
            "/index.xml": Answer(f"<sitemapindex>{entries}</sitemapindex>", "application/xml"),
        }  # fmt: skip

    report = look(Entry(newspapers.add(HOST, changed(newspaper(), change))))
    assert (Role.SITEMAP, "/news.xml") in polled(report)
    assert newspapers.requests[HOST] <= 10


def test_a_paywall_is_seen_in_the_samples(newspapers: Newspapers, look: Inspect) -> None:
    data = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "%s", "isAccessibleForFree": false}</script>'

    def change(home: str, _: Paths) -> Paths:
        return {
            url.removeprefix(home): Answer(article(title, moment, "Gazette").body.replace("</head>", f"{data % title}</head>"))
            for url, title, moment in stories(home)
        }  # fmt: skip

    report = look(Entry(newspapers.add(HOST, changed(newspaper(), change))))
    assert [sample.paywalled for sample in report.articles] == [True] * 5


def test_no_host_is_asked_more_than_ten_times_however_much_its_page_names(
    newspapers: Newspapers, look: Inspect
) -> None:
    def make(home: str) -> Paths:
        links = "".join(f'<link {RSS} href="/feed/{number}">' for number in range(50))
        loop = {f"/feed/{number}": Answer(status=302, headers={"Location": f"/hop/{number}"}) for number in range(50)}
        hops = {
            f"/hop/{number}": Answer(status=302, headers={"Location": f"/hop/{number + 1}"}) for number in range(80)
        }
        return newspaper()(home) | {"/": front("Gazette", stories(home), links)} | loop | hops

    report = look(Entry(newspapers.add(HOST, make)))
    assert newspapers.requests[HOST] <= 10
    assert any("10 times" in wall.detail for wall in report.walls)
    assert report.reserve


def test_an_address_that_is_none_is_an_error_and_asks_nobody(look: Inspect) -> None:
    report = look(Entry("ftp://gazette.example/"))
    assert report.error is not None
    assert "http and https are fetched" in report.error
