"""JSON-LD in the shapes that pages have it."""

import json

import pytest

from services.parser.page.document import Document
from services.parser.page.structured_data import is_false, names_in, texts_in

PAGE = "https://harbourpost.example/2024/03/05/ferry-returns"
OWN = {"@type": "NewsArticle", "headline": "Ferry returns", "datePublished": "2024-03-05"}
OTHER = {"@type": "NewsArticle", "headline": "Bell stolen", "datePublished": "2024-02-01"}


def headline(*objects: object) -> object:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(value)}</script>' for value in objects)
    return Document(f"<h1>Ferry returns</h1>{scripts}", PAGE).article_data.get("headline")


@pytest.mark.parametrize(
    "objects",
    [
        (OTHER, OWN),
        (OTHER | {"url": "https://harbourpost.example/bell"}, {"@type": "Article", "mainEntityOfPage": {"@id": PAGE}, "headline": "Ferry returns"}),
        ({"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": OTHER}]}, OWN),
        ({"@graph": [OTHER, OWN | {"@id": f"{PAGE}#article"}]},),
        ({"@type": "LiveBlogPosting", "headline": "Ferry returns", "liveBlogUpdate": [OTHER, OTHER]},),
        (OWN | {"hasPart": OTHER},),
    ],
)  # fmt: skip
def test_of_several_articles_the_one_of_the_page_is_read(objects: tuple[object, ...]) -> None:
    assert headline(*objects) == "Ferry returns"


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Mina Okafor", ["Mina Okafor"]),
        ({"name": "Mina Okafor"}, ["Mina Okafor"]),
        ({"givenName": "Mina", "familyName": "Okafor"}, ["Mina Okafor"]),
        ({"givenName": ["Mina"], "familyName": ["Okafor"]}, ["Mina Okafor"]),
        ({"@type": "Role", "roleName": "Reporter", "author": {"name": "Mina Okafor"}}, ["Mina Okafor"]),
        ({"name": "Mina Valdr&amp;eacute;"}, ["Mina Valdré"]),
        ({"name": {"@value": "Mina Okafor", "@language": "en"}}, ["Mina Okafor"]),
        ({"name": {"givenName": "Mina", "familyName": {"@value": "Okafor"}}}, ["Mina Okafor"]),
        ([{"name": ["Mina Okafor"]}, "<a href='/x'>Tom Reuss</a>"], ["Mina Okafor", "Tom Reuss"]),
        ({"0": "Mina Okafor", "2": {"name": "Tom Reuss"}}, ["Mina Okafor", "Tom Reuss"]),
        ({"name": None}, []),
        (7, []),
    ],
)
def test_names_in_every_shape(value: object, names: list[str]) -> None:
    assert list(names_in(value)) == names


def test_a_name_that_nests_without_end_is_left_out() -> None:
    name: object = "Mina Okafor"
    for _ in range(500):
        name = {"name": name}
    assert list(names_in(name)) == []


def test_false_is_told_in_words_and_addresses() -> None:
    assert all(map(is_false, (False, "False", "no", 0, "http://schema.org/False", {"@value": "false"})))
    assert not any(map(is_false, (True, "true", 1, "https://schema.org/True")))


def test_texts_are_numbers_too() -> None:
    assert list(texts_in([1709620200, {"@value": "2024-03-05"}, True, None])) == ["1709620200", "2024-03-05"]


def test_texts_are_dates_as_php_and_mongodb_write_them() -> None:
    php = {"date": "2024-03-05 14:26:00.000000", "timezone_type": 3, "timezone": "Europe/Paris"}
    assert list(texts_in([php, {"$date": 1709620200000}, 1709620200.0])) == [php["date"], "1709620200000", "1709620200"]


@pytest.mark.parametrize(
    "script",
    [
        '/*<![CDATA[*/ {"@type": "NewsArticle", "headline": "Ferry returns"} /*]]>*/',
        '{"@type": "NewsArticle", "description": "The harbour\\\'s ferry", "headline": "Ferry returns"}',
        '{"@graph": [[{"@type": "NewsArticle", "headline": "Ferry returns"}]]}',
    ],
    ids=["comments", "stray backslash", "list in a list"],
)
def test_data_that_is_wrapped_broken_or_nested_is_read(script: str) -> None:
    page = Document(f'<script type="application/ld+json">{script}</script>', PAGE)
    assert page.article_data["headline"] == "Ferry returns"


def test_escaped_data_is_read() -> None:
    page = f'<script type="application/ld+json">{json.dumps(OWN)}</script>'.replace('{"', "{&quot;").replace(
        '"', "&quot;"
    )
    page = page.replace("type=&quot;application/ld+json&quot;", 'type="application/ld+json"')
    assert Document(page, PAGE).article_data["headline"] == "Ferry returns"


@pytest.mark.parametrize("levels", [1, 2])
def test_an_article_that_a_framework_streams_is_read_out_of_its_strings(levels: int) -> None:
    text = json.dumps(OWN | {"@context": "https://schema.org"}).replace('{"@type"', '{"@context": "x", "@type"', 1)
    for _ in range(levels):
        text = json.dumps({"html": text} if levels > 1 else text)
    document = Document(f"<h1>Ferry returns</h1><script>self.push([1,{text}])</script>", PAGE)
    assert document.article_data.get("datePublished") == "2024-03-05"


def test_a_string_that_is_cut_is_no_article() -> None:
    assert Document('<script>push("{\\"@type\\":\\"NewsArticle\\",\\"headline\\":\\"Fer', PAGE).article_data == {}
