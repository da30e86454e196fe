"""The handler of SubscriptionRequested: a hub is asked to send what is new of a feed, or to stop (W3C WebSub, section 5.1)."""

from time import monotonic
from urllib.parse import urlencode

from services.fetcher.observation import report_to_host
from services.fetcher.politeness.turns import Politeness, site_of
from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.web import Exchange, Failure, Web
from shared.contracts import SubscriptionAnswered, SubscriptionRequested
from shared.errors import BadUrl, Drop
from shared.urls import fetchable, join
from shared.websub import hub_secret

# As browsers do: those that keep the method, and, since hubs use them so, those that need not (RFC 9110, 15.4).
REDIRECTS = frozenset({301, 302, 307, 308})
MOST_REDIRECTS = 5
MOST_DETAIL = 500


class Hubs:
    """Asks hubs.

    Args:
        settings: of the fetcher.
        web: sends the requests.
        politeness: says when.
        key: of callbacks and secrets (shared.websub.websub_key).
    """

    def __init__(self, settings: FetcherSettings, web: Web, politeness: Politeness, key: bytes) -> None:
        self._settings = settings
        self._web = web
        self._politeness = politeness
        self._key = key

    def ask(self, request: SubscriptionRequested) -> list[SubscriptionAnswered]:
        """Returns whether a hub took a request. Whether it agrees it says at the callback URL.

        Raises:
            TryLater: the hub's turn has not come.
        """
        accepted = "requested" if request.mode == "subscribe" else "ending"
        try:
            refusal = self._post(request)
        except (BadUrl, Drop, Failure) as error:
            refusal = str(error)
        return [SubscriptionAnswered(
            **request.envelope(), channel_key=request.channel_key, hub_url=request.hub_url, topic_url=request.topic_url,
            state="failed" if refusal and request.mode == "subscribe" else accepted, detail=refusal[:MOST_DETAIL],
        )]  # fmt: skip

    def _post(self, request: SubscriptionRequested) -> str:
        """Sends the request to the hub, and on to where that redirects; returns why it was refused, "" if it was not."""
        url, ends = fetchable(request.hub_url), monotonic() + self._settings.fetch_total_timeout
        for _ in range(MOST_REDIRECTS):
            with (
                self._politeness.turn(site_of(url), request.trace_id, None, first=False, url=url) as turn,
                self._web.post(url, ends, self._form(request), turn=turn, exchange=Exchange()) as answer,
            ):
                report_to_host(turn, answer)
                if answer.status_code not in REDIRECTS:
                    body = answer.raw.read(MOST_DETAIL).decode("utf-8", "replace")
                    return "" if answer.ok else f"HTTP {answer.status_code} {body}"
                location = answer.headers.get("Location", "")
            url = fetchable(join(url, location) or "")
        return f"more than {MOST_REDIRECTS} redirects"

    def _form(self, request: SubscriptionRequested) -> bytes:
        fields = {
            "hub.mode": request.mode, "hub.topic": request.topic_url, "hub.callback": request.callback_url,
            "hub.lease_seconds": str(request.lease_seconds), "hub.secret": hub_secret(self._key, request.channel_key),
        }  # fmt: skip
        return urlencode(fields).encode()
