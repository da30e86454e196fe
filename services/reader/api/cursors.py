"""Cursors: where the next page of a list begins, as an opaque text."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

BIGGEST_ID = 2**63 - 1
# Where who follows changes begins: with the oldest, or with what comes.
START, NOW = "start", "now"


def encode_cursor(last_id: int) -> str:
    """Returns the cursor of the page that follows a row's id."""
    return urlsafe_b64encode(str(last_id).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> int:
    """Returns the id that a cursor stands for.

    Raises:
        ValueError: the text is no cursor of this API.
    """
    try:
        digits = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        digits = ""
    if not digits.isdecimal() or int(digits) > BIGGEST_ID or encode_cursor(int(digits)) != cursor:
        raise ValueError("not a cursor of this API: take it from `next`, or leave it out")
    return int(digits)


def encode_place(place: int) -> str:
    """Returns the cursor of the changes that follow a place in the log."""
    return urlsafe_b64encode(f"after {place}".encode()).decode().rstrip("=")


def decode_place(cursor: str) -> int:
    """Returns the place that a cursor stands for.

    Raises:
        ValueError: the text is no such cursor.
    """
    try:
        word, _, digits = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(" ")
        place = int(digits)
    except ValueError:
        word, place = "", 0
    if word != "after" or abs(place) > BIGGEST_ID + 1 or encode_place(place) != cursor:
        raise ValueError("not a cursor of changes: take it from `next`, or write `start` or `now`")
    return place


def valid_place(cursor: str) -> str:
    """Returns a cursor of changes unchanged, or `start` or `now`.

    Raises:
        ValueError: the text is neither.
    """
    if cursor not in {START, NOW}:
        decode_place(cursor)
    return cursor


def valid_cursor(cursor: str) -> str:
    """Returns a cursor unchanged.

    Raises:
        ValueError: the text is no cursor of this API.
    """
    decode_cursor(cursor)
    return cursor
