"""Feeds as programs write them."""

import json
from datetime import UTC, datetime
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.parse import read
from shared.contracts import Headline, Kind, Reason
from shared.errors import Drop

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOST = "https://news.example"
QUAY = "<item><title>A quay reopens</title><link>/quay?a=1&amp;b=2</link></item>"


def rss(items: str, before: str = "") -> tuple[Headline, ...]:
    body = f"{before}<rss version='2.0'><channel><title>News</title><link>{HOST}/</link>{items}</channel></rss>"
    feed = read(body.encode(), f"{HOST}/feed.xml", None, None, NOW)
    assert feed.kind is Kind.FEED
    return feed.headlines


def item(fields: str, title: str = "A quay reopens") -> Headline:
    [headline] = rss(f"<item><title>{title}</title>{fields}</item>")
    return headline


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("How the &lt;canvas&gt; element changed games", "How the <canvas> element changed games"),
        ("How the <canvas> element changed games", "How the <canvas> element changed games"),
        ("Turnout &lt; 50% in x&lt;y districts", "Turnout < 50% in x<y districts"),
        ("Turnout < 50% in x<y districts", "Turnout < 50% in x<y districts"),
        ("<![CDATA[Minister <em>denies</em> the <b class='x'>claim</b>]]>", "Minister denies the claim"),
        ("Minister <em>denies</em> it", "Minister denies it"),
        ("Q&A: the caf&eacute; &amp; AT&amp;amp;T", "Q&A: the café & AT&T"),
        ("A new &lt;b&gt; key", "A new <b> key"),
        ("The mayor&#146;s &#x93;no&#x94;", "The mayor’s “no”"),
        ("How the &amp;lt;canvas&amp;gt; element changed games", "How the <canvas> element changed games"),
        ("List&lt;String&gt;, 10 -&gt; 12", "List<String>, 10 -> 12"),
        ("Two&lt;br/&gt;lines", "Two lines"),
        ("<![CDATA[Fish &amp;amp; chips at the mayor&amp;#8217;s]]>", "Fish & chips at the mayor’s"),
    ],
)
def test_a_title_is_text_without_its_formatting(title: str, text: str) -> None:
    assert item("<link>/1</link>", title).text == text


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ("<link>/harbour bridge.html</link>", "/harbour%20bridge.html"),
        ("<guid isPermaLink='false'>https://news.example/quay</guid>", "/quay"),
        ("<guid>https://news.example/quay</guid><link/>", "/quay"),
        ("<guid>https://news.example/?p=7</guid><link>/quay</link>", "/quay"),
        ("<link>https://feeds.example/~r/7</link><feedburner:origLink>/quay</feedburner:origLink>", "/quay"),
        ("<link>https://clicks.example/7</link><pheedo:origLink>/quay</pheedo:origLink>", "/quay"),
        ('<link>"https://news.example/quay"</link>', "/quay"),
        ("<link>?p=7</link>", "/?p=7"),
        ("<link>quay</link>", "/quay"),
        ("<link>www.news.example/quay</link>", "www"),
        ("<link>news.example/quay</link>", "/quay"),
        ("<link>/a?x=1&y=2&copy=3</link>", "/a?x=1&y=2&copy=3"),
        ("<atom:link rel='self' href='/self'/><atom:link href='/quay'/>", "/quay"),
        ("<atom:link xml:base='https://news.example/diary/' href='quay'/>", "/diary/quay"),
        ("<guid isPermaLink='true'>/quay</guid>", "/quay"),
        ("<guid>/quay</guid>", None),
        ("<guid>quay-7</guid>", None),
    ],
)  # fmt: skip
def test_an_item_leads_to_its_page(fields: str, path: str | None) -> None:
    expected = "https://www.news.example/quay" if path == "www" else path and f"{HOST}{path}"
    assert item(fields).url == expected


@pytest.mark.parametrize("body", ["<rss version='2.0'><channel><title>x</title></channel></rss>", "<feed xmlns='http://www.w3.org/2005/Atom'/>", '{"version": "https://jsonfeed.org/version/1.1", "items": []}'])  # fmt: skip
def test_an_empty_feed_is_one(body: str) -> None:
    feed = read(body.encode(), HOST, None, None, NOW)
    assert (feed.kind, feed.headlines) == (Kind.FEED, ())


