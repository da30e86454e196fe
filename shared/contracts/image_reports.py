"""Messages about a picture that somebody has reported."""

from typing import Literal

from pydantic import Field

from shared.contracts.message import Message


class ImageReported(Message):
    """A reader reports an image. `reporter` identifies the reader, and is stored as a salted hash only."""

    type: Literal["ImageReported"] = "ImageReported"
    url: str = Field(min_length=1, max_length=8192)
    reporter: str = Field(min_length=1, max_length=200)
    reason: str | None = Field(default=None, max_length=200)


class ImageFetched(Message):
    """An image was downloaded. `content_hash` is the SHA-256 of its bytes in hexadecimal, `size` their number.

    `width` and `height` are in pixels.
    """

    type: Literal["ImageFetched"] = "ImageFetched"
    url: str
    final_url: str
    content_hash: str = Field(max_length=64)
    size: int
    media_type: str = Field(max_length=64)
    width: int | None = None
    height: int | None = None


class ImageJudged(Message):
    """A moderator blocks or unblocks an image. `actor` names the moderator in the audit."""

    type: Literal["ImageJudged"] = "ImageJudged"
    url: str = Field(min_length=1, max_length=8192)
    blocked: bool
    actor: str = Field(min_length=1, max_length=64)
    detail: str | None = Field(default=None, max_length=200)
