"""The settings of the parser."""

from pathlib import Path

from pydantic import Field

from shared.settings import Settings


class ParserSettings(Settings):
    """The parser's limits. Pages are foreign and may be hostile, so they are read in processes that can be killed."""

    parse_processes: int = Field(2, ge=1, description="Parser processes.")
    parse_max_bytes: int = Field(10_000_000, ge=1, description="Bytes of a page beyond which it is not read.")
    parse_time_limit: int = Field(45, ge=1, description="Seconds after which a list of pages is given up.")
    parse_page_seconds: int = Field(10, ge=1, description="CPU seconds of one page after which its process is killed.")
    parse_memory_mb: int = Field(
        1024, ge=128, description="Megabytes that a parser process may take; beyond, a page is set aside."
    )
    parse_child_sitemaps: int = Field(3, ge=0, description="Newest sitemaps of an index that are fetched.")
    parse_sitemap_depth: int = Field(3, ge=0, description="Sitemap indexes that may list one another.")
    parse_sitemap_days: int = Field(
        30,
        ge=0,
        description="Days since its lastmod after which a sitemap, or a page in one, is not taken; 0: at any age.",
    )
    parse_sitemap_pages: int = Field(1_000, ge=0, description="Newest pages of a sitemap that are taken.")
    rules_folder: Path | None = Field(
        None,
        description="Folder of rules for sites besides the built-in ones; they are read again when a file changes.",
    )
