"""Messages about sites and their channels: declared, inspected, changed, subscribed to."""

from typing import Literal

from pydantic import Field

from shared.contracts.message import Message
from shared.contracts.vocabulary import Clue, Country, Key, Kind, Languages, RevisitHours, Role, Seconds, Tags


class SourceDeclared(Message):
    """A source to poll, which is a channel of a site or stands by itself. The storage worker upserts it by URL.

    `declared_by` is `file`, `discovery`, or the door that a person used: `cli` or `api`. `site_key` is the key of its site,
    `role` what it is to it and `found_by` where its address was read. Without `interval_seconds` it is polled as its items
    come. `hub_url` is the WebSub hub that a feed names and
    `topic_url` the address by which the hub knows the feed.
    """

    type: Literal["SourceDeclared"] = "SourceDeclared"
    name: str = Field(min_length=1, max_length=200)
    url: str = Field(min_length=1, max_length=8192)
    kind: Kind | None = None
    follow: bool = True
    interval_seconds: int | None = Field(default=None, ge=10)
    state: Literal["active", "paused"] = "active"
    declared_by: str = Field(default="file", max_length=32)
    site_key: Key | None = None
    role: Role | None = None
    found_by: Clue | None = None
    hub_url: str | None = Field(default=None, max_length=8192)
    topic_url: str | None = Field(default=None, max_length=8192)


class SiteDeclared(Message):
    """A site to follow, as a file or a person declares it. The storage worker upserts it by the URL of its home page.

    `declared_by` is `file`, or the door that a person used: `cli` or `api`. `country` is an ISO 3166 code, `languages` are
    ISO 639 codes. `least_seconds` and `most_seconds` bound the time between two polls of a channel; null leaves that to
    the schedule. `revisit_hours` are the ages at which its articles are looked at again; null leaves that to the setting,
    and none is never. With `discover`, its channels are looked for on the home page. `access` is how its pages are reached.
    """

    type: Literal["SiteDeclared"] = "SiteDeclared"
    home_page: str = Field(min_length=1, max_length=8192)
    name: str | None = Field(default=None, min_length=1, max_length=200)
    country: Country | None = None
    languages: Languages = ()
    tags: Tags = ()
    state: Literal["active", "paused"] = "active"
    least_seconds: Seconds | None = None
    most_seconds: Seconds | None = None
    revisit_hours: RevisitHours | None = None
    declared_by: str = Field(default="file", max_length=32)
    discover: bool = True


class SiteInspected(Message):
    """The home page of a site was read to find its channels. `urls` are the addresses of channels that the site names,
    its home page among them; `name` is as it calls itself, `language` as the page declares, an ISO 639 code."""

    type: Literal["SiteInspected"] = "SiteInspected"
    key: Key
    name: str | None = Field(default=None, max_length=200)
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    urls: tuple[str, ...] = Field(default=(), max_length=500)


# What a person may set back to nothing: then the setting, or what is learned, counts.
SiteValue = Literal["country", "least_seconds", "most_seconds", "revisit_hours"]
ChannelValue = Literal["interval_seconds"]


class SiteChanged(Message):
    """A person's change of a site; null leaves a field as it is. The file of sources does not undo it.

    `actor` is the door that the person used. `cleared` names the fields that are set back to nothing. `poll` makes all
    channels of the site due at once. `undo` sets back what the last change has changed; nothing else then counts.
    """

    type: Literal["SiteChanged"] = "SiteChanged"
    key: Key
    actor: str = Field(min_length=1, max_length=32)
    name: str | None = Field(default=None, min_length=1, max_length=200)
    country: Country | None = None
    languages: Languages | None = None
    tags: Tags | None = None
    state: Literal["active", "paused", "removed"] | None = None
    least_seconds: Seconds | None = None
    most_seconds: Seconds | None = None
    revisit_hours: RevisitHours | None = None
    cleared: tuple[SiteValue, ...] = ()
    poll: bool = False
    undo: bool = False


class ChannelChanged(Message):
    """A person's change of a channel; null leaves a field as it is. The file of sources does not undo it.

    `actor` is the door that the person used. `cleared` names the fields that are set back to nothing. `poll` makes the
    channel due at once. `undo` sets back what the last change has changed; nothing else then counts.
    """

    type: Literal["ChannelChanged"] = "ChannelChanged"
    key: Key
    actor: str = Field(min_length=1, max_length=32)
    name: str | None = Field(default=None, min_length=1, max_length=200)
    state: Literal["active", "paused", "removed"] | None = None
    follow: bool | None = None
    interval_seconds: Seconds | None = None
    cleared: tuple[ChannelValue, ...] = ()
    poll: bool = False
    undo: bool = False


class SubscriptionRequested(Message):
    """A WebSub hub is to send what is new of a channel, or to stop. `channel_key` is the key of the channel.

    The fetcher sends it to the hub, with a secret that it derives itself. `lease_seconds` is how long it should last.
    """

    type: Literal["SubscriptionRequested"] = "SubscriptionRequested"
    mode: Literal["subscribe", "unsubscribe"] = "subscribe"
    channel_key: Key
    hub_url: str = Field(min_length=1, max_length=8192)
    topic_url: str = Field(min_length=1, max_length=8192)
    callback_url: str = Field(min_length=1, max_length=8192)
    lease_seconds: int = Field(default=864_000, ge=1)


class SubscriptionAnswered(Message):
    """How far a subscription to a WebSub hub is.

    `state` is `requested` or `ending` where the hub took the request, `failed` where it did not; `active` for the
    `lease_seconds` that it states, `denied` or `ended` as it says at the callback URL. `detail` is its reason, in words.
    """

    type: Literal["SubscriptionAnswered"] = "SubscriptionAnswered"
    channel_key: Key
    hub_url: str = Field(min_length=1, max_length=8192)
    topic_url: str = Field(min_length=1, max_length=8192)
    state: Literal["requested", "failed", "active", "denied", "ending", "ended"]
    lease_seconds: int | None = Field(default=None, ge=1, le=31_536_000)
    detail: str = Field(default="", max_length=500)
