"""What stands in place of a page is named; what only mentions it is a page."""

import time
from urllib.parse import urljoin

import pytest

from services.fetcher.answer.refresh import refresh_target
from services.fetcher.answer.walls import is_detour, wall_end

URL = "https://paper.example/news/1"
ARTICLE = (
    b"<article>"
    + b"<p>The harbour council voted on the new cookie consent rules on Monday evening.</p>" * 40
    + b"</article>"
)


def end(content: bytes, final_url: str = URL, requested_url: str = URL) -> str | None:
    drop = wall_end(content, final_url, requested_url)
    return drop.reason.value if drop else None


@pytest.mark.parametrize(
    "content",
    [
        b"<title>Just a moment...</title><body>Enable JavaScript and cookies to continue</body>",
        b"<title>Un instant</title><script>window._cf_chl_opt={}</script>",
        b"<html><title>paper.example</title><script src='https://ct.captcha-delivery.com/c.js'></script></html>",
        b"<title>Access Denied</title><h1>Access Denied</h1><p>Reference #18.2</p>",
        b"<title>Verify you are human</title><div id='px-captcha'></div>",
        b"<iframe src='/_Incapsula_Resource?SWUDNSAI=31'></iframe>",
    ],
)
def test_bot_tests(content: bytes) -> None:
    assert end(content) == "blocked-challenge"


@pytest.mark.parametrize(
    ("content", "final_url"),
    [
        (b"<p>Before you continue", "https://consent.paper.example/m?continue=x"),
        (ARTICLE, "https://consent.paper.example/m?continue=x"),
        (b"<p>We value your privacy", "https://guce.paper.example/copyConsent"),
        (b"<p>Mit Werbung lesen", "https://paper.example/zustimmung?url=%2Fnews%2F1"),
        (b"<p>Accepteer", "https://paper.example/cookiewall/?return=1"),
        (b"<body><div id='sp_message_container_1'></div><p>We use cookies.</p></body>", URL),
        (b"<body class='consent-page'><form><p>Accept all</p></form></body>", URL),
    ],
)
def test_consent_walls(content: bytes, final_url: str) -> None:
    assert end(content, final_url) == "consent-wall"


@pytest.mark.parametrize(
    "content",
    [
        b'<html data-adblockkey="MFwwDQYJ"><title>paper.example</title><body><div id=target></div></body>',
        b"<script src='https://img1.sedoparking.com/js/x.js'></script><p>Related searches: news, paper, town",
        b'<script>window.onload=function(){window.location.href="/lander"}</script>',
        b"<title>paper.example is for sale</title><p>Make an offer.",
        "<title>paper.example est à vendre</title><p>Faites une offre.".encode(),
        b"<title>paper.example steht zum Verkauf</title>",
        b"<title>Domain parked - by a registrar</title><p>The owner has not put anything here.",
        b"<a href='https://www.hugedomains.com/domain_profile.cfm?d=paper.example'>Buy this domain</a>",
    ],
)
def test_parked_domains(content: bytes) -> None:
    assert end(content) == "parked-domain"


@pytest.mark.parametrize(
    "content",
    [
        ARTICLE,
        b"<title>Old ferry is for sale</title><p>A short brief: offers are taken until May.",
        b"<title>Domain of the harbour is extended</title><p>A short brief.",
        b"<title>paper.example is for sale</title>" + ARTICLE,
        b"<div id='didomi-host'></div>" + ARTICLE,
        b"<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>" + ARTICLE,
        b"<title>Access denied: how the port shut the press out</title>" + ARTICLE,
        b"<title>Please wait for the ferry</title><p>A short brief: the ferry is late.</p>",
        b"<title>Security checks at the port</title><p>A short brief.</p>",
        b"<p>One paragraph.</p>",
        b"",
        b"{}",
    ],
)
def test_pages_are_no_walls(content: bytes) -> None:
    assert end(content) is None


def test_who_asks_for_a_page_about_consent_gets_it() -> None:
    assert end(ARTICLE, "https://consent.example/guide", "https://consent.example/guide") is None
    assert end(ARTICLE, "https://paper.example/consent-to-the-quay") is None


