"""Changes of sites and channels on their pages: a form as the fields of a change, and the last change in words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shared.database.models import Site, Source

# Fields of a form that are lists, with commas between.
_LISTS = ("languages", "tags", "revisit_hours")
# What an empty field of a form stands for: nothing at all for these, which are lists of their own.
_EMPTY_LISTS = ("languages", "tags")
_FORMS: dict[type[Site | Source], tuple[str, ...]] = {
    Site: ("name", "country", "languages", "tags", "least_seconds", "most_seconds", "revisit_hours"),
    Source: ("name", "interval_seconds"),
}
_CASES: dict[str, Callable[[str], str]] = {"country": str.upper, "languages": str.lower}


def changed_fields(row: Site | Source, form: Mapping[str, str]) -> dict[str, Any]:
    """Returns what a form changes of a row: only what differs, None for what is set back to nothing."""
    fields = {name: _value(name, form[name]) for name in _FORMS[type(row)] if name in form}
    return {name: value for name, value in fields.items() if _text(value) != _text(getattr(row, name))}


def changes(row: Site | Source) -> str:
    """Returns the last change of a row in words: `state active → paused`."""
    return "; ".join(_differences(row, (row.undo or {}).get("values", {})))


def _differences(row: Site | Source, before: Mapping[str, Any]) -> Iterator[str]:
    for name, value in before.items():
        yield f"{name.replace('_', ' ')} {_text(value) or 'none'} → {_text(getattr(row, name)) or 'none'}"


def _value(name: str, text: str) -> Any:
    text = _CASES.get(name, str)(text.strip())
    if name in _LISTS:
        items = [item.strip() for item in text.split(",") if item.strip()]
        return items or ([] if name in _EMPTY_LISTS else None)
    return text or None


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)
