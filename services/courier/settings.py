"""What can be set for the courier."""

from pydantic import Field

from shared.settings import DatabaseSettings


class CourierSettings(DatabaseSettings):
    """The courier's settings."""

    courier_poll_seconds: float = Field(
        1.0, ge=0.1, description="Seconds between two looks for new events while nobody has said that there are some."
    )
    events_batch: int = Field(500, ge=1, description="Events taken from the log at a time.")
    events_limit: int = Field(100_000, ge=1000, description="Events kept on the stream newsmill:events.")
