"""Dates as pages write them, in every language, as ISO 8601."""

from services.parser.article.dates.exact import most_exact
from services.parser.article.dates.home_zones import home_zone
from services.parser.article.dates.read import in_url, is_ambiguous, is_date, looks_dated, read, swapped, text_before
from services.parser.article.dates.yearless import completed

__all__ = [
    "completed",
    "home_zone",
    "in_url",
    "is_ambiguous",
    "is_date",
    "looks_dated",
    "most_exact",
    "read",
    "swapped",
    "text_before",
]
