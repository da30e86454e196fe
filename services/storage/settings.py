"""What can be set for the storage worker."""

from typing import Literal

from pydantic import Field, SecretStr

from shared.pace import Limits
from shared.settings import DatabaseSettings


class StorageSettings(DatabaseSettings):
    """The storage worker's settings."""

    keep_pages_days: int = Field(30, ge=0, description="Days that raw pages are kept; 0: for ever.")
    keep_visits_days: int = Field(
        90, ge=0, description="Days that visits of a page before its newest are kept; 0: for ever."
    )
    keep_versions_days: int = Field(
        0, ge=0, description="Days that versions between the first and the newest are kept; 0: for ever."
    )
    keep_feed_texts_days: int = Field(
        7, ge=0, description="Days that a feed's full text waits for its page to be read or refused; 0: for ever."
    )
    keep_events_days: int = Field(7, ge=1, description="Days that events are kept for those who take them.")
    keep_deliveries_days: int = Field(
        30,
        ge=0,
        description="Days that deliveries of watches which have ended can be looked at and sent again; 0: for ever.",
    )
    story_days: int = Field(30, ge=1, description="Days in which the same story elsewhere is found.")
    tidy_seconds: int = Field(60, ge=1, description="Seconds between two steps of the retention.")
    health_seconds: int = Field(
        300, ge=0, description="Seconds between two looks at whether sites are silent, fail or have changed; 0: never."
    )
    retry_minutes: tuple[float, ...] = Field(
        (2, 10, 60, 360, 1440),
        description="Minutes after which a young story is asked for again while a listing shows it, one end after another.",
    )
    revisit_hours: tuple[float, ...] = Field(
        (1, 6, 24, 168), description="Hours after which a new article is looked at again, each once; empty: never."
    )
    revisit_live_seconds: int = Field(
        300, ge=0, description="Seconds between two looks at a live blog while it goes on; 0: as any article."
    )
    publisher_pause_seconds: int = Field(
        86_400,
        ge=0,
        description="Longest time for which a source is left alone because its publisher wishes so (Cache-Control, ttl, skipHours …); 0: its interval alone counts.",
    )
    poll_worth_seconds: float = Field(
        60,
        gt=0,
        description="Seconds of waiting, summed over new items, that one more poll of a channel must save; more is fewer polls.",
    )
    polls_a_day: int = Field(
        0, ge=0, description="Polls of all channels together in a day, on average at most; 0: no limit."
    )
    polls_a_day_and_host: int = Field(
        2880, ge=0, description="Polls of all channels of a host in a day, on average at most; 0: no limit."
    )
    poll_least_seconds: int = Field(60, ge=10, description="Shortest time between two polls of a channel.")
    poll_most_seconds: int = Field(
        86_400,
        ge=10,
        description="Longest time between two polls of a channel whose publisher does not wish otherwise.",
    )
    freshness_goal_seconds: int = Field(
        0,
        ge=0,
        description="Seconds that a new item may wait on average until its channel is polled: each is polled every twice so long at least; 0: no goal.",
    )
    live_version_seconds: int = Field(
        3600,
        ge=0,
        description="Seconds for which the newest version of a live blog is written over before there is another.",
    )
    max_versions: int = Field(100, ge=2, description="Versions kept of an article: the first and the newest.")
    images: Literal["none", "reported", "lead", "all"] = Field(
        "reported",
        description="Images that are fetched for their hash: none, lead, all, or reported: those reported and, while one is blocked, those of new articles and the newest stored ones.",
    )
    image_reports_to_block: int = Field(3, ge=1, description="Different reporters from whom on an image is blocked.")
    reporter_salt: SecretStr | None = Field(
        None, description="Key of the hashes that reporters are kept as; one is made and kept in Redis when empty."
    )

    def pace(self) -> Limits:
        """Returns the limits of how often channels are polled."""
        return Limits(
            self.poll_worth_seconds, self.polls_a_day, self.polls_a_day_and_host, self.poll_least_seconds,
            self.poll_most_seconds, self.freshness_goal_seconds,
        )  # fmt: skip