def test_a_feed_that_breaks_off_before_its_first_item_is_refused() -> None:
    with pytest.raises(Drop) as caught:
        read(b"<rss version='2.0'><channel><title>x", HOST, None, None, NOW)
    assert caught.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize("before", ["\n\n <?xml version='1.0'?>", "<br />\n<b>Notice</b>: x in <b>y</b><br />\n<?xml version='1.0'?>", "Warning: x in /srv/f.php on line 3\n", "<html><head></head><body><pre>", "<?xml version='1.0'>\n"])  # fmt: skip
def test_what_a_program_printed_before_the_feed_is_left_out(before: str) -> None:
    assert [headline.text for headline in rss(QUAY, before)] == ["A quay reopens"]


@pytest.mark.parametrize(
    "frame", ["{}", "<html><body><pre>{}</pre></body></html>"], ids=["alone", "as a browser shows it"]
)
def test_a_feed_that_was_written_as_the_text_of_a_page_is_one(frame: str) -> None:
    feed = f"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title>{QUAY}</channel></rss>"
    body = frame.format(escape(feed, quote=False)).encode()
    assert [headline.text for headline in read(body, HOST, None, None, NOW).headlines] == ["A quay reopens"]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Tue, 04 Nov 2025 03:15:00 PM +0100", "2025-11-04T15:15:00+01:00"),
        ("Sun, 5 Sep 2021 15:45:00 GMT+7", "2021-09-05T15:45:00+07:00"),
        ("mer, 04 giu 2025 10:00:00 +0200", "2025-06-04T10:00:00+02:00"),
        ("Do, 05 Mrz 2020 10:00:00 +0100", "2020-03-05T10:00:00+01:00"),
        ("10/9/2020 2:26:00 PM", "2020-10-09T14:26:00"),
        ("10/09/2020 14:26", "2020-09-10T14:26:00"),
        ("yesterday or so", None),
    ],
)
def test_dates_are_read_as_programs_write_them(date: str, expected: str | None) -> None:
    instant = item(f"<pubDate>{date}</pubDate>").published_at
    assert (instant and datetime.fromisoformat(instant)) == (expected and datetime.fromisoformat(expected))


@pytest.mark.parametrize(
    "title", ["AT&amp;amp;T&amp;#8217;s quay", "<![CDATA[AT&amp;T&#8217;s quay]]>", "AT&amp;T’s quay"]
)
@pytest.mark.parametrize("title_type", ["", " type='text'", " type='html'"])
def test_a_title_of_atom_that_was_escaped_twice_is_read_as_it_was_meant(title: str, title_type: str) -> None:
    entry = f"<entry><title{title_type}>{title}</title><link href='/quay'/></entry>"
    [headline] = read(
        f"<feed xmlns='http://www.w3.org/2005/Atom'>{entry}</feed>".encode(), HOST, None, None, NOW
    ).headlines
    assert headline.text == "AT&T’s quay"


@pytest.mark.parametrize("wrong", ["Thu, 01 Jan 1970 00:00:00 +0000", "Mon, 30 Nov -0001 00:00:00 +0000", "now", ""])
def test_a_date_that_is_none_leaves_the_item_s_other_dates(wrong: str) -> None:
    fields = f"<pubDate>{wrong}</pubDate><atom:updated>2025-11-05T10:00:00Z</atom:updated><dc:date>2025-11-04T10:00:00Z</dc:date>"
    assert item(fields).published_at == "2025-11-04T10:00:00+00:00"


def test_a_picture_s_title_and_description_are_not_the_item_s() -> None:
    picture = "<media:content url='/m.jpg' medium='image'><media:title>Photo</media:title><media:description>Caption</media:description></media:content>"
    headline = item(f"{picture}<media:description>Caption</media:description><description>It opened.</description>")
    assert (headline.text, headline.summary, headline.image) == ("A quay reopens", "It opened.", f"{HOST}/m.jpg")


