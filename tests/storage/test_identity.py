"""Which article a page is: one row whatever its address, its edits or its late copies; one story in ten newspapers."""

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from sqlalchemy import select
from sqlmodel import col

from services.storage.batch import sort
from services.storage.differences import changes_between
from services.storage.identity import minhash, near_duplicates
from services.storage.identity.addresses import identity
from services.storage.settings import StorageSettings
from services.storage.store import Rules, write
from services.storage.tables import image_reports, revisits
from services.storage.tables.pacer import Pacer
from services.storage.tables.versions import Limits
from shared.contracts import Article, ArticleParsed, Page, now_utc
from shared.database.engine import make_engine, transaction
from shared.database.models import Article as Row
from shared.database.models import ArticleVersion, Band, Signature
from shared.pages import MemoryPages

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORDS = "harbour council quay fishermen vote budget ferry winter storm market school bridge river mayor union strike".split()


def body(seed: int, sentences: int = 20) -> str:
    chance = random.Random(seed)
    return "\n".join(
        " ".join([*chance.choices(WORDS, k=9), str(chance.randint(0, 9999))]) + "." for _ in range(sentences)
    )


def parsed(
    url: str, text: str = "", title: str = "Council weighs the cost of the new quay", minutes: int = 0, **more: Any
) -> ArticleParsed:
    page = {name: more.pop(name) for name in ("redirects", "moved_to") if name in more}
    final = more.pop("final_url", url)
    reparsed = more.pop("reparsed", False)
    raw = Page(url=url, final_url=final, key="", fetched_at=NOON + timedelta(minutes=minutes), **page)
    return ArticleParsed(page=raw, article=Article(title=title, text=text or body(1), **more), reparsed=reparsed)


class Bench:
    def __init__(self, address: str) -> None:
        self.engine = make_engine(address)
        self.rules = Rules(
            Limits(3600, 5), image_reports.Rules(3, "none", b"salt"), 60, [],
            Pacer(StorageSettings().pace(), timedelta(days=1)), revisits.Rules((), timedelta()),
        )  # fmt: skip

    def store(self, *messages: ArticleParsed) -> list[str]:
        with transaction(self.engine) as session:
            return [article.change for article in write(session, sort(messages), self.rules, MemoryPages()).articles]

    def rows(self, table: Any) -> Sequence[Any]:
        with transaction(self.engine) as session:
            rows = session.scalars(select(table).order_by(*table.__table__.primary_key)).all()
            session.expunge_all()
            return rows

    def titles(self) -> list[str]:
        with transaction(self.engine) as session:
            return list(session.scalars(select(col(Row.title)).order_by(col(Row.id))))


@pytest.fixture
def bench(database_url: str) -> Iterator[Bench]:
    bench = Bench(database_url)
    yield bench
    bench.engine.dispose()


PLAIN = "https://news.example/world/2026/council-weighs-quay"


@pytest.mark.parametrize(
    "address",
    [
        "http://www.news.example/world/2026/council-weighs-quay", "https://m.news.example/world/2026/council-weighs-quay/",
        "https://amp.news.example/world/2026/council-weighs-quay", "https://news.example/world/2026/council-weighs-quay/amp",
        "https://news.example/world/2026/council-weighs-quay/amp/", "https://news.example/amp/world/2026/council-weighs-quay",
        "https://news.example/world/2026/council-weighs-quay.amp", "https://news.example/world/2026/council-weighs-quay?amp=1",
        "https://news.example/world/2026/council-weighs-quay?outputType=amp&utm_source=x",
        "https://news.example:443/world/2026/council-weighs-quay/index.html#top",
        "https://www.google.com/amp/s/www.news.example/world/2026/council-weighs-quay/amp",
        "https://news-example.cdn.ampproject.org/c/s/news.example/world/2026/council-weighs-quay.amp",
        "https://news.example/world/2026/./council%2Dweighs-quay;jsessionid=1F2",
    ],
)  # fmt: skip
def test_addresses_of_one_page_have_one_identity(address: str) -> None:
    assert identity(address) == identity(PLAIN)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://news.example/tech/amp", "https://news.example/tech"), ("https://m.example/a1", "https://example/a1"),
        ("https://news.example/a?id=1", "https://news.example/a?id=2"), ("https://news.example/camp", "https://news.example/c"),
        ("https://fr.news.example/a1", "https://news.example/a1"), ("https://news.example:8080/a1", "https://news.example/a1"),
    ],
)  # fmt: skip
def test_addresses_of_two_pages_have_two(first: str, second: str) -> None:
    assert identity(first) != identity(second)


@given(
    st.sampled_from(["www.", "m.", "amp.", "", "m.www."]), st.lists(st.sampled_from(["a", "amp", "news-of-the-day-12", "index.html", "x.amp", "é"]), max_size=4),
    st.sampled_from(["", "?amp=1", "?b=2&a=1", "?amp", "?q=%C3%A9&amp=true"]),
)  # fmt: skip
def test_identity_is_idempotent(prefix: str, path: list[str], query: str) -> None:
    once = identity(f"https://{prefix}news.example/{'/'.join(path)}{query}")
    assert identity(once) == once


