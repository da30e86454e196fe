"""How dates are written: patterns over the kinds of a line's tokens, a letter a token (see `tokens.py`).

Every repetition in a pattern is bounded, so reading takes time linear in the length of a line.
"""

import re
from collections.abc import Iterator

# A month may have both of its Arabic names: "24 نيسان / أبريل 2020".
_NAME = r"(?P<m>[MJH])(?:[/(]M\)?|[/(]M[/(]M\)?)?"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"(?P<y>y)[-/.](?P<m>n)[-/.](?P<d>n)",  # 2026-10-09, 2026. 10. 9.
        r"(?P<y>y)[Yc.]{0,2}(?P<m>n)-?T(?P<d>n)D?",  # 2026年10月9日
        r"(?P<e>e)(?P<y>[nxy])Y(?P<m>n)T(?P<d>n)D?",  # 令和8年10月9日
        rf"(?P<d>n)D?[-.,/c']{{0,4}}{_NAME}[-.,/c]{{0,3}}Y?(?P<y>y)",  # 9 October 2026, 9. Oktober 2026, 9 de octubre de 2026
        rf"{_NAME}[-.,c]{{0,2}}(?P<d>n)D?[-.,c]{{0,3}}(?P<y>y)",  # October 9th, 2026
        rf"(?P<y>y)[-Y.,()c]{{0,5}}{_NAME}[-.,c]{{0,2}}(?P<d>n)(?![:h])",  # 2026. október 9.
        rf"(?P<y>y)[-Y.,c]{{0,4}}(?P<d>n)[-.c]{{0,2}}{_NAME}(?![-.,/c]{{0,3}}y)",  # 2026. gada 9. oktobris
        r"(?P<d>n)[,c]?T(?P<m>n)[,c]?Y?(?P<y>y)",  # 9 tháng 10, 2026
        r"(?P<d>n)(?P<m>n)TY?(?P<y>y)",  # 4 11月 2025
        r"(?P<d>n)(?P<between>[-/.])(?P<m>n)[-/.](?P<y>y)",  # 9/10/2026
        r"(?<![-/.])(?<!n:)(?P<d>n)(?P<between>[-/.])(?P<m>n)(?P=between)(?P<y>n)(?!(?P=between)n|:)",  # 9.10.26
        r"(?P<m>M)(?P<d>n)(?=n:n(?::n)?[zw]?(?:[-+]y)?(?P<y>y))",  # Oct 9 14:26:00 UTC 2026
        r"(?P<d>n)(?P<between>[-./])(?P<m>M)(?P=between)(?P<y>n)",  # 9-Oct-26
        r"(?<!M)(?<!M[,c])(?P<d>n)(?P<m>M)'?(?P<y>n)(?=[,|]?n:n|[)|]?$)",  # 9 Oct 26 14:26
    )
)
_CLOCK = r"(?P<before>a)?(?P<h>n)(?:(?P<sep>[:.h])(?:(?P<mi>n)(?:(?:m[:.]?|[:.])(?P<s>n)s?(?:[.,][nyx])?|m)?(?![/.][ny]))?)?h?,?(?P<after>a)?"
_ZONE = r"(?:[,(hw|]{0,2}(?:(?P<z>z)\.?)?(?P<sign>[-+])?(?P<off>(?<=[-+])[nxy])?(?:[:.](?P<offmi>n))?)?"
_AFTER = re.compile(rf"[^nxy]{{0,8}}?{_CLOCK}{_ZONE}")
_BEFORE = re.compile(_CLOCK + _ZONE)
_HALF_BEHIND, _HALF_AT_START = re.compile("[,c|-]{0,3}(?P<a>a)(?!n)"), re.compile("c?(?P<a>a)[,cw|-]{0,3}")
_FARTHEST = 6


def dates(kinds: str) -> Iterator[re.Match[str]]:
    """Yields what looks like a date, in the order of the line; of one place the most likely reading first."""
    matches = (match for shape in _SHAPES for match in shape.finditer(kinds))
    return iter(sorted(matches, key=re.Match.start))


def clocks(kinds: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yields what may be the time of a date from token `start` to `end`: first what is after it, then what is before it."""
    if match := _AFTER.match(kinds, end):
        yield match
    near = [match for match in _BEFORE.finditer(kinds, 0, start) if match.end() >= start - _FARTHEST]
    if near and not re.search("[nxy]", kinds[near[-1].end() : start]):
        yield near[-1]


def half_alone(kinds: str, start: int, end: int) -> int | None:
    """Returns the place of the part of the day beside a date from token `start` to `end`, without a number; None if there is none.

    It is behind the date, "9 October, noon", or begins the line: "At noon on 9 October".
    """
    match = _HALF_BEHIND.match(kinds, end) or _HALF_AT_START.fullmatch(kinds, 0, start)
    return match.start("a") if match else None