@pytest.mark.parametrize(
    ("enclosure", "image"),
    [
        ("url='/a.mp3'", None),
        ("url='/a.mp4?x=.jpg'", None),
        ("url='/a.pdf'", None),
        ("url='/a.jpg'", "/a.jpg"),
        ("url='/picture/7'", "/picture/7"),
        ("url='/a.jpg' type='application/octet-stream'", "/a.jpg"),
        ("url='/a.jpg' type='audio/mpeg'", None),
    ],
)
def test_an_enclosure_is_a_picture_by_its_type_or_its_name(enclosure: str, image: str | None) -> None:
    assert item(f"<link>/1</link><enclosure {enclosure}/>").image == (image and f"{HOST}{image}")


@pytest.mark.parametrize(
    ("feed", "address"),
    [
        ("<feed xmlns='http://www.w3.org/2005/Atom'><link href='{host}/'/><entry><title>A quay</title><link href='quay'/></entry></feed>", "/diary/quay"),
        ("<feed xmlns='http://www.w3.org/2005/Atom' xml:base='/log/'><entry><title>A quay</title><link href='quay'/></entry></feed>", "/log/quay"),
        ("<rss version='2.0'><channel><link>{host}/</link><item><title>A quay</title><link>quay</link></item></channel></rss>", "/quay"),
    ],
    ids=["Atom", "Atom with a base", "RSS"],
)  # fmt: skip
def test_an_address_is_relative_to_the_feed_in_atom_and_to_the_site_in_rss(feed: str, address: str) -> None:
    [headline] = read(feed.format(host=HOST).encode(), f"{HOST}/diary/feed.xml", None, None, NOW).headlines
    assert headline.url == f"{HOST}{address}"


def test_items_that_differ_in_their_fragment_are_different_items() -> None:
    headlines = rss(
        "<item><title>At nine</title><link>/live#p12</link></item><item><title>At ten</title><link>/live#p13</link></item>"
    )
    assert [headline.url for headline in headlines] == [f"{HOST}/live#p12", f"{HOST}/live#p13"]
    assert item("<link>/quay#from=rss</link>").url == f"{HOST}/quay"


def test_http_and_https_of_one_address_are_one_item() -> None:
    link = "<item><title>A quay reopens</title><link>{}://news.example/quay</link></item>"
    assert [headline.url for headline in rss(link.format("http") + link.format("https"))] == [
        "http://news.example/quay"
    ]


def test_authors_and_categories_are_kept() -> None:
    headline = item(
        "<author>jane@news.example (Jane Marsh)</author><dc:creator>Ida Holm</dc:creator><category>Rivers</category><category>Q&amp;A</category>"
    )
    assert (headline.authors, headline.tags) == (("Ida Holm", "Jane Marsh"), ("Rivers", "Q&A"))


def test_authors_and_categories_of_atom() -> None:
    body = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A quay</title><id>https://news.example/quay</id><author><name>Jane Marsh</name></author><category term='rivers' label='Rivers'/></entry></feed>"
    [headline] = read(body.encode(), HOST, None, None, NOW).headlines
    assert (headline.url, headline.authors, headline.tags) == (f"{HOST}/quay", ("Jane Marsh",), ("Rivers",))


def test_an_identifier_of_json_feed_may_be_the_address() -> None:
    entry = {"id": f"{HOST}/quay", "title": "A quay", "authors": [{"name": "Jane Marsh"}], "tags": ["Rivers"]}
    [headline] = read(json.dumps({"items": [entry]}).encode(), HOST, None, None, NOW).headlines
    assert (headline.url, headline.authors, headline.tags) == (f"{HOST}/quay", ("Jane Marsh",), ("Rivers",))


@given(st.text(st.sampled_from("&<>\"' a;x#/=[]!-"), max_size=20), st.sampled_from(["title", "link", "description", "guid"]))  # fmt: skip
def test_a_broken_item_changes_no_item_beside_it(mess: str, place: str) -> None:
    headlines = rss(f"{QUAY}<item><{place}>{mess}</{place}></item>{QUAY.replace('quay', 'ferry')}")
    urls = [headline.url for headline in headlines]
    if "<!--" not in mess:
        assert urls[0] == f"{HOST}/quay?a=1&b=2"
        assert urls[-1] == f"{HOST}/ferry?a=1&b=2"
