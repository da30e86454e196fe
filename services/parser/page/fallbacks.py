"""Pictures for readers without scripts, which some systems escape twice: `<noscript>&lt;img src="…"&gt;</noscript>`."""

import re
from html import unescape

_ESCAPED = re.compile(
    r"(<noscript[^<>]{0,200}>\s{0,100})(&lt;img\s[^<>]{1,4000}?&gt;)(?=\s{0,100}</noscript)", re.IGNORECASE
)


def open_pictures(html: str) -> str:
    """Returns HTML in which a picture that is the whole of a `noscript` is a tag again."""
    if "&lt;img" not in html:
        return html
    return _ESCAPED.sub(_opened, html)


def _opened(match: re.Match[str]) -> str:
    return match[1] + unescape(match[2])