def test_every_address_of_an_article_is_one_row(bench: Bench) -> None:
    assert bench.store(parsed(PLAIN)) == ["stored"]
    assert bench.store(parsed("https://m.news.example/world/2026/council-weighs-quay?utm_source=feed", minutes=1)) == [
        "unchanged"
    ]
    assert bench.store(parsed("https://news.example/short/7", minutes=2, final_url=PLAIN, redirects=(PLAIN,))) == [
        "unchanged"
    ]
    assert len(bench.rows(Row)) == 1


def test_a_link_that_leads_elsewhere_tomorrow_is_no_address_of_an_article(bench: Bench) -> None:
    latest = "https://news.example/latest"
    bench.store(
        parsed(
            latest,
            body(1),
            "The first of two stories",
            final_url="https://news.example/story-1",
            redirects=("https://news.example/story-1",),
        )
    )
    bench.store(
        parsed(
            latest,
            body(2),
            "The second of two stories",
            minutes=9,
            final_url="https://news.example/story-2",
            redirects=("https://news.example/story-2",),
        )
    )
    assert len(bench.rows(Row)) == 2


def test_a_site_that_calls_one_address_canonical_for_all_its_articles_is_not_believed(bench: Bench) -> None:
    same = "https://news.example/articles/today"
    for number in range(3):
        bench.store(
            parsed(
                f"https://news.example/story-{number}",
                body(number),
                f"Story number {number} of the day",
                number,
                canonical_url=same,
            )
        )
    assert bench.titles() == [f"Story number {number} of the day" for number in range(3)]


def test_a_new_address_of_the_same_title_and_day_is_the_same_article_if_the_texts_are_alike(bench: Bench) -> None:
    bench.store(parsed("https://news.example/a-1", published_at="2026-03-01T10:00:00+01:00"))
    edited = body(1) + "\nAnd a line that was added later."
    assert bench.store(parsed("https://news.example/b-2", edited, minutes=5, published_at="2026-03-01")) == ["updated"]
    second_column = parsed("https://news.example/c-3", body(7), minutes=6, published_at="2026-03-01")
    assert bench.store(second_column) == ["stored"], "a column has the same title each day, and another text"
    assert len(bench.rows(Row)) == 2


def test_the_same_words_on_the_same_site_are_the_same_article_and_elsewhere_another_of_the_same_story(
    bench: Bench,
) -> None:
    bench.store(parsed("https://news.example/a-1"))
    assert bench.store(parsed("https://news.example/other-2", minutes=3)) == ["unchanged"]
    assert bench.store(parsed("https://paper.example/x-1", minutes=4)) == ["stored"]
    rows = bench.rows(Row)
    assert len(rows) == 2
    assert len({row.story_id for row in rows}) == 1
    assert rows[0].story_id is not None


def test_two_pages_of_one_article_in_one_batch_are_one_row(bench: Bench) -> None:
    assert bench.store(parsed(PLAIN), parsed(PLAIN + "/amp", minutes=1)) == ["stored", "unchanged"]


def test_a_wire_story_in_ten_newspapers_is_ten_articles_in_one_story(bench: Bench) -> None:
    lines = body(3, 30).split("\n")
    for number in range(10):
        cut = lines[: 30 - 2 * number]
        local = [f"Our own correspondent in town {number} adds a word.", *random.Random(number).sample(cut, len(cut))]
        bench.store(parsed(f"https://paper{number}.example/story", "\n".join(local), f"Paper {number} on the matter"))
    bench.store(parsed("https://paper0.example/else", body(99, 30), "Something else entirely"))
    by_story = [row.story_id for row in bench.rows(Row)]
    assert len(set(by_story[:10])) == 1
    assert by_story[10] is None


def test_stories_that_prove_to_be_one_are_joined(bench: Bench) -> None:
    first, second = body(6, 20), body(7, 20)
    for number, text in enumerate((first, first, second, second)):
        bench.store(parsed(f"https://paper{number}.example/a", text, f"Title {number}"))
    assert len({row.story_id for row in bench.rows(Row)}) == 2
    bench.store(parsed("https://paper9.example/a", first + "\n" + second, "Both"))
    assert len({row.story_id for row in bench.rows(Row)}) == 1


def test_a_copy_and_its_original_find_each_other_in_either_order(bench: Bench) -> None:
    for number, order in enumerate(((0, 1), (1, 0))):
        original = parsed(f"https://paper.example/story-{number}", body(10 + number), f"Story {number}")
        copy = parsed(
            f"https://press.example/{number}",
            "Read it at its source.",
            f"Story {number}",
            origin_url=f"https://www.paper.example/story-{number}/",
        )
        for place in order:
            bench.store((original, copy)[place])
    copies = [row for row in bench.rows(Row) if row.origin_url]
    originals = {row.id: row for row in bench.rows(Row) if not row.origin_url}
    assert all(originals[row.original_id].story_id == row.story_id for row in copies)
    assert len({row.original_id for row in copies}) == 2


