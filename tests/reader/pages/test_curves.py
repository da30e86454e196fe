from hypothesis import given
from hypothesis import strategies as st

from services.reader.pages.curves import area, curve


def points(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (point.split(",") for point in text.split())]


@given(st.lists(st.integers(0, 10**9), max_size=40), st.integers(10, 500), st.integers(10, 100))
def test_a_curve_stays_in_its_drawing_and_goes_to_the_right(values, width, height):
    drawn = points(curve(values, width, height))
    assert len(drawn) == len(values)
    assert all(0 <= x <= width and 0 <= y <= height for x, y in drawn)
    assert drawn == sorted(drawn, key=lambda point: point[0])


def test_a_greater_value_is_higher_and_nothing_is_on_the_ground():
    (_, none), (_, some), (_, most) = points(curve([0, 1, 4], 100, 20))
    assert (none > some > most, none, most) == (True, 18.5, 1.5)


def test_the_area_begins_and_ends_on_the_ground():
    drawn = points(area([3, 4], 100, 20))
    assert (drawn[0][1], drawn[-1][1]) == (18.5, 18.5)
    assert area([], 100, 20) == curve([], 100, 20) == ""
