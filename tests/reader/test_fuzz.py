"""Every operation of the API with values that its schema allows and values that it does not."""

import json
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from hypothesis import strategies as st

from services.reader.api import stream
from shared.contracts import Kind
from shared.database.models import Image
from shared.urls import fingerprint
from tests.hostile.fuzzing import fuzz
from tests.reader.conftest import TestClient, article, headline, source

pytestmark = pytest.mark.hostile

PLAUSIBLE = (
    "https://example.org/1", "https://img.example/1.png", "1", "2", "fr", "lead", "trace1", "MQ", "2026-11-01", "true", *Kind,
    "2026-11-01T12:00:00+02:00", "api", "live", "backfill", "9", "50",
)  # fmt: skip
HOSTILE = (
    "", " ", "\0", "\ud800", "\U0010ffff", "%", "*", "'", '"', "\\", "or", "-", "-x", "a" * 600, "9" * 30, "-1", "0", "1e309", "NaN",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "10000-01-01", "24:00", "javascript:alert(1)", "https://", "https://[",
    "https://u:p@x.example/", "https://x.example:99999/", "https://\ud83d\ude00.example/", "https://" + "a" * 300 + ".example/", "ftp://x.example/",
    "https://xn--a.example/", "//x.example/", "https://x.example/\r\nX: y", "${jndi:ldap://x}", "{{7*7}}", "<script>alert(1)</script>", "../../etc/passwd",
)  # fmt: skip
TEXTS = st.sampled_from(PLAUSIBLE) | st.sampled_from(HOSTILE) | st.text(max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXTS,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(TEXTS, children, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def filled(serve, add, monkeypatch) -> TestClient:
    # A stream of events ends by itself, since this client reads every answer to its end.
    monkeypatch.setattr(stream, "LONGEST_SECONDS", 0.05)
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    client = serve(report_limit=10**9)
    article_id = add(article(1, text="invented news"))
    add(Image(article_id=article_id, key=fingerprint("https://img.example/1.png"), url="https://img.example/1.png"))
    add(headline(1, article_id=article_id))
    add(source())
    return client


def wire(value: str) -> str:
    """A text as a client can send it: lone surrogates have no bytes."""
    return value.encode(errors="replace").decode()


def json_bytes(value: Any) -> bytes:
    """A value as JSON; NaN and infinities as Python writes them, lone surrogates escaped."""
    return json.dumps(value).encode()


def check(document: dict[str, Any], operation: dict[str, Any], answer: Any) -> None:
    """The answer is no error of the server, and is of the shape that the API's document promises."""
    assert answer.status_code < 500, answer.text
    declared = operation["responses"].get(str(answer.status_code), {}).get("content", {}).get("application/json")
    if declared and answer.status_code < 300:
        schema = declared["schema"] | {"components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())


class Door:
    """One operation of the API, as its document describes it."""

    def __init__(self, document: dict[str, Any], path: str, method: str) -> None:
        self.path, self.method = path, method
        self.document, self.operation = document, document["paths"][path][method]
        self.parameters = self.operation.get("parameters", [])

    def fields(self) -> list[str]:
        """The names of the body's fields, if it takes a body."""
        if "requestBody" not in self.operation:
            return []
        reference = self.operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        return list(self.document["components"]["schemas"][reference.rpartition("/")[2]]["properties"])

    def target(self, texts: dict[str, str]) -> str:
        path = self.path
        for parameter in self.parameters:
            if parameter["in"] == "path":
                value = quote(wire(texts.get(parameter["name"], "1")), safe="") or "1"
                path = path.replace("{" + parameter["name"] + "}", value)
        return path

    def query(self, texts: dict[str, str]) -> dict[str, str]:
        names = [parameter["name"] for parameter in self.parameters if parameter["in"] == "query"]
        return {name: wire(texts[name]) for name in names if name in texts}


def test_no_value_of_any_parameter_or_field_is_an_error_of_the_server(filled):
    document = filled.get("/openapi.json").json()
    doors = [Door(document, path, method) for path, methods in document["paths"].items() for method in methods]
    names = {parameter["name"] for door in doors for parameter in door.parameters}
    fields = {name for door in doors for name in door.fields()}
    assert len(doors) > 10

    @fuzz(
        door=st.sampled_from(doors),
        texts=st.dictionaries(st.sampled_from(sorted(names)), TEXTS, max_size=4),
        body=VALUES | st.dictionaries(st.sampled_from(sorted(fields)), VALUES, max_size=4),
    )
    def answered(door: Door, texts: dict[str, str], body: Any) -> None:
        content = json_bytes(body) if door.fields() else None
        headers = {"Content-Type": "application/json"} if content else {}
        answer = filled.request(
            door.method, door.target(texts), params=door.query(texts), content=content, headers=headers
        )
        check(document, door.operation, answer)

    answered()
