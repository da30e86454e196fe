"""`newsmill submit`: triggers through the reader's API."""

import json
import time
from typing import Annotated, Any

import requests
import typer

from newsmill.options import AsJson, DataFolder
from newsmill.output import echo, print_record, progress_bar
from newsmill.running_system import find_system
from newsmill.urls import fetchable_option
from services.reader.settings import ReaderSettings
from shared.contracts import Kind
from shared.errors import SettingsError

app = typer.Typer(add_completion=False)

LOOK_SECONDS = 0.3
DEFAULT_READER = "http://127.0.0.1:8080"


class Api:
    """The reader's API.

    Args:
        address: of the reader.
        token: for writing, where the reader has one.
    """

    def __init__(self, address: str, token: str | None) -> None:
        self._address = address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def trigger(self, body: dict[str, Any]) -> str:
        """Sends a trigger and returns its trace id."""
        return str(self._request("POST", "/v1/triggers", body)["id"])

    def disposition(self, trace_id: str) -> dict[str, Any]:
        """Waits until a trace has ended and returns its state."""
        while True:
            state = self._request("GET", f"/v1/triggers/{trace_id}")
            if state["state"] == "ended":
                return state
            time.sleep(LOOK_SECONDS)

    def _request(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        url = self._address + path
        try:
            answer = requests.request(method, url, json=body, headers=self._headers, timeout=30)
        except requests.RequestException:
            raise SettingsError(
                f"no reader answers at {url}: start one with `newsmill run`, or name it with --api"
            ) from None
        if not answer.ok:
            raise SettingsError(f"{url}: HTTP {answer.status_code}: {answer.text[:500]}")
        document: dict[str, Any] = answer.json()
        return document


@app.command()
def submit(
    urls: Annotated[list[str], typer.Argument(help="URLs to fetch.")],
    kind: Annotated[Kind | None, typer.Option(help="What the pages are, when you know.")] = None,
    priority: Annotated[int, typer.Option(min=0, max=9, help="9 is the most urgent.")] = 5,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until each URL has its disposition.")] = False,
    api: Annotated[str | None, typer.Option(help="The reader's address; by default the local one's.")] = None,
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Fetch each page whole, whatever is stored of it already.")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Trigger URLs through the reader's API. Prints a trace id for each, or with --wait its end as JSON."""
    system = find_system(data)
    token = system.settings(ReaderSettings).reader_token
    reader = Api(api or system.reader_url or DEFAULT_READER, token.get_secret_value() if token else None)
    options: dict[str, Any] = ({"kind": kind.value} if kind else {}) | ({"fresh": True} if fresh else {})
    bodies = [{"url": fetchable_option(url), "priority": priority} | options for url in urls]
    with progress_bar() as progress:
        traces = [reader.trigger(body) for body in progress.track(bodies, description="submitted")]
        if wait:
            for trace_id in progress.track(traces, description="ended"):
                echo(json.dumps(reader.disposition(trace_id), ensure_ascii=False))
            return
    for body, trace_id in zip(bodies, traces, strict=True):
        print_record({"url": body["url"], "trace_id": trace_id}, trace_id, as_json=as_json)
