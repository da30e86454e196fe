"""The messages between services: frozen, JSON, versioned.

A URL on its way through the pipeline is a *trace*: every message about it carries the same `trace_id`,
from the trigger to its one disposition. The JSON Schemas in docs/messages/ are generated from here.
"""

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from shared.contracts.content import Article, Candidate, Headline, Image, ItemTexts, Pace
from shared.contracts.image_reports import ImageFetched, ImageJudged, ImageReported
from shared.contracts.looks import PageSeen, SeenArticle, SeenCandidate, SeenChannel, SeenItem
from shared.contracts.message import MAX_TRIES, Access, Attempt, Message, Page, now_utc
from shared.contracts.model import Model
from shared.contracts.pages import (
    Ancestors,
    ArticleParsed,
    FetchRequested,
    HeadlinesParsed,
    Inspection,
    PageDropped,
    PageFetched,
    Trail,
)
from shared.contracts.sites import (
    ChannelChanged,
    ChannelValue,
    SiteChanged,
    SiteDeclared,
    SiteInspected,
    SiteValue,
    SourceDeclared,
    SubscriptionAnswered,
    SubscriptionRequested,
)
from shared.contracts.vocabulary import (
    CANARY,
    DISCOVERY,
    LISTINGS,
    LOOK,
    REVISIT,
    WEBSUB,
    Clue,
    Country,
    Key,
    Kind,
    Languages,
    Origin,
    Reason,
    RevisitHours,
    Role,
    Seconds,
    Tags,
)

__all__ = [
    "CANARY",
    "DISCOVERY",
    "LISTINGS",
    "LOOK",
    "MAX_TRIES",
    "REVISIT",
    "WEBSUB",
    "Access",
    "Ancestors",
    "AnyMessage",
    "Article",
    "ArticleParsed",
    "Attempt",
    "Candidate",
    "ChannelChanged",
    "ChannelValue",
    "Clue",
    "Country",
    "FetchRequested",
    "Headline",
    "HeadlinesParsed",
    "Image",
    "ImageFetched",
    "ImageJudged",
    "ImageReported",
    "Inspection",
    "ItemTexts",
    "Key",
    "Kind",
    "Languages",
    "Message",
    "Model",
    "Origin",
    "Pace",
    "Page",
    "PageDropped",
    "PageFetched",
    "PageSeen",
    "Reason",
    "RevisitHours",
    "Role",
    "Seconds",
    "SeenArticle",
    "SeenCandidate",
    "SeenChannel",
    "SeenItem",
    "SiteChanged",
    "SiteDeclared",
    "SiteInspected",
    "SiteValue",
    "SourceDeclared",
    "SubscriptionAnswered",
    "SubscriptionRequested",
    "Tags",
    "Trail",
    "decode",
    "encode",
    "now_utc",
]

AnyMessage = (
    FetchRequested
    | PageFetched
    | ArticleParsed
    | HeadlinesParsed
    | PageDropped
    | PageSeen
    | SourceDeclared
    | SiteDeclared
    | SiteInspected
    | SiteChanged
    | ChannelChanged
    | SubscriptionRequested
    | SubscriptionAnswered
    | ImageReported
    | ImageFetched
    | ImageJudged
)


_WIRE: TypeAdapter[AnyMessage] = TypeAdapter(Annotated[AnyMessage, Field(discriminator="type")])


def decode(item: Any) -> AnyMessage:
    """Returns the message of a JSON object.

    Raises:
        pydantic.ValidationError: the object is not a valid message; the error names the field and the value.
    """
    return _WIRE.validate_python(item)


def encode(message: Message) -> dict[str, Any]:
    """Returns a message as a JSON object. Fields with their default value are left out, except type and version."""
    fields = message.model_dump(mode="json", exclude_defaults=True)
    return fields | {"type": type(message).__name__, "version": message.version}
