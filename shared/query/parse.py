"""Reads a query as people type it. Nothing in it is a syntax error: what has no meaning is a word.

Every word must be there; words "in quotes" stand side by side; `or` stands between alternatives, ( ) around them; `-`
excludes; a `*` at the end means every word that begins so. `NEAR/5` stands between two words with at most five others between
them, `NEAR` alone means ten. `site:gazette.example`, `language:fr`, `tag:harbour`, `publisher:"The Gazette"` and `papers:3`
(the story is in three newspapers or more) ask for what is known of the article. Case and accents do not matter.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import cast, get_args

from shared.database.search import fold, paired, query_words, single
from shared.errors import BadUrl
from shared.query.document import label
from shared.query.tree import Field, FieldName, Near, Node, Not, Some, Term, every, some
from shared.urls import host_of

# Words between two that are near, unless the query says how many, and the most that it may say: PostgreSQL is asked for
# each distance by itself.
NEAR, MOST_NEAR = 10, 50
# Brackets within brackets beyond which they mean nothing.
MOST_DEPTH = 20
# Words and fields of a query, and its fields; what stands behind them is not looked at. A database refuses a condition of a
# thousand others, and what asks for a field costs much more than a word.
MOST_TERMS, MOST_FIELDS = 500, 60
# Pairs of alternatives on the two sides of NEAR beyond which both sides are asked for wherever they stand.
MOST_PAIRS = 100

_NAMES = "|".join((*get_args(FieldName), "lang"))
_TOKEN = re.compile(
    rf'(?P<close>\))|(?P<minus>-?)(?:(?P<open>\()|"(?P<phrase>[^"]*)"|(?P<name>(?i:{_NAMES})):'
    r'(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s()"]+))|(?P<word>[^\s()]+))'
)
_NEAR = re.compile(r"NEAR(?:/(\d{1,3}))?")

_Tokens = Iterator[re.Match[str]]


def parse(query: str) -> Node | None:
    """Returns what a query asks for; None if it asks for nothing."""
    return _group(_tokens(query), 0)


def _tokens(query: str) -> _Tokens:
    terms = fields = 0
    for token in _TOKEN.finditer(query):
        terms += not (token["open"] or token["close"])
        fields += token["name"] is not None
        if terms > MOST_TERMS or fields > MOST_FIELDS:
            return
        yield token


class _Group:
    """What stands between two brackets: alternatives of nodes that must all match, and nodes that must not."""

    def __init__(self) -> None:
        self._excluded: list[Node] = []
        self._alternatives: list[list[Node]] = []
        self.begin_alternative()

    def begin_alternative(self) -> None:
        """Begins what stands behind `or`."""
        self._alternatives.append([])
        self._last: Node | None = None
        self._distance: int | None = None

    def ask_near(self, distance: int) -> bool:
        """Asks that the next node is near the last one; returns whether there is a last one."""
        self._distance = distance
        return self._last is not None

    def add(self, node: Node) -> None:
        """Adds a node, near the last one if that was asked for."""
        nodes = self._alternatives[-1]
        near = _near(self._last, node, self._distance) if self._last and self._distance is not None else None
        if near and nodes[-1] is self._last:
            nodes.pop()
        nodes.append(near or node)
        self._last, self._distance = node, None

    def exclude(self, node: Node) -> None:
        """Adds a node that must not match, whichever alternative does."""
        self._excluded.append(node)

    def node(self) -> Node | None:
        """Returns what the group asks for."""
        required = some([node for nodes in self._alternatives if (node := every(nodes))])
        excluded: list[Node] = [Not(node) for node in self._excluded]
        return every([required, *excluded] if required else excluded)


def _group(tokens: _Tokens, depth: int) -> Node | None:
    group = _Group()
    for token in tokens:
        if token["close"] is not None:
            if depth:
                break
        elif token["minus"] or not _is_operator(token["word"] or "", group):
            node = _node(token, tokens, depth)
            if node is not None:
                (group.exclude if token["minus"] else group.add)(node)
    return group.node()


def _is_operator(word: str, group: _Group) -> bool:
    """Returns whether a word stands between two others, and tells the group."""
    if word.lower() == "or":
        group.begin_alternative()
        return True
    match = _NEAR.fullmatch(word)
    return match is not None and group.ask_near(min(int(match[1] or NEAR), MOST_NEAR))


def _node(token: re.Match[str], tokens: _Tokens, depth: int) -> Node | None:
    if token["open"] is not None:
        return _group(tokens, depth + 1) if depth < MOST_DEPTH else None
    if token["name"] and (field := _field(token["name"].lower(), token["quoted"] or token["value"] or "")):
        return field
    return _term(token["phrase"] or token["word"] or token[0].removeprefix("-"))


def _near(first: Node, second: Node, distance: int) -> Node | None:
    """Returns that two nodes are near each other; None if they are no terms or too many."""
    pairs = list(product(_terms(first), _terms(second)))
    return some([Near(*pair, distance) for pair in pairs]) if len(pairs) <= MOST_PAIRS else None


def _terms(node: Node) -> list[Term]:
    """Returns the alternatives that a node is; none where they are no terms."""
    alternatives = node.nodes if isinstance(node, Some) else (node,)
    terms = [alternative for alternative in alternatives if isinstance(alternative, Term)]
    return terms if len(terms) == len(alternatives) else []


def _field(name: str, value: str) -> Field | None:
    """Returns what a field asks for, in one spelling; None if the value can be none of it."""
    if name == "site":
        return Field("site", host) if (host := _host(value)) else None
    if name == "papers":
        return Field("papers", str(int(value))) if value.isascii() and value.isdigit() and len(value) < 6 else None
    if name in {"language", "lang"}:
        return Field("language", value.lower().replace("_", "-"))
    return Field(cast("FieldName", name), fold(value).strip()) if label(value) else None


def _host(text: str) -> str:
    """Returns the host that a text names, without `www.`; "" if it names none."""
    try:
        return host_of(text if "://" in text else f"https://{text}").removeprefix("www.")
    except BadUrl:
        return ""


def _term(text: str) -> Term | None:
    folded = fold(text).strip()
    if single(folded.rstrip("*")):
        return Term((folded.rstrip("*"),), prefix=True)
    words = tuple(query_words(text))
    return Term(words, prefix=text.endswith("*") and not paired(words[-1])) if words else None
