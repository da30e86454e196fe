"""Full texts of feeds: what they hold, and that they do not travel with the headlines."""

from datetime import UTC, datetime
from html import escape
from json import dumps

import pytest

from services.parser.listing.item_texts import LEAST_CHARS
from services.parser.parse import parse
from shared.contracts import Article, HeadlinesParsed, ItemTexts, Kind, Page, PageFetched
from shared.pages import MemoryPages

FEED, STORY = "https://news.example/feed", "https://news.example/a/1"
PARAGRAPHS = tuple(
    """The council of Elmsford voted on Tuesday to rebuild the old ferry quay, ending a dispute of nine years over the cost.
Work is to begin in March, said the mayor, and will cost the town about four million crowns, a third less than was planned.
A storm broke two of its piles; since then, islanders have had to go by way of the bridge at Torp, forty kilometres away.
The first ship will call in November, if all goes well, and the old timetable will be valid again from the first day.
Nobody at the meeting spoke against the plan, which the council of the island had asked for since the first winter.
And the company that runs the ferry wrote that it would hire eleven people, most of them from the island itself.""".split(
        "\n"
    )
)
HTML = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def rss(content: str, link: str = STORY) -> str:
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>News</title><item><title>Quay to be rebuilt</title>'
        f"<link>{link}</link><description>A vote.</description><dc:creator>Ada Lind</dc:creator><category>Sea</category>"
        f"<content:encoded>{escape(content)}</content:encoded></item></channel></rss>"
    )


def atom(content: str, media_type: str = "html") -> str:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Quay to be rebuilt</title><author><name>Ada Lind</name></author>'
        f'<category term="Sea"/><link href="{STORY}"/><content type="{media_type}">{escape(content)}</content></entry></feed>'
    )


def json_feed(**content: str) -> str:
    item = {"id": "1", "url": STORY, "title": "Quay to be rebuilt", "authors": [{"name": "Ada Lind"}], "tags": ["Sea"]}
    return dumps({"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [item | content]})


def read(text: str, *, follow: bool = True) -> tuple[HeadlinesParsed, dict[str, Article]]:
    """Returns the message that a feed becomes, and the articles that wait in the page store."""
    pages = MemoryPages()
    page = Page(url=FEED, final_url=FEED, key=pages.put(text.encode()), fetched_at=datetime(2026, 5, 1, tzinfo=UTC))
    [message] = parse(PageFetched(page=page, kind=Kind.FEED, follow=follow), pages)
    assert isinstance(message, HeadlinesParsed)
    body = pages.get(message.texts) if message.texts else None
    return message, ItemTexts.model_validate_json(body).articles if body else {}


@pytest.mark.parametrize(
    "text",
    [
        rss(HTML),
        atom(HTML),
        atom("\n\n".join(PARAGRAPHS), "text"),
        json_feed(content_html=HTML),
        json_feed(content_text="\n".join(PARAGRAPHS)),
    ],
)
def test_the_full_text_of_an_item_is_an_article_marked_as_the_feeds(text: str) -> None:
    _, articles = read(text)
    article = articles[STORY]
    assert article.paragraphs == PARAGRAPHS
    assert (article.title, article.authors, article.tags, article.language, article.text_from) == (
        "Quay to be rebuilt", ("Ada Lind",), ("Sea",), "en", "feed",
    )  # fmt: skip


def test_a_full_text_in_elements_without_end_is_read() -> None:
    _, articles = read(rss("<div>" * 20_000 + HTML))
    assert articles[STORY].paragraphs == PARAGRAPHS


@pytest.mark.parametrize(
    "content",
    [
        f"<p>{PARAGRAPHS[0]}</p>",
        HTML + "<p>The ferry will then […]</p>",
        HTML + "<p>The ferry will then ... Read more</p>",
        "<p>" + "x" * 300_000,
    ],
    ids=["teaser", "cut off", "read more", "too long"],
)
def test_what_is_no_full_text_is_left_out(content: str) -> None:
    message, articles = read(rss(content))
    assert (len(message.headlines), message.texts, articles) == (1, None, {})


def test_a_feed_that_is_not_followed_leaves_no_texts() -> None:
    assert read(rss(HTML), follow=False)[0].texts is None


def test_no_text_travels_with_the_headlines() -> None:
    message, _ = read(rss(HTML))
    assert PARAGRAPHS[2] not in message.model_dump_json()
    assert len(message.model_dump_json()) < 2 * LEAST_CHARS
