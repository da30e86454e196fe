"""The outlets that a page or a program asks for: by condition, tag, country, language and words, some of them at a time."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, Field

from shared.database.conditions import CONDITIONS, Condition, Outlet

# Outlets on a page: their figures are counted together.
PAGE_SIZE = 50


# A form sends what is not chosen as an empty text.
_UNSET = BeforeValidator(lambda value: value or None)
_Word = Annotated[Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] | None, _UNSET]


class Wish(BaseModel):
    """Which outlets are asked for, and which page of them."""

    condition: Annotated[Condition | None, _UNSET] = Field(None, description="Left out: all but removed ones.")
    tag: _Word = None
    country: _Word = None
    language: _Word = None
    q: str = Field("", max_length=200, description="Words of name and address.")
    page: int = Field(1, ge=1, le=10_000)


class Facets(NamedTuple):
    """What outlets can be asked for by, each with the number of outlets that have it; the removed ones count as a condition only."""

    conditions: dict[str, int]
    tags: dict[str, int]
    countries: dict[str, int]
    languages: dict[str, int]


def filtered(outlets: Iterable[Outlet], wish: Wish) -> list[Outlet]:
    """Returns the outlets that are asked for, in their order."""
    words = wish.q.lower().split()
    return [outlet for outlet in outlets if _has(outlet, wish) and _matches(outlet, words)]


def facets(outlets: Sequence[Outlet]) -> Facets:
    """Returns what these outlets can be asked for by."""
    followed = [outlet for outlet in outlets if outlet.condition != "removed"]
    conditions = _counts(outlet.condition for outlet in outlets)
    return Facets(
        {name: conditions[name] for name in CONDITIONS if name in conditions},
        _counts(tag for outlet in followed for tag in outlet.tags),
        _counts(outlet.country for outlet in followed if outlet.country),
        _counts(language for outlet in followed for language in outlet.languages),
    )  # fmt: skip


def _has(outlet: Outlet, wish: Wish) -> bool:
    is_wanted = outlet.condition == wish.condition if wish.condition else outlet.condition != "removed"
    return (
        is_wanted
        and (wish.tag is None or wish.tag in outlet.tags)
        and (wish.country is None or wish.country == outlet.country)
        and (wish.language is None or wish.language in outlet.languages)
    )


def _matches(outlet: Outlet, words: Iterable[str]) -> bool:
    text = f"{outlet.name} {outlet.url}".lower()
    return all(word in text for word in words)


def _counts(values: Iterable[Any]) -> dict[str, int]:
    """Returns how often each value is there, by its name."""
    numbers: dict[str, int] = {}
    for value in values:
        numbers[value] = numbers.get(value, 0) + 1
    return dict(sorted(numbers.items()))