def test_a_live_blog_does_not_make_thousands_of_versions(bench: Bench) -> None:
    for minute in range(0, 180, 15):
        bench.store(parsed(PLAIN, body(1) + f"\nAt minute {minute} the council met.", minutes=minute, live_blog=True))
    [row] = bench.rows(Row)
    assert "minute 165" in row.text
    assert row.version == len(bench.rows(ArticleVersion)) == 3


def test_the_first_and_the_newest_versions_are_kept(bench: Bench) -> None:
    for number in range(9):
        bench.store(parsed(PLAIN, body(1) + f"\nEdit {number}.", minutes=number))
    assert sorted(version.number for version in bench.rows(ArticleVersion)) == [1, 6, 7, 8, 9]


def test_a_kept_page_read_again_writes_over_the_version_that_it_made(bench: Bench) -> None:
    bench.store(parsed(PLAIN, "Half of it."))
    assert bench.store(parsed(PLAIN, "Half of it.\nThe other half.", authors=("A. Writer",), reparsed=True)) == [
        "updated"
    ]
    [row], [version] = bench.rows(Row), bench.rows(ArticleVersion)
    assert (row.version, row.authors, version.text) == (1, ["A. Writer"], "Half of it.\nThe other half.")


def test_what_a_page_says_of_itself_is_refreshed_without_a_version(bench: Bench) -> None:
    bench.store(parsed(PLAIN))
    assert bench.store(parsed(PLAIN, minutes=5, authors=("A. Writer",), section="World")) == ["unchanged"]
    [row] = bench.rows(Row)
    assert (row.authors, row.section, row.version) == (["A. Writer"], "World", 1)


def test_a_diff_says_what_was_changed() -> None:
    old = {"title": "Old", "subtitle": None, "text": "One.\nTwo.\nThree."}
    new = {"title": "New", "subtitle": "", "text": "One.\n2.\nThree.\nFour."}
    changes = changes_between(old, new)
    assert changes["title"] == ["Old", "New"]
    assert "subtitle" not in changes
    assert (changes["text"]["added"], changes["text"]["removed"]) == (2, 1)
    assert "-Two." in changes["text"]["diff"]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("way", ["same", "title", "story"])
def test_two_workers_at_once_make_one_row(
    database_url: str, redis: "Redis", request: pytest.FixtureRequest, way: str
) -> None:
    bench = Bench(database_url)
    urls = {
        "same": (PLAIN, PLAIN + "/amp"),
        "title": ("https://news.example/a-1", "https://news.example/b-2"),
        "story": ("https://one.example/a", "https://two.example/a"),
    }[way]
    for number in range(8):
        day = f"2026-03-0{number + 1}"
        pair = [
            parsed(f"{url}{number}x", body(number), f"Story number {number} of the long week", published_at=day)
            for url in urls
        ]
        threads = [threading.Thread(target=bench.store, args=(message,)) for message in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    rows = bench.rows(Row)
    assert len(rows) == (16 if way == "story" else 8)
    if way == "story":
        assert set(Counter(row.story_id for row in rows).values()) == {2}
    bench.engine.dispose()


def test_signatures_too_old_leave_the_index(bench: Bench) -> None:
    bench.store(parsed(PLAIN))
    with transaction(bench.engine) as session:
        assert near_duplicates.forget(session, NOON, 10) == 0
        assert near_duplicates.forget(session, now_utc() + timedelta(1), 10) == 1
    assert (bench.rows(Band), bench.rows(Signature)) == ([], [])


def test_a_short_text_says_nothing_and_a_script_without_spaces_says_as_much_as_others() -> None:
    assert minhash.signature("Too short to tell.") is None
    chinese = (
        "今天上午市议会就新码头的费用进行了长时间的讨论渔民们表示他们希望保留旧的停泊处而港务局认为必须尽快开工" * 2
    )
    longer, shorter = minhash.signature(chinese + "市长说"), minhash.signature(chinese)
    assert longer is not None
    assert shorter is not None
    assert minhash.containment(longer, shorter) > 0.8


@given(st.text(max_size=400))
def test_any_text_has_a_signature_or_none(text: str) -> None:
    signature = minhash.signature(text)
    assert signature is None or minhash.unpack(signature.shingles, signature.packed()) == signature


def test_a_band_takes_no_more_articles_than_its_limit(bench: Bench) -> None:
    """A phrase that everybody prints fills its bands up to a limit, and no further."""
    phrase = body(50, 12)
    for ten in range(7):
        numbers = range(10 * ten, 10 * ten + 10)
        bench.store(*(parsed(f"https://paper{number}.example/a", phrase, f"Title {number}") for number in numbers))
    counts: dict[int, int] = {}
    for row in bench.rows(Band):
        counts[row.band] = counts.get(row.band, 0) + 1
    assert max(counts.values()) <= near_duplicates.BAND_LIMIT
    assert len({row.story_id for row in bench.rows(Row)}) == 1
