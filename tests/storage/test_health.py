"""The health of sites: an alert opens with its evidence, stays one, and closes by itself."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session, col

from services.storage.health import makes, shares, silence, state, volume
from services.storage.health.observation import hour_of
from services.storage.health.outlook import outlook
from services.storage.health.verdicts import Channel, judge
from services.storage.health.watch import Watch, look
from shared.contracts import Headline, HeadlinesParsed, Kind, PageDropped, Reason, SiteDeclared, SourceDeclared
from shared.database.engine import transaction
from shared.database.models import Alert, Health, Match, Source, StoredEvent
from shared.database.models import Watch as SavedQuery
from shared.urls import fingerprint
from tests.storage.test_store import Bench, bench

__all__ = ["bench"]

HOME, FEED = "https://gazette.example/", "https://gazette.example/feed"
START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 24


def hourly(days: int, *, busy: range = range(24)) -> list[bool]:
    return [hour % 24 in busy for hour in range(24 * days)]


def test_an_hourly_site_is_silent_after_a_few_hours_and_no_sooner() -> None:
    rhythm = silence.learn(silence.new(0), hourly(30))
    verdicts = []
    for _ in range(6):
        rhythm = silence.learn(rhythm, [False])
        silent = silence.judge(rhythm)
        verdicts.append(silent is not None and silent.is_improbable)
    assert verdicts[:2] == [False, False]
    assert verdicts[-1]


def test_a_night_is_no_silence_to_a_site_that_sleeps() -> None:
    rhythm = silence.learn(silence.new(0), hourly(40, busy=range(8, 20)))
    night = silence.learn(rhythm, [False] * 8)
    silent = silence.judge(night)
    assert silent is not None
    assert not silent.is_improbable
    assert silence.judge(silence.learn(night, [False] * 12)).is_improbable  # type: ignore[union-attr] # it is learned


def test_a_weekly_magazine_may_leave_out_an_issue() -> None:
    weeks = [hour == 9 for hour in range(168)] * 26
    rhythm = silence.learn(silence.new(0), weeks)
    for hours, improbable in ((2 * 168 - 24, False), (6 * 168, True)):
        silent = silence.judge(silence.learn(rhythm, [False] * hours))
        assert silent is not None
        assert silent.is_improbable is improbable


def test_nothing_is_judged_before_it_is_learned() -> None:
    assert silence.judge(silence.learn(silence.new(0), [False] * 5000)) is None


@given(st.lists(st.booleans(), max_size=400), st.integers(0, 400))
def test_hours_may_be_learned_in_any_portions(busy: list[bool], cut: int) -> None:
    portions = silence.learn(silence.learn(silence.new(0), busy[:cut]), busy[cut:])
    assert portions == silence.learn(silence.new(0), busy)


@given(st.lists(st.booleans(), max_size=300))
def test_a_state_is_kept_as_it_is(busy: list[bool]) -> None:
    learned = state.advance(state.new(0), len(busy), {hour: 1 for hour, is_busy in enumerate(busy) if is_busy})
    assert state.load(json.loads(json.dumps(state.dump(learned))), 0) == learned


def test_a_broken_field_is_found_within_twenty_articles_and_closes_by_itself() -> None:
    usual = [number % 10 == 0 for number in range(200)]
    share = shares.learn(shares.Share(), usual)
    assert not share.is_open
    broken = next(number for number in range(1, 21) if shares.learn(share, [True] * number).is_open)
    share = shares.learn(share, [True] * broken)
    assert not shares.learn(share, usual[:60]).is_open
    assert shares.learn(share, [True, False] * 5).is_open, "some articles that are as before close nothing"


def readings(number: int, *, redesigned: bool = False, authorless: bool = False) -> list[state.Reading]:
    """Articles of a site of which every third has no author, in runs of three; after a redesign none has."""
    return [
        state.Reading(
            frozenset({"authors"}) if authorless or place // 3 % 3 == 0 else frozenset(), None, "stored", "news",
            "og|time|og" if redesigned else "json-ld|json-ld|og",
        )
        for place in range(number)
    ]  # fmt: skip


def articles_until_open(learned: state.State, articles: list[state.Reading]) -> int | None:
    for number, article in enumerate(articles, start=1):
        learned = state.read(learned, [article])
        if learned.fields[state.FIELDS.index("authors")].is_open:
            return number
    return None


def test_what_a_redesign_has_broken_is_found_within_twenty_articles_though_a_third_lacked_it_before() -> None:
    learned = state.read(state.new(0), readings(600))
    delays = [
        articles_until_open(learned, readings(60, redesigned=redesigned, authorless=True))
        for redesigned in (True, False)
    ]
    assert None not in delays
    assert delays[0] < delays[1]  # type: ignore[operator] # both are numbers
    assert delays[0] <= 20  # type: ignore[operator] # as above


def test_a_redesign_that_breaks_nothing_is_no_change() -> None:
    learned = state.read(state.new(0), readings(600))
    assert articles_until_open(learned, readings(600, redesigned=True)) is None


def test_a_section_that_never_had_a_field_says_nothing_of_it_and_the_others_say_all_the_more() -> None:
    def articles(number: int, *, broken: bool = False) -> list[state.Reading]:
        return [
            state.Reading(
                frozenset({"authors"}) if broken or place % 2 == 0 else frozenset(), None, "stored",
                "agency" if place % 2 == 0 else "own",
            )
            for place in range(number)
        ]  # fmt: skip

    learned = state.read(state.new(0), articles(600))
    agency = [article for article in articles(200) if article.section == "agency"]
    assert articles_until_open(learned, agency) is None
    assert articles_until_open(learned, articles(60, broken=True)) <= 10  # type: ignore[operator] # it is found


@given(st.lists(st.sampled_from(["", "a", "b", "c", *map(str, range(12))]), max_size=200))
def test_makes_are_bounded_and_a_page_whose_make_is_unknown_is_never_odd(seen: list[str]) -> None:
    learned = makes.Makes()
    for make in seen:
        learned = makes.learn(learned, make)
    assert len(learned.pages) <= makes.MAKES
    assert makes.oddness(learned, "") == 0.0
    assert not makes.is_odd(learned, max(learned.pages, key=lambda name: learned.pages[name], default=""))


@given(st.lists(st.tuples(st.booleans(), st.text(max_size=3)), max_size=200))
def test_no_more_sections_are_kept_than_there_is_room_for(articles: list[tuple[bool, str]]) -> None:
    share = shares.Share()
    for is_missing, section in articles:
        share = shares.learn(share, [is_missing], section=section)
    assert len(share.sections) <= shares.SECTIONS
    assert 0 <= share.rate <= 1


def test_what_an_earlier_version_has_learned_is_kept() -> None:
    learned = state.read(state.new(0), readings(50))
    kept = json.loads(json.dumps(state.dump(learned)))
    earlier = [*kept[:3], [field[:6] for field in kept[3]], *kept[4:6]]
    loaded = state.load(earlier, 99)
    assert loaded.rhythm == learned.rhythm
    assert [field.rate for field in loaded.fields] == [field.rate for field in learned.fields]


@pytest.mark.parametrize("missing", [[False] * 100 + [True] * 2000, [True] * 2000], ids=["since long", "always"])
def test_what_has_lasted_long_is_usual(missing: list[bool]) -> None:
    assert not shares.learn(shares.Share(), missing).is_open


@pytest.mark.parametrize(("weeks", "trend"), [
    ([40] * 8 + [8, 10, 9], "fell"), ([40] * 8 + [180, 200, 170], "rose"), ([40] * 8 + [8, 40, 9], None),
    ([1, 0, 2, 1, 0, 3, 1, 1, 0, 0, 0], None), ([40, 38, 45, 41, 39, 40, 30, 28, 26, 25, 27], None),
])  # fmt: skip
def test_a_volume_has_changed_when_several_weeks_say_so(weeks: list[int], trend: str | None) -> None:
    learned = volume.Volume()
    for week in weeks:
        learned = volume.learn(learned, week)
    change = volume.judge(learned)
    assert (change.trend if change else None) == trend


def test_times_of_publication_that_shift_by_an_hour_and_more_are_a_change() -> None:
    usual = [state.Reading(frozenset(), 300.0 + 40 * (number % 7), "stored") for number in range(60)]
    learned = state.read(state.new(0), usual)
    shifted = state.read(learned, [state.Reading(frozenset(), -3 * 3600.0, "stored")] * 20)
    [verdict] = judge(shifted, (), START)
    assert (verdict.kind, list(verdict.evidence)) == ("changed", ["time"])


def test_a_site_fails_when_none_of_its_channels_answers() -> None:
    def channel(failures: int) -> Channel:
        return Channel(f"{FEED}{failures}", failures, "http-5xx", START, START)

    moment = START + timedelta(hours=5)
    [verdict] = judge(state.new(0), [channel(4), channel(9)], moment)
    assert (verdict.kind, verdict.since, verdict.evidence["failures"]) == ("failing", START, 4)
    assert judge(state.new(0), [channel(4), channel(0)], moment) == []


class Gazette:
    """A site with one feed, in a store whose clock is the test's."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.bench.store.handle_batch([
            SiteDeclared(home_page=HOME, name="Gazette"),
            SourceDeclared(name="Feed", url=FEED, kind=Kind.FEED, site_key=fingerprint(HOME)),
        ])  # fmt: skip
        [source] = bench.rows(Source)
        self.id = source.id

    def listing(self, moment: datetime, name: str) -> HeadlinesParsed:
        page = self.bench.page(FEED).model_copy(update={"fetched_at": moment})
        headline = Headline(text=f"Story {name}", url=f"{HOME}{name}")
        return HeadlinesParsed(page=page, kind=Kind.FEED, headlines=(headline,), source_id=self.id)

    def learn(self, days: int) -> None:
        """Fills in what a site that lists a story every hour has taught by now."""
        hours = 24 * days
        first = hour_of(START) - hours
        learned = state.advance(state.new(first), first + hours, dict.fromkeys(range(first, first + hours), 1))
        with transaction(self.bench.engine) as session:
            session.add(Health(subject="watch", state=[hour_of(START), 0]))
            session.add(Health(subject=f"site:{fingerprint(HOME)}", state=state.dump(learned)))

    def polled(self, moment: datetime, *, failures: int = 0) -> None:
        with transaction(self.bench.engine) as session:
            [source] = session.scalars(select(Source))
            source.failures, source.last_disposition = failures, "http-5xx" if failures else "listed"
            if not failures:
                source.last_success_at = moment

    def look(self, moment: datetime) -> list[tuple[str, bool]]:
        with transaction(self.bench.engine) as session:
            look(session, moment)
        return [(alert.kind, alert.closed_at is None) for alert in self.bench.rows(Alert)]

    def events(self) -> list[str]:
        with Session(self.bench.engine) as session:
            return list(
                session.scalars(
                    select(col(StoredEvent.type))
                    .where(col(StoredEvent.type).like("site.%"))
                    .order_by(col(StoredEvent.id))
                )
            )


