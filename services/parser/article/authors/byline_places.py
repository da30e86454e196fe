"""Places on printed by-lines, "Jane Doe | Porto Novo", which look like the names of further authors."""

from shared.contracts import Candidate

# What a page declares to be an author is none.
_DECLARED = ("JSON-LD", "meta ", "organization")


def without_places(authors: tuple[Candidate, ...], title: str) -> tuple[Candidate, ...]:
    """Returns the authors without those that the title names: these are where the story is from.

    All are returned where nobody else would be left, and where the page declares them.

    Args:
        authors: from one source, in the order of its line.
        title: of the article.
    """
    if len(authors) < 2 or authors[0].source.startswith(_DECLARED):
        return authors
    people = tuple(author for author in authors if author.value not in title)
    return people or authors
