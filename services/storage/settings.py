"""What can be set for the storage worker."""

from pydantic import Field

from shared.settings import DatabaseSettings


class StorageSettings(DatabaseSettings):
    """The storage worker's settings."""

    events_limit: int = Field(100_000, ge=1000, description="Events kept on the stream newsmill:events.")
    events_batch: int = Field(500, ge=1, description="Events taken from the outbox at a time.")
    pages_url: str = Field(
        "", description="Where raw pages are kept: a folder or s3://BUCKET/PREFIX; empty: they are not."
    )
    live_version_seconds: int = Field(
        3600,
        ge=0,
        description="For how long the newest version of a live blog is written over before there is another.",
    )
    max_versions: int = Field(100, ge=2, description="Versions kept of an article: the first and the newest.")
