"""What stands in place of a page: bot tests, consent walls, and pages that only lead on.

Each is recognised by marks that no article has, and where a mark could stand in an article, only in a page too small
to be one.
"""

import re
from html import unescape
from urllib.parse import urlsplit

from requests import Response

from services.fetcher.wire.web import body
from shared.contracts import Reason
from shared.errors import Drop
from shared.urls import join

CHALLENGED = frozenset({401, 403, 405, 429, 503})
CHALLENGE_LIMIT = 65_536
# Text that a wall or a page that only leads on may have, without its tags, in bytes.
SMALL = 2_000

# Cloudflare, DataDome, HUMAN (PerimeterX), Imperva, Kasada, Akamai, Sucuri, DDoS-Guard, in that order.
_CHALLENGE = re.compile(
    rb"_cf_chl_opt|/cdn-cgi/challenge-platform/|captcha-delivery.com|_pxAppId|px-captcha|_Incapsula_Resource|"
    rb"KPSDK|sec-if-cpt-container|sucuri_cloudproxy_js|ddos-guard/js-challenge"
)
_ROBOT = re.compile(
    rb"<title>\s*(?:just a moment|attention required|access denied|are you a (?:human|robot)|verify(?:ing)? (?:that )?you"
    rb" are (?:a )?human|checking your browser|please wait|security check|un instant|ein moment|un momento)"
    # The whole of the title, or all before the site's name: an article may begin so.
    rb"[.!\xe2\x80\xa6\s]*(?:[|-][^<]{0,60})?</title>",
    re.IGNORECASE,
)
_HEADERS = {
    "cf-mitigated": ("challenge",),
    "x-amzn-waf-action": ("challenge", "captcha"),
    "x-datadome": ("protected",),
}

_CONSENT_HOST = re.compile(r"^(?:consent|guce|cmp|myprivacy|privacy-gate|cookiewall|cookieconsent|consentmanager)\.")
_CONSENT_PATH = re.compile(
    r"/(?:consent|cookie-?wall|cookie-?consent|privacy-?(?:gate|wall)|zustimmung|collectconsent|datenschutz-wall)"
    r"(?:[/?.]|$)",
    re.IGNORECASE,
)
# Quantcast/InMobi, Sourcepoint, Didomi, OneTrust, Usercentrics, Google Funding Choices, Yahoo: as a page of its own.
_CONSENT = re.compile(
    rb"qc-cmp2-container|sp_message_container|didomi-host|onetrust-consent-sdk|usercentrics-root|fc-consent-root|"
    rb"consent-(?:page|form|wall)|cookie-?wall",
    re.IGNORECASE,
)

_SKIPPED = re.compile(
    rb"<!--.*?-->|<noscript\b.*?</noscript\s*>|<script\b.*?</script\s*>|<style\b.*?</style\s*>",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(rb"<[^>]*>")
_META = re.compile(rb"<meta\b[^>]*>", re.IGNORECASE)
_REFRESH = re.compile(rb"""http-equiv\s*=\s*["']?\s*refresh\b""", re.IGNORECASE)
_CONTENT = re.compile(rb"""content\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_WHERE = re.compile(r"""^\s*(\d{1,3})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?["']?\s*([^"']+)""", re.IGNORECASE)
LONGEST_REFRESH = 5
HEAD = 8_192
# A page of more bytes, or with as many paragraphs and links at its beginning, is none of these and need not be searched:
# that costs as much as its download.
LARGE, BEGINNING, ELEMENTS = 100_000, 32_768, 60


def challenged(answer: Response) -> bool:
    """Whether the head of an answer, or the page of a refusal, is a bot test."""
    if any(answer.headers.get(name, "").lower() in values for name, values in _HEADERS.items()):
        return True
    if answer.status_code not in CHALLENGED:
        return False
    content = body(answer, CHALLENGE_LIMIT)
    return bool(_CHALLENGE.search(content) or _ROBOT.search(content))


def blocked(answer: Response) -> Drop:
    """The end of a page behind a bot test."""
    return Drop(Reason.BLOCKED_CHALLENGE, f"HTTP {answer.status_code}: a test that only a browser passes")


def wall(content: bytes, final_url: str, asked: str) -> Drop | None:
    """The end of a page that came with HTTP 200 and is a bot test or a consent wall; None for any other.

    Args:
        content: the body.
        final_url: where it was found.
        asked: what had been asked for; whoever asks for a page about consent gets it.
    """
    if _leads_to_consent(final_url) and not _leads_to_consent(asked):
        return Drop(Reason.CONSENT_WALL, f"{asked} led to {final_url}, which asks for consent")
    if _large(content) or len(_text(content)) > SMALL:
        return None
    if _CHALLENGE.search(content) or _ROBOT.search(content):
        return Drop(Reason.BLOCKED_CHALLENGE, "HTTP 200: a test that only a browser passes")
    if _CONSENT.search(content):
        return Drop(Reason.CONSENT_WALL, f"{final_url} holds a consent manager and no text")
    return None


def refresh_target(content: bytes, media_type: str | None, url: str) -> str | None:
    """Where an HTML page that only leads on by a meta refresh leads, within LONGEST_REFRESH seconds; else None.

    News pages refresh themselves every few minutes; those stay.
    """
    head = content[:HEAD]
    if media_type not in (None, "text/html", "application/xhtml+xml") or b"refresh" not in head.lower():
        return None
    for tag in _META.findall(_SKIPPED.sub(b" ", head)):
        found = _CONTENT.search(tag) if _REFRESH.search(tag) else None
        if found is None:
            continue
        value = unescape(next(group for group in found.groups() if group is not None).decode("utf-8", "replace"))
        where = _WHERE.match(value)
        if where and int(where[1]) <= LONGEST_REFRESH and len(_text(content)) <= SMALL:
            target = join(url, where[2].strip())
            return target if target != url else None
    return None


def _leads_to_consent(url: str) -> bool:
    parts = urlsplit(url)
    return bool(_CONSENT_HOST.match(parts.hostname or "") or _CONSENT_PATH.search(parts.path))


def _large(content: bytes) -> bool:
    if len(content) > LARGE:
        return True
    return content.count(b"<p", 0, BEGINNING) + content.count(b"<a ", 0, BEGINNING) >= ELEMENTS


def _text(content: bytes) -> bytes:
    """What a reader would see of a page, roughly."""
    return b" ".join(_TAG.sub(b" ", _SKIPPED.sub(b" ", content[:1_000_000])).split())
