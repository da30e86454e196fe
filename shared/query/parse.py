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
    return _group(iter(_TOKEN.finditer(query)), 0)


class _Group:
    """What stands between two brackets: alternatives of nodes that must all match, and nodes that must not."""

    def __init__(self) -> None:
        self.alternatives: list[list[Node]] = [[]]
        self.excluded: list[Node] = []
        # Words that may stand between the last node and the next one; None where the two are not asked to be near.
        self.distance: int | None = None

    def add(self, node: Node | None, *, minus: bool) -> None:
        """Adds a node, near the last one if that was asked for."""
        if node is None:
            return
        if minus:
            self.excluded.append(node)
        elif self.distance is not None and self.alternatives[-1]:
            self.alternatives[-1].extend(_near(self.alternatives[-1][-1], node, self.distance))
        else:
            self.alternatives[-1].append(node)
        self.distance = None

    def node(self) -> Node | None:
        required = some([node for nodes in self.alternatives if (node := every(_without_near_ends(nodes)))])
        excluded: list[Node] = [Not(node) for node in self.excluded]
        return every([required, *excluded] if required else excluded)


def _group(tokens: _Tokens, depth: int) -> Node | None:
    group = _Group()
    for token in tokens:
        word, minus = token["word"] or "", bool(token["minus"])
        if token["close"] is not None:
            if depth:
                break
        elif token["open"] is not None:
            if depth < MOST_DEPTH:
                group.add(_group(tokens, depth + 1), minus=minus)
        elif word.lower() == "or" and not minus:
            group.alternatives.append([])
        elif (match := _NEAR.fullmatch(word)) and not minus and group.alternatives[-1]:
            group.distance = min(int(match[1] or NEAR), MOST_NEAR)
        else:
            group.add(_leaf(token), minus=minus)
    return group.node()


def _near(first: Node, second: Node, distance: int) -> Iterator[Node]:
    """Yields that two nodes are near each other, then the second, with which the next may have to be near."""
    pairs = list(product(_terms(first), _terms(second)))
    if pairs and len(pairs) <= MOST_PAIRS and (near := some([Near(*pair, distance) for pair in pairs])):
        yield near
    yield second


def _terms(node: Node) -> list[Term]:
    """Returns the alternatives that a node is; none where they are no terms."""
    alternatives = node.nodes if isinstance(node, Some) else (node,)
    terms = [alternative for alternative in alternatives if isinstance(alternative, Term)]
    return terms if len(terms) == len(alternatives) else []


def _without_near_ends(nodes: list[Node]) -> list[Node]:
    """Leaves out the terms that are asked for already, because they are near others."""
    ends = {term for node in nodes if isinstance(node, Near) for term in (node.first, node.second)}
    return [node for node in nodes if node not in ends]


def _leaf(token: re.Match[str]) -> Node | None:
    if token["name"] and (field := _field(token["name"].lower(), token["quoted"] or token["value"] or "")):
        return field
    return _term(token["phrase"] or token["word"] or token[0].removeprefix("-"))


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
