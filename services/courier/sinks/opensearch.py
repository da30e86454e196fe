"""OpenSearch (and Elasticsearch): the articles themselves, by the bulk API, each document as the article is now."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import structlog
from prometheus_client import Counter
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from shared.database.event_log import LoggedEvent
from shared.database.models import Article
from shared.errors import Unavailable

log = structlog.get_logger(__name__)

REFUSED = Counter("newsmill_opensearch_refused_total", "Documents that the index refused, named in the log.")
TIMEOUT_SECONDS = 30
# Columns that say how Newsmill works rather than what the article is.
HIDDEN = {"key", "evidence", "title_key", "origin_key", "body_hash", "alternates", "trace_id"}
# A newer document is there already.
CONFLICT = 409


class OpenSearch:
    """Writes articles that have changed into an index.

    The version of a document is the position of the event, so that what is sent again or late changes nothing.

    Args:
        engine: of the database.
        url: of the server, as `https://search.example:9200`.
        index: of the documents.
        user: and password, none where the server wants none.
    """

    def __init__(self, engine: Engine, url: str, index: str, user: str = "", password: str = "") -> None:
        self._engine, self._url, self._index = engine, f"{url.rstrip('/')}/_bulk", index
        self._headers = {"Content-Type": "application/x-ndjson"}
        if user:
            login = base64.b64encode(f"{user}:{password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {login}"

    def send(self, events: Sequence[LoggedEvent]) -> None:
        """Writes the articles that events are about. A document that the index refuses for good is logged and counted.

        Raises:
            Unavailable: the server is away or has no room; everything is sent again.
        """
        places = {event.data["article_id"]: event.position for event in events if event.type.startswith("article.")}
        if places:
            self._check(self._post("".join(self._lines(places)).encode()))

    def _lines(self, places: Mapping[int, int]) -> Iterator[str]:
        with Session(self._engine) as session:
            rows = session.scalars(select(Article).where(col(Article.id).in_(list(places)))).all()
            documents = [row.model_dump(mode="json", exclude=HIDDEN) for row in rows]
        for document in documents:
            number = document["id"]
            action = {"_index": self._index, "_id": number, "version": places[number], "version_type": "external_gte"}
            yield f"{json.dumps({'index': action})}\n{json.dumps(document, ensure_ascii=False)}\n"

    def _post(self, body: bytes) -> dict[str, Any]:
        request = Request(self._url, body, self._headers)  # noqa: S310 - the operator's own address, checked in the settings
        try:
            with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
                result: dict[str, Any] = json.load(answer)
                return result
        except HTTPError as error:
            with error:
                raise Unavailable(f"OpenSearch: HTTP {error.code} {error.read(300).decode(errors='replace')}") from None
        except (ValueError, HTTPException) as error:
            raise Unavailable(f"OpenSearch: no JSON ({error})") from error

    def _check(self, result: Mapping[str, Any]) -> None:
        try:
            ends = [item["index"] for item in result["items"]]
            busy = [end for end in ends if end["status"] == 429 or end["status"] >= 500]
        except (LookupError, TypeError):
            raise Unavailable(f"OpenSearch: no answer of the bulk API: {str(result)[:300]}") from None
        if busy:
            raise Unavailable(f"OpenSearch: {len(busy)} of {len(ends)} documents not taken: {busy[0].get('error')}")
        for end in ends:
            if end["status"] >= 400 and end["status"] != CONFLICT:
                REFUSED.inc()
                log.error("OpenSearch refuses an article", article=end["_id"], error=end.get("error"))
