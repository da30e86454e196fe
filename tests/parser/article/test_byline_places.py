"""A place on a by-line is no author."""

import pytest

from services.parser.article.authors.byline_places import without_places
from shared.contracts import Candidate

TITLE = "Porto Novo: ferry returns to the harbour"


def authors(*names: str, source: str = "near the title") -> tuple[Candidate, ...]:
    return tuple(Candidate(value=name, source=source) for name in names)


@pytest.mark.parametrize(
    ("names", "left"),
    [
        (("Mina Okafor", "Porto Novo"), ("Mina Okafor",)),
        (("Mina Okafor", "Tom Reuss"), ("Mina Okafor", "Tom Reuss")),
        (("Porto Novo",), ("Porto Novo",)),
    ],
    ids=["a person and a place", "two people", "nobody else"],
)
def test_what_the_title_names_beside_a_person_is_no_author(names: tuple[str, ...], left: tuple[str, ...]) -> None:
    assert without_places(authors(*names), TITLE) == authors(*left)


@pytest.mark.parametrize("source", ["JSON-LD author", "meta author"])
def test_whom_the_page_declares_an_author_is_one(source: str) -> None:
    declared = authors("Mina Okafor", "Porto Novo", source=source)
    assert without_places(declared, TITLE) == declared
