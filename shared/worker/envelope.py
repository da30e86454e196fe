"""What a Celery message must look like before kombu and Celery act on it.

Both trust what lies in Redis: a text that is no JSON, an `eta` that is a list or a body of `null` raises in the
consumer's loop, and the worker meets the same message again after its restart (celery#4308, celery#7975).
"""

from base64 import b64decode
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from celery.utils.time import maybe_iso8601
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from shared.queues import ROUTES

# Tasks whose one argument is a list of items.
STAGE_TASKS = frozenset(route.task for route in ROUTES.values())
# Longer than Celery's own abridged arguments.
MAX_TEXT = 10_000


def _encodable(text: str) -> str:
    text.encode()
    return text


def _readable_time(text: str) -> str:
    maybe_iso8601(text)
    return text


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_encodable)]
Time = Annotated[
    Text,
    Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?$"),
    AfterValidator(_readable_time),
]
Seconds = Annotated[float, Field(gt=0, lt=1e9)]


class Strict(BaseModel):
    """Types as they are: no text for a number. Unknown fields are another Celery version's."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class DeliveryInfo(Strict):
    """Where the message is restored to if it is not acknowledged."""

    exchange: Text
    routing_key: Text


class Properties(Strict):
    """What kombu reads before the body. Every message needs a delivery tag."""

    delivery_tag: Annotated[Text, Field(min_length=1)]
    delivery_info: DeliveryInfo
    body_encoding: Literal["base64"] | None = None
    priority: Annotated[int, Field(ge=0, le=9)] | None = None
    reply_to: Text | None = None
    correlation_id: Text | None = None


class Uncompressed(Strict):
    """The one header that kombu itself reads."""

    compression: None = None


class Envelope(Strict):
    """A message as it lies in a queue."""

    body: str
    content_type: Literal["application/json"] = Field(alias="content-type")
    content_encoding: Literal["utf-8"] = Field(alias="content-encoding")
    headers: Uncompressed
    properties: Properties


class Headers(Strict):
    """What Celery reads of a task. An ETA is refused: what must wait is parked in Redis, for no worker to hold."""

    task: Text
    id: Annotated[Text, Field(min_length=1)]
    eta: None = None
    expires: Time | None = None
    timelimit: Annotated[list[Seconds | None], Field(min_length=2, max_length=2)] | None = None
    retries: Annotated[int, Field(ge=0, le=1000)] | None = None
    shadow: Text | None = None
    root_id: Text | None = None
    parent_id: Text | None = None
    group: Text | None = None
    argsrepr: Text | None = None
    kwargsrepr: Text | None = None
    ignore_result: bool | None = None
    stamped_headers: list[Text] | None = None
    stamps: dict[str, Any] | None = None


class Workflow(Strict):
    """What Celery would send on when the task has ended: nothing. Messages follow from messages alone."""

    callbacks: list[None] | None = Field(None, max_length=0)
    errbacks: list[None] | None = Field(None, max_length=0)
    chain: list[None] | None = Field(None, max_length=0)
    chord: None = None


_ENVELOPE = TypeAdapter(Envelope)
_HEADERS = TypeAdapter(Headers)
_BODY: TypeAdapter[Any] = TypeAdapter(
    tuple[list[Any], Annotated[dict[str, Any], Field(max_length=0)], Workflow | None], config=ConfigDict(strict=True)
)


def envelope_defect(raw: bytes) -> str | None:
    """Why kombu cannot make a message of what lies in a queue; None when it can."""
    try:
        _body(from_json(raw))
    except ValidationError as error:
        return explain(error)
    except ValueError as error:
        return f"no JSON of a Celery message ({error})"
    return None


def list_of(raw: bytes, task: str) -> tuple[str, list[Any]]:
    """Returns the id of a message that lies in a queue, and the list of items that it carries to a stage's task.

    Raises:
        ValueError: it is no message of that task.
    """
    try:
        message = from_json(raw)
        headers, payload = message.get("headers"), from_json(_body(message))
    except (RecursionError, AttributeError) as error:
        raise ValueError(repr(error)) from None
    if defect := task_defect(headers, payload, {task}):
        raise ValueError(defect)
    return headers["id"], payload[0][0]


def _body(message: Any) -> bytes:
    """Returns the body of a message; raises ValueError if kombu could not."""
    envelope = _ENVELOPE.validate_python(message)
    body = envelope.body
    return b64decode(body) if envelope.properties.body_encoding else body.encode()


def task_defect(headers: Mapping[str, Any], payload: Any, tasks: Collection[str]) -> str | None:
    """Why Celery cannot make a task of a message; None when it can.

    Args:
        headers: of the message.
        payload: its decoded body.
        tasks: names of the tasks that this worker runs.
    """
    try:
        task = _HEADERS.validate_python(dict(headers)).task
        # JSON has no tuples, which Celery's body is.
        arguments, _, _ = _BODY.validate_python(tuple(payload) if isinstance(payload, list) else payload)
    except ValidationError as error:
        return explain(error)
    if task not in tasks:
        return f"no task {task!r} runs here; {', '.join(sorted(tasks))} do"
    if task in STAGE_TASKS:
        fits = len(arguments) == 1 and isinstance(arguments[0], list)
        return None if fits else f"{task} takes one argument, a list of items"
    return f"{task} takes no argument" if arguments else None


def explain(error: ValidationError) -> str:
    """The fields that are wrong, in one line."""
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'message'}: {item['msg']}" for item in error.errors()[:5])
