"""How much a query asks of a database, and the most that it may."""

from shared.errors import QueryTooLarge
from shared.query.tree import Every, Near, Node, Not, Some

# Places at which NEAR looks for its second word, all alternatives together. PostgreSQL is asked for each by itself.
MOST_PLACES = 10_000


def check_size(node: Node) -> None:
    """Checks that a query is not too much.

    Raises:
        QueryTooLarge: it is.
    """
    if (number := places(node)) > MOST_PLACES:
        raise QueryTooLarge(
            f"the query has NEAR look at {number} places, and {MOST_PLACES} are the most: ask for a smaller distance, or for "
            "fewer alternatives on its sides"
        )


def places(node: Node) -> int:
    """Returns at how many places NEAR looks for its second word, all alternatives of the query together."""
    match node:
        case Near():
            return 2 * (node.distance + 1)
        case Every() | Some():
            return sum(map(places, node.nodes))
        case Not():
            return places(node.node)
    return 0
