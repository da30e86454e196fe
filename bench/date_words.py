"""The words of dates in every language, out of CLDR: `services/parser/article/dates/words.json`.

    .venv/bin/python bench/date_words.py

Babel publishes CLDR; the parser reads the file only, so an image needs no Babel. What newspapers write and CLDR lacks
stands in `bench/date_words_extra.yaml`. A test fails where the file is not what this script makes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.localedata import locale_identifiers

from services.parser.article.dates.fold import fold

HERE = Path(__file__).parent
WORDS = HERE.parent / "services/parser/article/dates/words.json"
# A word that means two things in two languages means what it does in the first, where the page's language is unknown.
LANGUAGES = (
    "en es fr de pt it ru ar fa tr pl nl uk id vi ko ja zh ro cs hu sv el he hi bn ur th fi da nb no nn sk bg sr hr sl ca "
    "lt lv et ms fil ta te mr gu kn ml pa si ne my km lo ka hy az kk uz ky tg tk mn am sw ha yo ig zu xh af sq mk bs is ga "
    "cy gd mt eu gl lb be ku ckb ps sd so om ti ug as or br fo fy rm wo rw mg jv su yue lij"
).split()
UNITS = {"second": 0, "minute": 1, "hour": 60, "day": 1440, "week": 10080}
WIDTHS = ("", "-short", "-narrow")
HALVES = {"am": (0, 12), "pm": (12, 24)}
SCRIPTS_CUT = re.compile(r"[a-zα-ωа-яіїєґ]{4,}")
LITERAL = re.compile(r"'([^']*)'|([^\W\dA-Za-z_]+)")


def main() -> None:
    WORDS.write_text(rendered(), encoding="utf-8")


def rendered() -> str:
    """The file's text: a line a language, so that a change of CLDR reads as one."""
    extra = yaml.safe_load((HERE / "date_words_extra.yaml").read_text("utf-8"))
    lines = (f"{json.dumps(code)}: {dumped(of_language(code, extra.get(code, {})))}" for code in LANGUAGES)
    return "{\n" + ",\n".join(lines) + "\n}\n"


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def of_language(code: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """A language's words: months, halves of the day (from and to which hour), past times in minutes, days counted from
    today, words that stand between the parts of a date, and the order of its numbers."""
    table: dict[str, Any] = {"months": [[] for _ in range(12)], "halves": {}, "ago": {}, "days": {}, "joins": []}
    for locale in locales(code):
        for number, name in months(locale):
            table["months"][number - 1].append(name)
        for word, hours in halves(locale):
            table["halves"].setdefault(word, hours)
        table["ago"] = dict(ago(locale)) | table["ago"]
        table["days"] = dict(days(locale)) | table["days"]
        table["joins"] += joins(locale)
        table.setdefault("order", order(locale))
    return merged(table, extra)


def merged(table: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """CLDR's words and the extra ones, each once."""
    for number, names in (extra.get("months") or {}).items():
        table["months"][number - 1] += (fold(name.replace("_", " ")) for name in names.split())
    for word, hours in (extra.get("halves") or {}).items():
        table["halves"][fold(word)] = hours
    for word, minutes in (extra.get("ago") or {}).items():
        table["ago"][phrase(word)] = minutes
    for word, offset in (extra.get("days") or {}).items():
        table["days"][fold(word)] = offset
    table["months"] = [list(dict.fromkeys(names)) for names in table["months"]]
    table["months"] = shortened(table["months"])
    table["joins"] = list(dict.fromkeys([*table["joins"], *map(fold, extra.get("joins", "").split())]))
    return {key: value for key, value in table.items() if value}


def locales(code: str) -> Iterator[Locale]:
    """The language itself, then its scripts and regions; none where CLDR has no such language."""
    names = sorted(name for name in locale_identifiers() if name == code or name.startswith(f"{code}_"))
    yield from (Locale.parse(name) for name in names)


def months(locale: Locale) -> Iterator[tuple[int, str]]:
    """(number, name) in every form: in a date, alone, short, and with what is written onto it."""
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[context][width].items():
                plain = fold(name)
                if re.search(r"\d", plain) or len(plain) < (3 if plain.isascii() else 2):
                    continue
                yield from ((number, form) for form in forms(plain, locale))


def forms(name: str, locale: Locale) -> Iterator[str]:
    """A month's name, without the preposition that CLDR gives it, and with what its patterns write onto it."""
    yield name
    bare = re.split(r"['\s]", name, maxsplit=1)
    if len(bare) == 2 and len(bare[0]) <= 2:
        yield bare[1]
    for pattern in locale.date_formats.values():
        if attached := re.search(
            r"(?:'(\w+)'|((?<!\w)[^\W\dA-Za-z_]+))?M{3,4}(?:'(\w+)'|([^\W\dA-Za-z_]+))?", str(pattern)
        ):
            before, after = fold(attached[1] or attached[2] or ""), fold(attached[3] or attached[4] or "")
            if before or after:
                yield before + name + after


def shortened(names: list[list[str]]) -> list[list[str]]:
    """With the first three letters of each name too, where they are one month's only: feeds cut names so."""
    cut: dict[str, set[int]] = {}
    for number, forms_of_month in enumerate(names):
        for name in forms_of_month:
            if SCRIPTS_CUT.fullmatch(name):
                cut.setdefault(name[:3], set()).add(number)
    for start, numbers in cut.items():
        if len(numbers) == 1:
            number = next(iter(numbers))
            if all(start not in forms_of_month for forms_of_month in names):
                names[number].append(start)
    return names


def halves(locale: Locale) -> Iterator[tuple[str, tuple[int, int]]]:
    """(word, hours) of AM and PM and of the parts of the day that CLDR gives hours."""
    rules = {name: [*spans] for name, spans in (locale.day_period_rules.get(None) or {}).items()}
    named = [
        (period, fold(name))
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for period, name in locale.day_periods.get(context, {}).get(width, {}).items()
    ]
    for period, word in sorted(named, key=lambda pair: pair[0] not in HALVES):
        hours = HALVES.get(period) or hours_of(rules.get(period, []))
        if hours and (len(word) > 1 or not word.isascii()):
            yield word, hours


def hours_of(spans: list[Mapping[str, int]]) -> tuple[int, int] | None:
    """The hours of a part of the day; past midnight the end is the smaller number. Noon and midnight are an hour long."""
    if not spans:
        return None
    first = spans[0]
    if "at" in first:
        return first["at"] // 3600, first["at"] // 3600 + 1
    return first["from"] // 3600, first["before"] // 3600


def ago(locale: Locale) -> Iterator[tuple[str, int]]:
    """(phrase, minutes): `#` is the number; a phrase without one is of one unit, or of two where the plural says so."""
    fields = locale._data["date_fields"]  # noqa: SLF001 - Babel has these words and no function that gives them
    for unit, minutes in UNITS.items():
        for width in WIDTHS:
            for plural, pattern in fields.get(unit + width, {}).get("past", {}).items():
                text = phrase(pattern)
                if not re.search(r"[^\W\d_]", text) or re.match(r"[-−+]", text):
                    continue
                if "#" in text or plural in {"one", "two"}:
                    yield text, minutes * (1 if "#" in text or plural == "one" else 2)


def phrase(pattern: str) -> str:
    """A pattern, folded, with `#` for its number; in brackets the number only repeats what the words say."""
    return re.sub(r"\s*#\s*", "#", fold(pattern.replace("({0})", "").replace("{0}", "#")))


def days(locale: Locale) -> Iterator[tuple[str, int]]:
    """(word, days from today) of today, yesterday and the day before."""
    relative = locale._data["date_fields"].get("day", {}).get("relative", {})  # noqa: SLF001 - as in ago()
    yield from ((fold(name), offset) for offset, name in relative.items() if offset <= 0)


def joins(locale: Locale) -> list[str]:
    """The words that a language's long dates have between their parts: "de", "del", "gada"."""
    words: list[str] = []
    for pattern in locale.date_formats.values():
        literals = (literal for pair in LITERAL.findall(str(pattern)) for literal in pair)
        words += (word for text in literals for word in re.findall(r"[^\s\d.,()-]+", fold(text)))
    return words


def order(locale: Locale) -> str:
    """The order of year, month and day in numbers, as "dmy"."""
    return "".join(dict.fromkeys(letter for letter in str(locale.date_formats["short"]) if letter in "yMd")).lower()


if __name__ == "__main__":
    main()
