"""The contracts as documents: a JSON Schema a message and an AsyncAPI 3 description (`make docs` writes them)."""

import json
from pathlib import Path
from typing import Any

from services.scheduler.triggers import Trigger
from shared.queues import EVENTS, ROUTES, TRIGGERS
from shared.worker import VERSION

FOLDER = Path(__file__).parents[1] / "docs" / "messages"
# Which service sends to a queue, beside the one that takes from it.
TAKES = {"fetch": "fetcher", "parse": "parser", "store": "storage"}
EVENT_TYPES = ("article.stored", "article.updated", "headline.seen", "page.dropped")


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
    properties: dict[str, Any] = dict.fromkeys(("specversion", "id", "source", "subject", "datacontenttype"), text)
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
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for message, route in ROUTES.items():
        channel = channels.setdefault(
            route.queue,
            {
                "address": route.queue,
                "description": f"Celery queue; task {route.task}, args [[item, …]]",
                "messages": {},
            },
        )
        channel["messages"][message.__name__] = {"payload": {"$ref": f"./{message.__name__}.json"}}
    for queue, service in TAKES.items():
        operations[f"{service}.receive"] = {"action": "receive", "channel": {"$ref": f"#/channels/{queue}"}}
    for name, address, schema, action in (
        ("triggers", TRIGGERS, "Trigger", "receive"),
        ("events", EVENTS, "Event", "send"),
    ):
        channels[name] = {
            "address": address, "description": "Redis Stream", "messages": {schema: {"payload": {"$ref": f"./{schema}.json"}}},
        }  # fmt: skip
        operations[f"newsmill.{name}"] = {"action": action, "channel": {"$ref": f"#/channels/{name}"}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Newsmill", "version": VERSION, "description": "Messages between the services, and its two public streams."},
        "defaultContentType": "application/json",
        "servers": {"redis": {"host": "redis:6379", "protocol": "redis"}},
        "channels": channels,
        "operations": operations,
    }  # fmt: skip


if __name__ == "__main__":
    main()
