"""What stands in place of a page: bot tests, consent walls, and what a domain shows that nobody uses.

Each is recognised by marks that no article has. A mark that could stand in an article counts only in a page too small
to be one.
"""

import re
from urllib.parse import SplitResult, urlsplit

from requests import Response

from services.fetcher.answer.markup import is_interstitial_sized
from services.fetcher.wire.decoding import body
from shared.contracts import Reason
from shared.errors import Drop

CHALLENGE_STATUSES = frozenset({401, 403, 405, 429, 503})
# A refusal is searched for a bot test in so many bytes.
CHALLENGE_BYTES = 65_536

# Cloudflare, DataDome, HUMAN (PerimeterX), Imperva, Kasada, Akamai, Sucuri, DDoS-Guard, in that order.
_CHALLENGE_MARK = re.compile(
    rb"_cf_chl_opt|/cdn-cgi/challenge-platform/|captcha-delivery.com|_pxAppId|px-captcha|_Incapsula_Resource|"
    rb"KPSDK|sec-if-cpt-container|sucuri_cloudproxy_js|ddos-guard/js-challenge"
)
_CHALLENGE_TITLE = re.compile(
    rb"<title>\s*(?:just a moment|attention required|access denied|are you a (?:human|robot)|verify(?:ing)? (?:that )?you"
    rb" are (?:a )?human|checking your browser|please wait|security check|un instant|ein moment|un momento)"
    # This is the title up to the site's name: an article's title may begin so.
    rb"[.!\xe2\x80\xa6\s]*(?:[|-][^<]{0,60})?</title>",
    re.IGNORECASE,
)
_CHALLENGE_HEADERS = {
    "cf-mitigated": ("challenge",),
    "x-amzn-waf-action": ("challenge", "captcha"),
    "x-datadome": ("protected",),
}

_CONSENT_HOST = re.compile(r"(?:consent|guce|cmp|myprivacy|privacy-gate|cookiewall|cookieconsent|consentmanager)\.")
_CONSENT_PATH = re.compile(
    r"/(?:consent|cookie-?wall|cookie-?consent|privacy-?(?:gate|wall)|zustimmung|collectconsent|datenschutz-wall)"
    r"(?:[/?.]|$)",
    re.IGNORECASE,
)
_LOGIN_HOST = re.compile(r"(?:login|signin|auth|accounts?|sso|id)\.", re.IGNORECASE)
_LOGIN_PATH = re.compile(
    r"/(?:log[_-]?in|sign[_-]?in|sign[_-]?up|register|auth|sso|paywall|anmelden|anmeldung|connexion|acceso|accedi)(?:[/?.]|$)",
    re.IGNORECASE,
)
# Quantcast/InMobi, Sourcepoint, Didomi, OneTrust, Usercentrics, Google Funding Choices, Yahoo: as a page of its own.
_CONSENT_MARK = re.compile(
    rb"qc-cmp2-container|sp_message_container|didomi-host|onetrust-consent-sdk|usercentrics-root|fc-consent-root|"
    rb"consent-(?:page|form|wall)|cookie-?wall",
    re.IGNORECASE,
)
# Sedo, ParkingCrew, Bodis, GoDaddy, Afternic, HugeDomains, Dan: a domain that is for sale or whose owner shows advertising.
_PARKED_MARK = re.compile(
    rb"sedoparking\.com|parkingcrew\.net|data-adblockkey=|//(?:www\.)?bodis\.com|window\.park ?=|location\.href ?= ?[\"']/lander[\"']|"
    rb"afternic\.com/forsale|hugedomains\.com/domain_profile|//(?:www\.)?dan\.com/buy-domain|parklogic\.com"
)
_PARKED_TITLE = re.compile(
    rb"<title>\s*[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}(?: |&nbsp;|\xc2\xa0)(?:is (?:for sale|parked|available)|steht zum verkauf|"
    rb"est \xc3\xa0 vendre|est\xc3\xa1 en venta|est\xc3\xa1 \xc3\xa0 venda|\xc3\xa8 in vendita|is te koop)"
    rb"|<title>\s*(?:this )?domain(?: name)? (?:is |has been )?(?:for sale|parked|parking|registered)\W",
    re.IGNORECASE,
)


def is_challenge(answer: Response) -> bool:
    """Whether the head of an answer, or the page of a refusal, is a bot test."""
    if any(answer.headers.get(name, "").lower() in values for name, values in _CHALLENGE_HEADERS.items()):
        return True
    return answer.status_code in CHALLENGE_STATUSES and _tests_for_bots(body(answer, CHALLENGE_BYTES))


def challenge_end(status: int) -> Drop:
    """The end of a page behind a bot test."""
    return Drop(Reason.BLOCKED_CHALLENGE, f"HTTP {status}: a test that only a browser passes")


def wall_end(content: bytes, final_url: str, requested_url: str) -> Drop | None:
    """The end of what came with HTTP 200 and is a bot test, a consent wall or a parked domain; None for any other page.

    Args:
        content: the body.
        final_url: where the redirects led.
        requested_url: the URL at the start: a request for a page about consent gets that page.
    """
    if leads_to_consent(final_url) and not leads_to_consent(requested_url):
        return Drop(Reason.CONSENT_WALL, f"{requested_url} led to {final_url}, which asks for consent")
    if not is_interstitial_sized(content):
        return None
    if _tests_for_bots(content):
        return challenge_end(200)
    if _CONSENT_MARK.search(content):
        return Drop(Reason.CONSENT_WALL, f"{final_url} holds a consent manager and no text")
    if _PARKED_MARK.search(content) or _PARKED_TITLE.search(content):
        return Drop(Reason.PARKED_DOMAIN, f"the domain of {final_url} is for sale or shows advertising only")
    return None


def leads_to_consent(url: str) -> bool:
    """Whether a URL's host or path is that of a consent wall."""
    parts = urlsplit(url)
    return bool(_CONSENT_HOST.match(parts.hostname or "") or _CONSENT_PATH.search(parts.path))


def is_detour(original_url: str, target_url: str) -> bool:
    """Whether a redirect leads to a consent wall, a login or a home page instead of to the page."""
    original, target = urlsplit(original_url), urlsplit(target_url)
    if target.path in ("", "/") and original.path not in ("", "/"):
        return True
    if leads_to_consent(target_url):
        return not leads_to_consent(original_url)
    return _leads_to_login(target) and not _leads_to_login(original)


def _leads_to_login(url: SplitResult) -> bool:
    return bool(_LOGIN_HOST.match(url.hostname or "") or _LOGIN_PATH.search(url.path))


def _tests_for_bots(content: bytes) -> bool:
    return bool(_CHALLENGE_MARK.search(content) or _CHALLENGE_TITLE.search(content))
