"""Declarative shadow roots: `<template shadowrootmode=open>` holds text that a browser shows.

https://html.spec.whatwg.org/multipage/scripting.html#attr-template-shadowrootmode
"""

import re

_MARK = "shadowrootmode"
# A tag of which the attribute stands later is left as it is, so that the search is linear.
_TEMPLATE = re.compile(rf"<template(?=\s[^<>]{{0,300}}?\b{_MARK}\b)", re.IGNORECASE)


def open_shadow_roots(html: str) -> str:
    """Returns HTML with each declarative shadow root as an element of its host, as a parser without scripts needs it.

    The end tags of these templates then end nothing; the element ends with its host.
    """
    return _TEMPLATE.sub("<shadow-root", html) if _MARK in html else html
