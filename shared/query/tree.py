"""What a query asks for, as a tree."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

FieldName = Literal["site", "language", "tag", "publisher", "papers"]


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand side by side, as they are indexed; of the last one only the beginning where `prefix` is set."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """Two terms with at most `distance` words between them, in either order."""

    first: Term
    second: Term
    distance: int


@dataclass(frozen=True, slots=True)
class Field:
    """A property of the document: its host, language, tag, newspaper, or in how many papers its story is at least."""

    name: FieldName
    value: str


@dataclass(frozen=True, slots=True)
class Every:
    """All of these."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of these."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    node: "Node"


Node: TypeAlias = Term | Near | Field | Every | Some | Not


def every(nodes: list[Node]) -> Node | None:
    """Returns that all of the nodes are asked for; None if there are none."""
    return nodes[0] if len(nodes) == 1 else Every(tuple(nodes)) if nodes else None


def some(nodes: list[Node]) -> Node | None:
    """Returns that one of the nodes is asked for; None if there are none."""
    return nodes[0] if len(nodes) == 1 else Some(tuple(nodes)) if nodes else None