@pytest.fixture
def gazette(bench: Bench) -> Gazette:
    return Gazette(bench)


def test_silence_opens_one_alert_with_its_evidence_and_closes_when_a_story_comes(gazette: Gazette) -> None:
    gazette.learn(30)
    alerts = []
    for hour in range(1, 9):
        moment = START + timedelta(hours=hour, minutes=15)
        gazette.polled(moment)
        alerts.append(gazette.look(moment))
    assert alerts[1] == []
    assert alerts[5] == alerts[7] == [("silent", True)]
    [alert] = gazette.bench.rows(Alert)
    assert (alert.name, alert.since) == ("Gazette", START - timedelta(hours=1))
    assert alert.evidence["hours"] >= 6
    assert "list nothing new" in alert.cause
    gazette.bench.store.handle(gazette.listing(START + timedelta(hours=9), "a"))
    gazette.polled(START + timedelta(hours=10, minutes=15))
    assert gazette.look(START + timedelta(hours=10, minutes=15)) == [("silent", False)]
    assert gazette.events() == ["site.silent", "site.recovered"]


def test_what_was_not_polled_is_not_silent(gazette: Gazette) -> None:
    gazette.learn(30)
    gazette.polled(START)
    assert gazette.look(START + timedelta(hours=40)) == []


