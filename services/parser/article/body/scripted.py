"""Articles that a page shows by script: in templates, in `noscript`, or as strings among the data of its scripts."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from html import escape, unescape

from services.parser.page.document import Document
from services.parser.page.elements import attribute, clean, comparison_key

# An article has so many characters; data with fewer are labels.
_LEAST = 400
_LEAST_STRING, _LEAST_WITHOUT_KEY = 40, 200
_MOST_LINES = 10_000
# The largest page seen has 74,265 characters in one script.
_LONGEST_SCRIPT, _MOST_SCRIPTS, _LONGEST_HTML = 1_000_000, 200, 240_000
_TEMPLATES = 'script[type*="template"], script[type="text/html"], noscript'
# Attributes in which frameworks hand data to the part of a page that a script fills: Inertia, React on Rails, Astro.
_ATTRIBUTES = (
    "data-page",
    "data-props",
    "data-react-props",
    "data-state",
    "data-initial-state",
    "data-article",
    "data-content",
    "props",
)
_WITH_DATA = ",".join(f"[{name}]" for name in _ATTRIBUTES)
# A string in JSON, perhaps with its key: "body": "<p>...", ["...", "..."]; the key of a GraphQL field has arguments.
_STRING = re.compile(
    r'(?:"([\w-]{1,40}+(?:\((?:[^"\\)]|\\.){0,60}+\))?+)"\s*+:\s*+(\[\s*+)?+|[,\[(]\s*+)"((?:[^"\\]|\\.)*+)"(?!\s*+:)'
)
_NO_BODY = re.compile(
    r"desc|summary|caption|excerpt|bio|alt$|policy|consent|cookie|legal|teaser|message|label|title|headline|url|src|class|style|query",
    re.IGNORECASE,
)
_PARAGRAPH = re.compile(r"<(?:p|br|div|h\d)[\s/>]", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*+>")
_CODE = re.compile(r"[{};=]")
_MUCH_CODE = 0.01
_WORD = re.compile(r"[^\W\d_]{4,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2}")
_LEAST_SHARE = 0.4


def declared_lines(body: str) -> list[str]:
    """Returns the lines of a body that structured data declares: as text, as HTML, or as HTML that was escaped once more."""
    text = body[:_LONGEST_HTML]
    if "<" not in text and "&lt;" in text:
        text = unescape(text)
    if _PARAGRAPH.search(text):
        return [block.text for block in Document(f"<article>{text}</article>", "").layout.blocks]
    return [clean(line) for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]]


def document(page: Document, title: str) -> Document | None:
    """Returns the article of this title that a page's scripts hold, as a page of its own; None if they hold none."""
    html = max(_bodies(page, title), key=len, default="")[:_LONGEST_HTML]
    return Document(f"<article><h1>{escape(title)}</h1>{html}</article>", page.url) if html else None


def _bodies(page: Document, title: str) -> Iterator[str]:
    """Yields what may be the article as HTML: it is long enough, and speaks of what the title does."""
    words = {word.lower() for word in _WORD.findall(title)}
    for html in (*_templates(page), *_data(page, title)):
        text = _TAG.sub(" ", html)
        key = comparison_key(text)
        matches = sum(word in key for word in words)
        is_prose = len(_CODE.findall(text)) <= _MUCH_CODE * len(text)
        if len(key) >= _LEAST and is_prose and words and matches >= _LEAST_SHARE * len(words):
            yield html


def _templates(page: Document) -> Iterator[str]:
    for node in page.tree.css(_TEMPLATES)[:_MOST_SCRIPTS]:
        yield (node.text() if node.tag == "script" else node.inner_html or "")[:_LONGEST_SCRIPT]


def _data(page: Document, title: str) -> Iterator[str]:
    """Yields for each key of a script's data its texts as HTML, and each long text that has no key.

    Scripts without the longest word of the title, as it is or as JSON may write it, have another subject: most are code.
    """
    word = max(_WORD.findall(title), key=len, default="")
    spellings = (word, word.lower(), json.dumps(word)[1:-1], json.dumps(word.lower())[1:-1])
    for script in (*_scripts(page), *_attributes(page)):
        if len(script) >= _LEAST and any(spelling in script for spelling in spellings):
            yield from _texts(script[:_LONGEST_SCRIPT])


def _scripts(page: Document) -> Iterator[str]:
    nodes = page.elements("script")[:_MOST_SCRIPTS]
    return (node.text() for node in nodes if "template" not in attribute(node, "type"))


def _attributes(page: Document) -> Iterator[str]:
    nodes = page.tree.css(_WITH_DATA)[:_MOST_SCRIPTS]
    return (attribute(node, name) for node in nodes for name in _ATTRIBUTES)


def _texts(script: str) -> Iterator[str]:
    texts: dict[str, dict[str, None]] = defaultdict(dict)
    for key, text in _strings(script):
        if key and not _NO_BODY.search(key):
            texts[key][text if _PARAGRAPH.search(text) else _as_paragraphs(text)] = None
        elif not key and len(text) >= _LEAST_WITHOUT_KEY and _PARAGRAPH.search(text):
            yield text
    yield from map("".join, texts.values())


def _as_paragraphs(text: str) -> str:
    """Returns plain text, or Markdown's, as HTML: an empty line ends a paragraph."""
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n", _MOST_LINES))


def _strings(script: str, *, is_inner: bool = False) -> Iterator[tuple[str, str]]:
    """Yields the keys and texts of the strings in a script, and those in strings that are JSON themselves.

    The strings of an array have the array's key.
    """
    array, end = "", -1
    for match in _STRING.finditer(script):
        key, opening, string = match.groups()
        array = key if opening else (array if key is None and match.start() == end else "")
        end = match.end()
        if len(string) < _LEAST_STRING or " " not in string:
            continue
        try:
            text = json.loads(f'"{string}"', strict=False)
        except ValueError:
            continue
        if '":' in text and not is_inner:
            yield from _strings(text, is_inner=True)
        else:
            yield key or array, text
