"""A batch of messages, sorted once into what each table takes, keys included."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from services.storage.identity import ladder
from services.storage.listings import Listing, listing
from services.storage.tables import ledger
from shared.contracts import (
    ArticleParsed,
    ChannelChanged,
    HeadlinesParsed,
    ImageFetched,
    ImageJudged,
    ImageReported,
    Kind,
    Message,
    PageDropped,
    SiteChanged,
    SiteDeclared,
    SiteInspected,
    SourceDeclared,
    SubscriptionAnswered,
)

M = TypeVar("M", bound=Message)


class Batch(NamedTuple):
    """What a batch of messages holds for each table.

    Attributes:
        sites: sites as they are declared, inspected or changed, in the order of the messages.
        channels: channels likewise.
        listings: listings with the rows of their headlines.
        feeds: feeds whose items' full texts lie in the page store.
        links: links of listings that are to be fetched, for the ledger.
        articles: parsed articles with the keys by which they may be stored already.
        ends: how pages ended, but for those of articles: these ends are known when the articles are written.
        fetched_images: images whose hashes are known now.
        reports: reports of images.
        verdicts: persons' decisions to block or unblock images.
        subscriptions: what WebSub hubs answered.
        pageless: the traces of messages that are about no page, and end when they are written.
    """

    sites: Sequence[SiteDeclared | SiteInspected | SiteChanged]
    channels: Sequence[SourceDeclared | ChannelChanged]
    listings: Sequence[Listing]
    feeds: Sequence[HeadlinesParsed]
    links: Sequence[ledger.Link]
    articles: Sequence[ladder.Candidate]
    ends: Sequence[ledger.End]
    fetched_images: Sequence[ImageFetched]
    reports: Sequence[ImageReported]
    verdicts: Sequence[ImageJudged]
    subscriptions: Sequence[SubscriptionAnswered]
    pageless: Sequence[str]

    def channel_keys(self) -> set[str]:
        """Returns the keys of the pages that are declared as channels, and of listings whose source is not known."""
        declared = {ledger.key_of(channel.url) for channel in self.channels if isinstance(channel, SourceDeclared)}
        nameless = (listing for listing in self.listings if any(row["source_id"] is None for row in listing.rows))
        return declared | {listing.look.page_key for listing in nameless}


def sort(messages: Sequence[Message]) -> Batch:
    """Sorts messages by what each table takes of them."""
    sites = [message for message in messages if isinstance(message, SiteDeclared | SiteInspected | SiteChanged)]
    channels = [message for message in messages if isinstance(message, SourceDeclared | ChannelChanged)]
    parsed_listings = _of(HeadlinesParsed, messages)
    images, reports, verdicts = _of(ImageFetched, messages), _of(ImageReported, messages), _of(ImageJudged, messages)
    answers = _of(SubscriptionAnswered, messages)
    return Batch(
        sites=sites,
        channels=channels,
        listings=[listing(message) for message in parsed_listings],
        feeds=[message for message in parsed_listings if message.texts],
        links=[link for message in parsed_listings for link in ledger.links(message)],
        articles=[ladder.candidate(message) for message in _of(ArticleParsed, messages)],
        ends=[
            *_listing_ends(parsed_listings), *map(_dropped_end, _of(PageDropped, messages)), *map(_image_end, images),
        ],
        fetched_images=images,
        reports=reports,
        verdicts=verdicts,
        subscriptions=answers,
        pageless=[message.trace_id for message in (*sites, *channels, *reports, *verdicts, *answers)],
    )  # fmt: skip


def _of(kind: type[M], messages: Iterable[Message]) -> list[M]:
    return [message for message in messages if isinstance(message, kind)]


def _listing_ends(messages: Iterable[HeadlinesParsed]) -> Iterator[ledger.End]:
    """Yields the ends of listings. Headlines of an article's page come beside the article, which ends the page."""
    for message in messages:
        if message.kind is not Kind.ARTICLE:
            page = message.page
            yield ledger.end(message, page.url, "listed", "store", page=page, status=page.status)


def _dropped_end(message: PageDropped) -> ledger.End:
    return ledger.end(
        message, message.url, message.reason.value, message.stage, page=message.page, status=message.status,
        detail=message.detail or None,
    )  # fmt: skip


def _image_end(message: ImageFetched) -> ledger.End:
    return ledger.end(message, message.url, "image", "store", status=200)
