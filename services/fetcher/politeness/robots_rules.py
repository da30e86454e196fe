"""The rules of a robots.txt (RFC 9309) that concern one crawler, read in time proportional to the file.

Spellings that people write are taken as well: `Dissallow`, `useragent`, `Disallow /path` without a colon.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import NamedTuple
from urllib.parse import quote, urlsplit

# What lines are about. OTHER says nothing to us, but ends the names of a group as a rule does.
AGENT, ALLOW, DISALLOW, DELAY, SITEMAP, HOST, OTHER = "agent", "allow", "disallow", "delay", "sitemap", "host", "other"
_FIELDS = {
    **dict.fromkeys(("user-agent", "useragent", "user agent"), AGENT),
    **dict.fromkeys(("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"), DISALLOW),
    "allow": ALLOW,
    **dict.fromkeys(("crawl-delay", "crawl delay"), DELAY),
    **dict.fromkeys(("sitemap", "sitemaps", "site-map"), SITEMAP),
    "host": HOST,
    **dict.fromkeys(("request-rate", "request rate", "visit-time", "visit time"), OTHER),
}
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
# Escapes of these stay: the character itself would mean another thing. Rules are normalised together, one a line.
_KEPT = b"/%*\n"
_INDEX_PAGE = "/index.html"


class Rules(NamedTuple):
    """What a robots.txt says to one crawler.

    Attributes:
        literals: rules without a wildcard, and whether they allow; one that ends in `$` is a whole path.
        wildcards: rules with one, longest first.
        delay: its Crawl-delay in seconds; 0 without one.
        sitemaps: the addresses that it lists for everybody, as they stand there.
    """

    literals: dict[str, bool]
    wildcards: tuple[tuple[str, bool], ...]
    delay: float
    sitemaps: tuple[str, ...]

    def allows(self, url: str) -> bool:
        """Returns whether the longest rule that matches a URL allows it; of two as long the one that allows counts."""
        path = _path(url)
        if path == "/robots.txt":
            return True
        length, allowed = self._literal(path)
        for rule, allows in self.wildcards:
            if (len(rule), allows) <= (length, allowed):
                break
            if _matches(rule, path):
                return allows
        return allowed

    def _literal(self, path: str) -> tuple[int, bool]:
        """Returns the length of the longest literal rule that a path begins with, and whether it allows."""
        anchored_path = path + "$"
        for length in range(len(anchored_path), 0, -1):
            allowed = self.literals.get(anchored_path[:length])
            if allowed is not None:
                return length, allowed
        return 0, True


class Group(NamedTuple):
    """The lines of a group, by what they are about, and the names of ours that it is for."""

    names: set[str]
    values: dict[str, list[str]]


def parse(text: str, agent: str) -> Rules:
    """Returns the rules of a robots.txt for `agent`, a product name: those of the groups that name it most exactly."""
    groups, sitemaps = _groups(text.splitlines(), agent.lower())
    names = {name for group in groups for name in group.names}
    best = max(names, key=lambda name: (name != "*", len(name)), default="")
    own = [group.values for group in groups if best in group.names]
    return _rules(
        {field: [value for values in own for value in values[field]] for field in (ALLOW, DISALLOW, DELAY)}, sitemaps
    )


def _groups(lines: Iterable[str], agent: str) -> tuple[list[Group], tuple[str, ...]]:
    """Returns the groups of a file, and the sitemaps that it lists: those, and `Host`, belong to no group."""
    groups, sitemaps, previous = [_group()], [], OTHER
    for line in lines:
        field, value = _directive(line)
        if field == AGENT:
            groups += [] if previous == AGENT else [_group()]
            groups[-1].names.update(_concerned(value, agent))
        elif field == SITEMAP and value:
            sitemaps.append(value)
        elif value and field in groups[-1].values:
            groups[-1].values[field].append(value)
        previous = previous if field in ("", SITEMAP, HOST) else field
    return groups, tuple(sitemaps)


def _group() -> Group:
    return Group(set(), {ALLOW: [], DISALLOW: [], DELAY: []})


def _directive(line: str) -> tuple[str, str]:
    """Returns what a line is about and its value; nothing for a line that is no directive at all."""
    if "#" in line:
        line = line.partition("#")[0]
    name, colon, value = line.partition(":")
    if colon:
        field = _FIELDS.get(name.strip().lower())
        if field or not value[:1].strip():
            return field or OTHER, value.strip()
    return _directive_without_colon(line) or (OTHER if colon else "", "")


def _directive_without_colon(line: str) -> tuple[str, str] | None:
    first, *words = line.split(None, 2) or [""]
    field = _FIELDS.get(first.lower())
    if field is None and words:
        field, words = _FIELDS.get(f"{first} {words[0]}".lower()), words[1:]
    return None if field is None else (field, " ".join(" ".join(words).split()))


def _concerned(name: str, agent: str) -> set[str]:
    """Returns the name of a group if it is one of ours: `*`, or the beginning of ours, where asterisks do not count."""
    stem = name if name == "*" else name.lower().replace("*", "")
    return {stem} if stem and (stem == "*" or agent.startswith(stem)) else set()


def _rules(values: Mapping[str, Sequence[str]], sitemaps: tuple[str, ...]) -> Rules:
    denied, allowed = _patterns(values[DISALLOW]), _patterns(values[ALLOW])
    # Who allows the index page allows its folder.
    allowed += [f"{rule.removesuffix('index.html')}$" for rule in allowed if rule.endswith(_INDEX_PAGE)]
    wildcards = [(rule, False) for rule in denied if "*" in rule] + [(rule, True) for rule in allowed if "*" in rule]
    wildcards.sort(key=lambda wildcard: (len(wildcard[0]), wildcard[1]), reverse=True)
    literals = dict.fromkeys((rule for rule in denied if "*" not in rule), False)
    literals |= dict.fromkeys((rule for rule in allowed if "*" not in rule), True)
    return Rules(literals, tuple(wildcards), _delay(values[DELAY]), sitemaps)


def _patterns(values: Sequence[str]) -> list[str]:
    """Returns the rules of values: a `$` at the end may be the end of the path or the character."""
    values = [f"/{value}" if value.startswith(("https://", "http://")) else value for value in values]
    ends = [value[:-1] for value in values if value.endswith("$")]
    return [*_normal_lines(values), *(f"{rule}$" for rule in _normal_lines(ends))]


def _normal_lines(values: Sequence[str]) -> list[str]:
    return _normal("\n".join(values), safe="/%=*\n").split("\n") if values else []


def _normal(text: str, safe: str) -> str:
    """Returns a text in which each character is escaped, or none, whichever way it was written (RFC 9309 §2.2.2)."""
    plain = _ESCAPE.sub(_unescaped, text.encode(errors="replace")) if "%" in text else text
    return quote(plain if isinstance(plain, str) else plain.decode(errors="replace"), safe, errors="replace")


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = int(escape[1], 16)
    return escape[0].upper() if code in _KEPT else bytes((code,))


def _path(url: str) -> str:
    """Returns the path and the query of a URL as rules are compared with it."""
    url = url.partition("#")[0]
    parts = urlsplit(url)
    path = _normal(f"{parts.path}?{parts.query}" if "?" in url else parts.path, safe="/%=")
    return path if path.startswith("/") else f"/{path}"


def _matches(rule: str, path: str) -> bool:
    """Returns whether a rule with wildcards matches a path: its parts stand in it in their order."""
    is_whole = rule.endswith("$")
    first, *middle, last = rule.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    for part in middle:
        place = path.find(part, position)
        if place < 0:
            return False
        position = place + len(part)
    return path.endswith(last) and len(path) - len(last) >= position if is_whole else path.find(last, position) >= 0


def _delay(values: Iterable[str]) -> float:
    """Returns the last of the values that is a number of seconds; 0 without one."""
    delay = 0.0
    for value in values:
        try:
            seconds = float(value)
        except ValueError:
            continue
        delay = seconds if isfinite(seconds) and seconds >= 0 else delay
    return delay
