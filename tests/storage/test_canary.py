"""The canary arrives in the database and is neither an article, a page, a visit nor an event."""

from services.storage.canary import part
from shared.contracts import CANARY, PageDropped, Reason
from shared.database.models import Article, Health, Page, StoredEvent, Visit
from tests.storage.test_store import Bench, bench

__all__ = ["bench"]

URL = "http://127.0.0.1:8080/canary"


def test_it_leaves_a_mark_and_nothing_else_and_its_neighbours_are_stored(bench: Bench) -> None:
    canary = bench.article(URL).model_copy(update={"via": CANARY, "trace_id": CANARY})
    news = bench.article("https://news.example/a/1")
    bench.later.hold([canary, news])
    bench.store.handle_batch([canary, news])
    assert [row.url for table in (Article, Page, Visit) for row in bench.rows(table)] == [news.page.url] * 3
    assert [row.subject for row in bench.rows(Health)] == [CANARY]
    assert bench.later.counts()["custody"] == 0
    assert bench.pages.bodies == {}
    assert [event.subject for event in bench.rows(StoredEvent)] == [news.page.url]


def test_one_that_ended_on_its_way_leaves_no_mark_and_makes_room_for_the_next(bench: Bench) -> None:
    dropped = PageDropped(url=URL, stage="fetch", reason=Reason.CONNECTION, via=CANARY, trace_id=CANARY)
    bench.later.hold([dropped])
    bench.store.handle(dropped)
    assert bench.rows(Health) == bench.rows(Page) == []
    assert bench.later.counts()["custody"] == 0


def test_messages_are_parted_in_their_order(bench: Bench) -> None:
    articles = [bench.article(f"https://news.example/{number}") for number in range(3)]
    canary = articles[1].model_copy(update={"via": CANARY})
    assert part([articles[0], canary, articles[2]]) == ([canary], [articles[0], articles[2]])