def test_a_site_whose_channels_all_fail_is_failing_and_not_silent_besides(gazette: Gazette) -> None:
    gazette.learn(30)
    gazette.polled(START)
    gazette.polled(START, failures=5)
    assert gazette.look(START + timedelta(hours=12)) == [("failing", True)]
    gazette.polled(START + timedelta(hours=13))
    gazette.bench.store.handle(gazette.listing(START + timedelta(hours=13), "a"))
    assert gazette.look(START + timedelta(hours=14, minutes=15)) == [("failing", False)]
    assert gazette.events()[-1] == "site.recovered"


def test_pages_that_cannot_be_read_any_more_are_a_change_with_their_ends_as_evidence(gazette: Gazette) -> None:
    gazette.learn(30)
    for number in range(60):
        message = gazette.bench.article(f"{HOME}{number}", f"Story {number}", published_at="2026-03-01", authors=("A",))
        words = " ".join(f"word{number}x{count}" for count in range(60))
        article = message.article.model_copy(update={"text": words, "word_count": 60})
        gazette.bench.store.handle(
            message.model_copy(update={"via": "headline", "source_id": gazette.id, "article": article})
        )
    assert gazette.look(START + timedelta(minutes=30)) == []
    for number in range(20):
        gazette.bench.store.handle(PageDropped(
            url=f"{HOME}x{number}", stage="fetch", reason=Reason.BLOCKED_CHALLENGE, via="headline", source_id=gazette.id
        ))  # fmt: skip
    assert gazette.look(START + timedelta(minutes=40)) == [("changed", True)]
    [alert] = gazette.bench.rows(Alert)
    assert alert.evidence["page"]["ended"] == {"blocked-challenge": 20}
    assert "a wall" in alert.cause


