"""How one site, or a family of sites in one layout, is read: CSS selectors in rules/*.yaml, data only."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from shared.errors import BadUrl, SettingsError
from shared.urls import host_of


def _selector(text: str) -> str:
    try:
        LexborHTMLParser("<p></p>").css(text)
    except SelectolaxError as error:
        raise ValueError(f"{text!r} is no CSS selector ({error})") from None
    return text


Selectors = tuple[Annotated[str, AfterValidator(_selector)], ...]


class Rules(BaseModel):
    """The selectors of a layout, the first that matches wins; `furniture` and `origin` are beginnings of lines.

    `layout`: a page with all of these is read by these rules wherever it stands (a mirror, a saved copy).
    `only_teasers`: the page's headlines are those in `ticker` and `teasers` and no other link.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hosts: tuple[str, ...] = Field(min_length=1)
    layout: Selectors = ()
    title: Selectors = ()
    subtitle: Selectors = ()
    published: Selectors = ()
    published_in: Selectors = ()
    publisher: Selectors = ()
    authors: Selectors = ()
    section: Selectors = ()
    body: Selectors = ()
    ticker: Selectors = ()
    teasers: Selectors = ()
    teaser_box: Selectors = ()
    summary: Selectors = ()
    only_teasers: bool = False
    furniture: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()


_LONGEST_BEGINNING = 120
# A host without rules of its own is read by none.
GENERIC = Rules(hosts=("*",))


def find(url: str) -> Rules:
    """The rules for a URL's host or the domain it belongs to; GENERIC where there are none."""
    try:
        labels = host_of(url).split(".")
    except BadUrl:
        return GENERIC
    table = load()
    return next((table[host] for i in range(len(labels)) if (host := ".".join(labels[i:])) in table), GENERIC)


def find_layout(tree: LexborHTMLParser) -> Rules:
    """The rules whose layout a page has, whatever its host; GENERIC where there are none."""
    every = dict.fromkeys(load().values())
    return next((one for one in every if one.layout and all(tree.css_first(mark) for mark in one.layout)), GENERIC)


def is_furniture(line: str) -> bool:
    """Whether a line is a function of a page and no text, by any of the rules: a text page has no host to go by."""
    return _plain(line).startswith(_beginnings()[0])


def is_origin(line: str) -> bool:
    """Whether a line is the text of the link to an article's original, by any of the rules."""
    return _plain(line).startswith(_beginnings()[1])


@cache
def load(folder: Traversable | None = None) -> dict[str, Rules]:
    """Every rule by host.

    Raises:
        SettingsError: a file is wrong; the text names the file, the field and the value.
    """
    folder = folder or files(__package__)
    table: dict[str, Rules] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            rules = read(file)
            table |= dict.fromkeys(rules.hosts, rules)
    return table


def read(file: Traversable) -> Rules:
    """The rules in a file.

    Raises:
        SettingsError: the file is wrong; the text names the file, the field and the value.
    """
    try:
        return Rules.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise SettingsError(f"rules/{file.name}: no YAML ({error})") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise SettingsError(f"rules/{file.name}: {wrong}") from None


@cache
def _beginnings() -> tuple[tuple[str, ...], tuple[str, ...]]:
    every = set(load().values()) if load() else set()
    furniture = tuple(_plain(phrase) for rules in every for phrase in rules.furniture)
    return furniture, tuple(_plain(phrase) for rules in every for phrase in rules.origin)


def _plain(text: str) -> str:
    # The beginnings are short: of a long line more need not be looked at.
    return " ".join(text[:_LONGEST_BEGINNING].replace("’", "'").split()).lower()