@pytest.mark.parametrize(
    ("markup", "target"),
    [
        ('<meta http-equiv="refresh" content="0; url=/news/2">', "https://paper.example/news/2"),
        ("<META HTTP-EQUIV=Refresh CONTENT='1;URL=https://other.example/'>", "https://other.example/"),
        ('<meta content="0;/news/2?a=1&amp;b=2" http-equiv="refresh">', "https://paper.example/news/2?a=1&b=2"),
        ("""<meta http-equiv="refresh" content="0; url='news/3'">""", "https://paper.example/news/news/3"),
        ('<meta http-equiv="refresh" content="300">', None),
        ('<meta http-equiv="refresh" content="300; url=/news/2">', None),
        ('<meta http-equiv="refresh" content="0; url=/news/1">', None),
        ('<meta http-equiv="refresh" content="0; url=javascript:alert(1)">', None),
        ('<noscript><meta http-equiv="refresh" content="0; url=/nojs"></noscript>', None),
        ('<!-- <meta http-equiv="refresh" content="0; url=/old"> -->', None),
        ('<meta name="description" content="0; url=/refresh">', None),
    ],
)
def test_pages_that_only_lead_on(markup: str, target: str | None) -> None:
    page = f"<html><head>{markup}</head><body>Moved</body></html>".encode()
    assert refresh_target(page, "text/html", URL) == target
    assert refresh_target(page + ARTICLE, "text/html", URL) is None
    assert refresh_target(page, "application/json", URL) is None


REFRESH = b'<meta http-equiv="refresh" content="0; url=/news/2">'


@pytest.mark.hostile
@pytest.mark.parametrize(
    "content",
    [
        b"<!--" * 25_600,
        REFRESH + b"<!--" * 240_000,
        REFRESH + b"<!--" * 24_000,
        REFRESH + b"<script>" * 12_000,
        REFRESH + b"<noscript></script>" * 5_000,
        b"<" * 99_999,
        b"</" * 49_999,
        b"<title>" + b" " * 99_000,
        b"<title>just a moment" + b". " * 49_000,
        b"<meta http-equiv=" + b" " * 8_000,
        b"<meta http-equiv=refresh content=" + b" " * 8_000,
        b"<meta http-equiv=refresh content='0;" + b" " * 8_000,
        b"<meta http-equiv=refresh content='&#" + b"1" * 8_000 + b";'>",
    ],
)
def test_no_markup_costs_the_fetcher_more_than_a_moment(content: bytes) -> None:
    began = time.process_time()
    refresh_target(content, "text/html", URL)
    wall_end(content, URL, URL)
    assert time.process_time() - began < 0.5


def test_a_page_with_something_to_read_leads_nowhere_however_large_it_is() -> None:
    assert refresh_target(REFRESH, "text/html", URL) == "https://paper.example/news/2"
    assert refresh_target(REFRESH + b"<!--" * 240_000, "text/html", URL) is None


STORY = "https://paper.example/2026/11/quay-reopens-after-flood"


@pytest.mark.parametrize(
    "target",
    ["https://login.paper.example/?r=1", "https://idp.paper.example/x", "/user/login", "/wp-login.php?redirect_to=x", "/Account/LogOn",
     "/oauth/authorize?x", "/cas/login", "/inloggen", "/iniciar-sesion", "/se-connecter", "/logowanie", "/subscribe?from=/a",
     "/subscription/offers", "/abonnement", "https://consent.portal.example/v2/collectConsent?s=1", "/gdpr-consent", "/cookiewall/?t=1",
     "/", "/?lang=en", "/index.html", "/home", "/de/", "/en/home/", "/404", "/not-found.html", "/maintenance", "https://www.sedoparking.com/paper"],
)  # fmt: skip
def test_a_detour_is_no_new_place_of_a_page(target: str) -> None:
    assert is_detour(STORY, urljoin(STORY, target))


@pytest.mark.parametrize(
    "target",
    ["/2026/11/login-problems-at-bank", "/news/registration-opens", "/quay-reopens", "https://www.paper.example/2026/11/quay-reopens-after-flood",
     "/sport/subscribe-to-win-cup", "/error/quay", "/home/quay-reopens", "/en/quay-reopens"],
)  # fmt: skip
def test_another_story_s_address_is_no_detour(target: str) -> None:
    assert not is_detour(STORY, urljoin(STORY, target))


@pytest.mark.parametrize("page", ["/login", "/de/", "/404", "/consent/x"])
def test_of_a_page_that_is_itself_one_its_new_place_is_no_detour(page: str) -> None:
    assert not is_detour(urljoin(STORY, page), urljoin("https://new.example/", page))
