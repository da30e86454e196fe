"""Series of numbers as the points of an SVG curve: nothing that a page draws needs a script or a style of its own."""

from collections.abc import Sequence

# Room for the line's own width, so that it is not cut at the edges.
MARGIN = 1.5


def curve(values: Sequence[float], width: float, height: float, top: float | None = None) -> str:
    """Returns the points of a polyline through values, from left to right, 0 at the bottom; "" without values.

    Args:
        values: not negative.
        width: of the drawing.
        height: of the drawing.
        top: the value at the upper edge; the greatest where it is not given.
    """
    return " ".join(f"{x:g},{y:g}" for x, y in _points(values, width, height, top))


def area(values: Sequence[float], width: float, height: float, top: float | None = None) -> str:
    """Returns the points of the polygon between the curve and the ground."""
    points = _points(values, width, height, top)
    if not points:
        return ""
    ground = height - MARGIN
    closed = [(points[0][0], ground), *points, (points[-1][0], ground)]
    return " ".join(f"{x:g},{y:g}" for x, y in closed)


def _points(values: Sequence[float], width: float, height: float, top: float | None) -> list[tuple[float, float]]:
    if not values:
        return []
    greatest = top or max(values) or 1
    step = (width - 2 * MARGIN) / max(len(values) - 1, 1)
    room = height - 2 * MARGIN
    return [
        (round(MARGIN + step * number, 1), round(height - MARGIN - room * min(value / greatest, 1), 1))
        for number, value in enumerate(values)
    ]
