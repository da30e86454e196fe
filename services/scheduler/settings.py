"""What can be set for the scheduler."""

from pathlib import Path

from pydantic import Field

from shared.settings import DatabaseSettings


class SchedulerSettings(DatabaseSettings):
    """The scheduler's settings."""

    sources_file: Path = Field(Path("sources.yaml"), description="YAML file of sources; it need not exist.")
    tick_seconds: float = Field(1.0, ge=0.2, description="How often it looks for what is due.")
    due_batch: int = Field(200, ge=1, description="Sources or parked messages taken at a time.")
    trigger_batch: int = Field(100, ge=1, description="Triggers read from the stream at a time.")
    full_get_seconds: int = Field(
        86_400,
        ge=60,
        description="Age in seconds of a page's last whole copy after which it is asked for without conditions.",
    )
    revisits_a_day: int = Field(
        50_000, ge=0, description="Articles that are looked at again in a day, at most; spread over its hours. 0: none."
    )
    beat_file: Path = Field(Path("/tmp/newsmill-beat"), description="Where Celery beat keeps its clock.")  # noqa: S108 - a tmpfs in compose, set by `newsmill run`
