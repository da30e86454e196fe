"""Rules for a site, or for a family of sites in one layout: CSS selectors in rules/*.yaml, and in a folder of the operator's."""

from collections.abc import Callable
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
    """The selectors of a layout; of several selectors for a field, the first that matches is used.

    Attributes:
        layout: a page with all of these elements is read by these rules on any host (a mirror, a saved copy).
        only_teasers: only links in `ticker` and `teasers` are headlines.
        furniture: beginnings of lines that are functions of the page and not the article's text.
        origin: beginnings of the text of the link to an article's original.
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
# Besides its own, PyYAML lets through those of the constructors of Python values: `!!int ''`, `!!bool x`, a thousand brackets.
_YAML_ERRORS = (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
# The rules of a host that no file names: no selectors.
GENERIC = Rules(hosts=("*",))


def find(url: str) -> Rules:
    """Returns the rules for a URL's host or a domain above it; GENERIC if there are none."""
    try:
        labels = host_of(url).split(".")
    except BadUrl:
        return GENERIC
    table = _BOOK.table()
    return next((table[host] for i in range(len(labels)) if (host := ".".join(labels[i:])) in table), GENERIC)


def find_layout(tree: LexborHTMLParser) -> Rules:
    """Returns the rules whose layout a page has; GENERIC if there are none."""
    return next((rules for rules in _BOOK.with_layout() if all(map(tree.css_first, rules.layout))), GENERIC)


def is_furniture(line: str) -> bool:
    """Returns whether a line is a function of the page, such as the link to the original, by any site's rules.

    A text page may have no host.
    """
    return _plain(line).startswith(_BOOK.furniture())


def is_origin(line: str) -> bool:
    """Returns whether a line is the text of the link to an article's original, by any site's rules."""
    return _plain(line).startswith(_BOOK.origins())


def may_hold_origin(text: str) -> bool:
    """Returns whether a text, however it is divided by white space, holds the beginning of a link to an original: a quick test."""
    dense = _dense(text)
    return any(beginning in dense for beginning in _BOOK.dense_origins())


@cache
def load(folder: Traversable | None = None) -> dict[str, Rules]:
    """Returns the rules by host.

    Raises:
        SettingsError: a file is wrong; the message names the file, the field and the value.
    """
    folder = folder or files(__package__)
    table: dict[str, Rules] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            rules = read(file)
            table |= dict.fromkeys(rules.hosts, rules)
    return table


def read(file: Traversable) -> Rules:
    """Returns the rules in a file.

    Raises:
        SettingsError: the file is wrong; the message names the file, the field and the value.
    """
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except _YAML_ERRORS as error:
        raise SettingsError(f"rules/{file.name}: no YAML ({error})") from None
    try:
        return Rules.model_validate(data)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise SettingsError(f"rules/{file.name}: {wrong}") from None


class _Book:
    """The rules that pages are read by: the built-in ones, and those of an operator, which may change at any time."""

    def __init__(self) -> None:
        self.own_source: Callable[[], tuple[Rules, ...]] = tuple
        self._own: tuple[Rules, ...] = ()
        self._table: dict[str, Rules] = {}
        self._furniture: tuple[str, ...] = ()
        self._origins: tuple[str, ...] = ()
        self._dense_origins: tuple[str, ...] = ()
        self._with_layout: tuple[Rules, ...] = ()

    def refresh(self) -> None:
        own = self.own_source()
        if self._table and own is self._own:
            return
        self._own = own
        self._table = load() | {host: rules for rules in own for host in rules.hosts}
        all_rules = dict.fromkeys(self._table.values())
        self._origins = tuple(_plain(phrase) for rules in all_rules for phrase in rules.origin)
        self._furniture = self._origins + tuple(_plain(phrase) for rules in all_rules for phrase in rules.furniture)
        self._dense_origins = tuple(map(_dense, self._origins))
        self._with_layout = tuple(rules for rules in all_rules if rules.layout)

    def table(self) -> dict[str, Rules]:
        if not self._table:
            self.refresh()
        return self._table

    def with_layout(self) -> tuple[Rules, ...]:
        """The rules that a page is read by because of its layout."""
        self.table()
        return self._with_layout

    def furniture(self) -> tuple[str, ...]:
        """The beginnings of lines that are functions of the page, those that lead to the original among them."""
        self.table()
        return self._furniture

    def origins(self) -> tuple[str, ...]:
        """The beginnings of lines that lead to the original."""
        self.table()
        return self._origins

    def dense_origins(self) -> tuple[str, ...]:
        self.table()
        return self._dense_origins


_BOOK = _Book()


def use(own_rules: Callable[[], tuple[Rules, ...]]) -> None:
    """Has this process, and those that it forks, read pages by an operator's own rules besides the built-in ones.

    Args:
        own_rules: asked at each page; gives the same tuple until a rule changes. Its rules override built-in ones for
            the same host, and later ones earlier ones.
    """
    _BOOK.own_source = own_rules


def refresh() -> None:
    """Takes over the operator's rules if they have changed; called before each page."""
    _BOOK.refresh()


def _plain(text: str) -> str:
    # The phrases are short, so the beginning of a line is enough.
    return " ".join(text[:_LONGEST_BEGINNING].replace("’", "'").split()).lower()


def _dense(text: str) -> str:
    return "".join(text.replace("’", "'").replace("\u200b", "").split()).lower()
