"""The tables. The storage worker writes them, the scheduler, the reader and the courier read them; the courier writes
how far it has got. Accounts, and what their owners have read, are written by the reader and the command line. The fetcher and the parser do neither.

Times are UTC. The date that a page states is kept as text (`published`: ISO 8601, as precise as the page), with an
instant beside it for sorting (`published_at`). Keys of pages are fingerprints (shared/urls.py).
"""

from shared.database.models.accounts import Account, ApiToken, Audit, Secret
from shared.database.models.articles import (
    Article,
    ArticleAlias,
    ArticleChange,
    ArticleVersion,
    Band,
    Signature,
    Story,
)
from shared.database.models.headlines import FeedText, Headline, Placement
from shared.database.models.images import Image, ImageAudit, ImageBlock, ImageReport
from shared.database.models.operations import IS_OPEN, Alert, Consumer, Health, StoredEvent
from shared.database.models.pages import HAS_ORIGIN, HAS_RETRY, HAS_REVISIT, Page, Visit
from shared.database.models.read_state import LOCAL_OWNER, ReadPlace, ReadState
from shared.database.models.sites import Site, Source, Subscription
from shared.database.models.watches import HAS_DIGEST, IS_WAITING, Delivery, Match, Receiver, Watch

__all__ = [
    "HAS_DIGEST",
    "HAS_ORIGIN",
    "HAS_RETRY",
    "HAS_REVISIT",
    "IS_OPEN",
    "IS_WAITING",
    "LOCAL_OWNER",
    "Account",
    "Alert",
    "ApiToken",
    "Article",
    "ArticleAlias",
    "ArticleChange",
    "ArticleVersion",
    "Audit",
    "Band",
    "Consumer",
    "Delivery",
    "FeedText",
    "Headline",
    "Health",
    "Image",
    "ImageAudit",
    "ImageBlock",
    "ImageReport",
    "Match",
    "Page",
    "Placement",
    "ReadPlace",
    "ReadState",
    "Receiver",
    "Secret",
    "Signature",
    "Site",
    "Source",
    "StoredEvent",
    "Story",
    "Subscription",
    "Visit",
    "Watch",
]
