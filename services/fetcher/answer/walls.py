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
    r"/(?:(?:gdpr-)?consent|cookies?-?wall|cookies?-?consent|privacy-?(?:gate|wall)|zustimmung|collectconsent|datenschutz-wall)"
    r"(?:[/?.]|$)",
    re.IGNORECASE,
)
_LOGIN_HOST = re.compile(r"(?:login|signin|auth|accounts?|myaccount|sso|idp?)\.", re.IGNORECASE)
# Logins, registrations and offers of subscriptions, in the languages that write them in addresses.
_LOGIN_PATH = re.compile(
    r"/(?:(?:wp-|user-)?log[_-]?[io]n|sign[_-]?(?:in|on|up)|regist(?:er|ration|rieren|ro)|oauth2?|openid|auth|sso|cas|"
    r"paywall|subscri(?:be|ptions?)|abo(?:nnements?)?|anmeld(?:en|ung)|einloggen|connexion|se-connecter|identification|"
    r"acceso|iniciar-?sesion|entrar|acced[io]|accesso|inloggen|logg(?:a-in|-inn)|log-ind|logowanie|prihlas\w*|giris)"
    r"(?:[/?.]|$)",
    re.IGNORECASE,
)
_HOME_PATH = re.compile(
    r"/?(?:[a-z]{2}(?:[_-][a-z]{2})?/?)?(?:(?:home|index|default|start)(?:\.\w{2,5})?/?)?", re.IGNORECASE
)
_ERROR_PATH = re.compile(
    r"/(?:[45]\d\d|(?:page-?)?not-?found|errors?|maintenance|unavailable|offline|sorry|blocked|access-?denied|captcha)"
    r"(?:\.\w{2,5})?/?$",
    re.IGNORECASE,
)
_PARKED_HOST = re.compile(
    r"(?:^|\.)(?:sedo(?:parking)?|parkingcrew|bodis|hugedomains|afternic|dan|parklogic|above)\.(?:com|net)$",
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
    return _to_consent(urlsplit(url))


def is_detour(original_url: str, target_url: str) -> bool:
    """Whether a redirect leads to a consent wall, a login, a home, error or parked page instead of to the page.

    It costs one hop each time to hold a page for a detour that is none, and the page itself to do the opposite.
    """
    original, target = urlsplit(original_url), urlsplit(target_url)
    return any(
        leads(target) and not leads(original) for leads in (_to_consent, _to_login, _to_home, _to_error, _to_parking)
    )


def _to_consent(url: SplitResult) -> bool:
    return bool(_CONSENT_HOST.match(url.hostname or "") or _CONSENT_PATH.search(url.path))


def _to_login(url: SplitResult) -> bool:
    return bool(_LOGIN_HOST.match(url.hostname or "") or _LOGIN_PATH.search(url.path))


def _to_home(url: SplitResult) -> bool:
    return bool(_HOME_PATH.fullmatch(url.path))


def _to_error(url: SplitResult) -> bool:
    return bool(_ERROR_PATH.search(url.path))


def _to_parking(url: SplitResult) -> bool:
    return bool(_PARKED_HOST.search(url.hostname or ""))


def _tests_for_bots(content: bytes) -> bool:
    return bool(_CHALLENGE_MARK.search(content) or _CHALLENGE_TITLE.search(content))
