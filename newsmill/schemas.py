"""The contracts as documents: a JSON Schema a message and an AsyncAPI 3 description (`make docs` writes them)."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from services.scheduler.triggers import Trigger
from shared import VERSION
from shared.queues import EVENTS, ROUTES, TRIGGERS

FOLDER = Path(__file__).parents[1] / "docs" / "messages"
# Who takes from which channel and who sends to which; the scheduler gives back to any queue what had to wait.
RECEIVES = {"fetcher": ("fetch",), "parser": ("parse",), "storage": ("store",), "scheduler": ("triggers",)}
SENDS = {
    "fetcher": ("parse", "store"),
    "parser": ("fetch", "store"),
    "storage": ("fetch", "store"),
    "scheduler": ("fetch", "parse", "store"),
    "reader": ("triggers", "store"),
    "courier": ("events",),
}
EVENT_TYPES = (
    "article.stored", "article.updated", "article.retitled", "article.corrected", "article.stealth-edited", "article.gone",
    "article.returned", "headline.seen", "page.dropped", "image.blocked", "image.unblocked",
    "site.silent", "site.failing", "site.changed", "site.recovered",
    "channel.failing", "channel.empty", "channel.stale", "channel.recovered",
)  # fmt: skip


def documents() -> dict[str, dict[str, Any]]:
    """Every document by its file's name."""
    schemas = {f"{message.__name__}.json": message.model_json_schema(mode="validation") for message in ROUTES}
    schemas["Trigger.json"] = Trigger.model_json_schema(mode="validation")
    schemas["Event.json"] = _event_schema()
    for name, schema in schemas.items():
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = name.removesuffix(".json")
    return schemas | {"asyncapi.json": _asyncapi()}


def main() -> None:
    """Writes docs/messages anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, document in documents().items():
        (FOLDER / name).write_text(render(document))


def render(document: dict[str, Any]) -> str:
    """A document as its file has it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _event_schema() -> dict[str, Any]:
    """CloudEvents 1.0, structured JSON, as the field `event` of a stream entry holds it."""
    text = {"type": "string"}
    properties: dict[str, Any] = dict.fromkeys(
        ("specversion", "id", "source", "subject", "sequence", "datacontenttype"), text
    )
    moment = {"type": "string", "format": "date-time"}
    properties |= {
        "type": {"enum": list(EVENT_TYPES)},
        "time": moment,
        "recordedtime": moment,
        "data": {"type": "object"},
    }
    return {"type": "object", "properties": properties, "required": ["specversion", "id", "source", "type"]}


def _asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0.0. A queue's channel carries Celery messages whose first argument is a list of these items."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Newsmill", "version": VERSION, "description": "Messages between the services, and its two public streams."},
        "defaultContentType": "application/json",
        "servers": {"redis": {"host": "redis:6379", "protocol": "redis"}},
        "channels": _queue_channels() | {"triggers": _stream(TRIGGERS, "Trigger"), "events": _stream(EVENTS, "Event")},
        "operations": _operations("receive", RECEIVES) | _operations("send", SENDS),
    }  # fmt: skip


def _queue_channels() -> dict[str, Any]:
    channels: dict[str, Any] = {}
    for message, route in ROUTES.items():
        text = f"Celery queue; task {route.task}, args [[item, …]], at most {route.batch} items"
        channel = channels.setdefault(route.queue, {"address": route.queue, "description": text, "messages": {}})
        channel["messages"] |= _message(message.__name__)
    return channels


def _stream(address: str, message: str) -> dict[str, Any]:
    return {"address": address, "description": "Redis Stream", "messages": _message(message)}


def _message(name: str) -> dict[str, Any]:
    return {name: {"payload": {"$ref": f"./{name}.json"}}}


def _operations(action: str, table: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        f"{service}.{action}.{channel}": {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}
        for service, channels in table.items()
        for channel in channels
    }


if __name__ == "__main__":
    main()
