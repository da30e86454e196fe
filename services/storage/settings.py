"""What can be set for the storage worker."""

from pydantic import Field

from shared.settings import DatabaseSettings


class StorageSettings(DatabaseSettings):
    """The storage worker's settings."""

    events_limit: int = Field(100_000, ge=1000, description="Events kept on the stream newsmill:events.")
    events_batch: int = Field(500, ge=1, description="Events taken from the outbox at a time.")