def test_a_language_that_yields_nothing_any_more_is_an_alert_though_every_site_is_fine(gazette: Gazette) -> None:
    gazette.learn(30)
    with transaction(gazette.bench.engine) as session:
        [kept] = session.scalars(select(Health).where(col(Health.subject).like("site:%")))
        session.add(Health(subject="language:ar", state=kept.state))
    for hour in range(1, 9):
        moment = START + timedelta(hours=hour, minutes=15)
        gazette.bench.store.handle(gazette.listing(moment - timedelta(minutes=45), f"s{hour}"))
        gazette.polled(moment)
        alerts = gazette.look(moment)
    assert alerts == [("silent", True)]
    [alert] = gazette.bench.rows(Alert)
    assert (alert.subject, alert.site_key) == ("language:ar", None)


def test_a_watch_that_matches_nothing_any_more_is_an_alert_until_it_matches_again(gazette: Gazette) -> None:
    gazette.learn(30)
    watch = SavedQuery(
        name="Harbour", query="harbour", feed_secret="s", created_at=START, changed_at=START, state="active"
    )
    with transaction(gazette.bench.engine) as session:
        session.add(watch)
        session.flush()
        [kept] = session.scalars(select(Health).where(col(Health.subject).like("site:%")))
        session.add(Health(subject=f"watch:{watch.id}:1", state=kept.state))
        number = watch.id
    alerts = []
    for hour in range(1, 9):
        moment = START + timedelta(hours=hour, minutes=15)
        gazette.bench.store.handle(gazette.listing(moment - timedelta(minutes=45), f"s{hour}"))
        gazette.polled(moment)
        alerts = gazette.look(moment)
    assert alerts == [("silent", True)]
    [alert] = gazette.bench.rows(Alert)
    assert (alert.subject, alert.name, alert.site_key) == (f"watch:{number}:1", "Harbour", None)
    assert "out of use" in alert.cause
    moment = START + timedelta(hours=9)
    with transaction(gazette.bench.engine) as session:
        session.add(
            Match(watch_id=number, subject="article:1", kind="new", title="Harbour", record={}, matched_at=moment)
        )
    gazette.bench.store.handle(gazette.listing(moment, "s9"))
    gazette.polled(moment + timedelta(minutes=75))
    assert gazette.look(moment + timedelta(minutes=75)) == [("silent", False)]
    assert gazette.events() == ["site.silent", "site.recovered"]


@pytest.mark.parametrize(
    "change", [{"state": "paused"}, {"revision": 2}, {"about": "alerts"}], ids=["paused", "changed", "about alerts"]
)
def test_a_watch_that_is_paused_or_changed_is_not_silent(gazette: Gazette, change: dict[str, object]) -> None:
    gazette.learn(30)
    watch = SavedQuery(name="Harbour", query="harbour", feed_secret="s", created_at=START, changed_at=START)
    for name, value in change.items():
        setattr(watch, name, value)
    with transaction(gazette.bench.engine) as session:
        session.add(watch)
        session.flush()
        [kept] = session.scalars(select(Health).where(col(Health.subject).like("site:%")))
        session.add(Health(subject=f"watch:{watch.id}:1", state=kept.state))
    for hour in range(1, 9):
        moment = START + timedelta(hours=hour, minutes=15)
        gazette.bench.store.handle(gazette.listing(moment - timedelta(minutes=45), f"s{hour}"))
        gazette.polled(moment)
        assert gazette.look(moment) == []


def test_one_storage_worker_looks_at_a_time(bench: Bench) -> None:
    redis = bench.store._redis
    assert [Watch(bench.engine, redis, 300).step() for _ in range(2)] == [True, False]


def test_the_outlook_says_what_a_usual_day_brings() -> None:
    busy = {hour: 2 for hour in range(24 * 40) if hour % 24 in range(8, 20)}
    usual = outlook(state.advance(state.new(0), 24 * 40, busy))
    assert usual["stories_a_day"] == pytest.approx(24, rel=0.1)
    assert usual["busy_hours"] > usual["busy_hours_expected"] > 0
    silent = outlook(state.advance(state.advance(state.new(0), 24 * 39, busy), 24 * 40, {}))
    assert silent["busy_hours"] < 0.6 * silent["busy_hours_expected"]
    assert outlook(state.new(0)) == {
        "stories_a_day": None, "busy_hours": 0, "busy_hours_expected": 0, "missing": {},
    }  # fmt: skip


@given(st.lists(st.integers(0, 5), min_size=24 * 15, max_size=24 * 16))
def test_no_outlook_is_below_zero_or_beyond_what_the_weeks_brought(stories: list[int]) -> None:
    learned = state.advance(state.new(0), len(stories), dict(enumerate(stories)))
    expected = outlook(learned)["stories_a_day"]
    assert expected is None or 0 <= expected <= max(learned.volume.weeks)
