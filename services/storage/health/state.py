"""The state of a subject: what is learned of a site, a channel, a language, a tag or a watch, and how an hour and an article change it.

Pure functions; dump() and load() give the JSON in which the table `health` keeps it.
"""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from services.storage.health import makes, shares, silence, volume
from services.storage.health.makes import Makes
from services.storage.health.volume import Volume

WEEK_HOURS = 168
WEEKS_A_YEAR = 52
# What an article may lack: that its page can be read at all, its title, body, date and authors, and a plausible time.
FIELDS = ("page", "title", "body", "date", "authors", "time")
# A site has several channels, and one that changes in an hour may show several stories: what is told of all must be rare.
MISSES_A_CHANGE = 6
# How late stories are listed after their publication, of the last articles; the usual lateness is the median.
LAGS = 61
LEARNED_LAGS = 20
# How pages ended, of the last articles.
ENDINGS = 20
# A lag is off by more than this, in seconds, and by more than so many times the usual deviation.
LAG_SECONDS, LAG_DEVIATIONS = 3600.0, 4.0


class Reading(NamedTuple):
    """How an article was read: the fields that it lacks, how many seconds after its publication its site listed it (None where
    that is not known), how its page ended, its section of the site, and how its page is made (`makes.py`)."""

    missing: frozenset[str]
    lag: float | None
    disposition: str
    section: str = ""
    make: str = ""


class State(NamedTuple):
    """What is learned of a subject.

    Attributes:
        rhythm: of its busy hours.
        volume: of its weeks.
        week: stories in the week so far, and the hour at which it ends.
        fields: of each of FIELDS, how often it is missing.
        lags: seconds from publication to listing, of the last articles.
        endings: how the last articles' pages ended.
        makes: how its pages are made.
        misses: of a channel, how often it does not show a story of its site.
    """

    rhythm: silence.Rhythm
    volume: Volume = Volume()
    week: tuple[int, int] = (0, 0)
    fields: tuple[shares.Share, ...] = (shares.Share(),) * len(FIELDS)
    lags: tuple[int, ...] = ()
    endings: tuple[str, ...] = ()
    makes: Makes = Makes()
    misses: shares.Share = shares.Share()


_JSON = TypeAdapter(State)


def new(hour: int) -> State:
    """Returns the state of a subject that is followed from an hour on."""
    # In its first hours the listings' past comes in, which is no week's work.
    return State(silence.new(hour), week=(0, hour + 24 + WEEK_HOURS))


def dump(state: State) -> Any:
    """Returns a state as JSON values."""
    return _JSON.dump_python(state, mode="json")


def load(data: Any, hour: int) -> State:
    """Returns the state that dump() kept; a new one where an older version kept it differently."""
    try:
        return _JSON.validate_python(data)
    except ValidationError:
        return new(hour)


def advance(state: State, until: int, stories: Mapping[int, int]) -> State:
    """Returns what is learned when time has gone on to an hour.

    Args:
        state: before.
        until: the first hour of which nothing is known yet.
        stories: the number of stories of each hour that brought any.
    """
    hours = range(state.rhythm.hour, until)
    state = state._replace(rhythm=silence.learn(state.rhythm, [stories.get(hour, 0) > 0 for hour in hours]))
    for hour in hours:
        count, end = state.week
        if hour >= end:
            state = state._replace(volume=volume.learn(state.volume, count), week=(0, end + WEEK_HOURS))
            count, end = state.week
        if hour >= end - WEEK_HOURS:
            state = state._replace(week=(count + stories.get(hour, 0), end))
    return state


def read(state: State, readings: Sequence[Reading]) -> State:
    """Returns what is learned of further articles, in their order."""
    for reading in readings:
        state = _read(state, reading)
    return state


def miss(state: State, stories: Iterable[tuple[bool, str]]) -> State:
    """Returns what is learned of a channel when further stories of its site have come: whether each is missing, and its section."""
    a_year = MISSES_A_CHANGE * _stories_a_year(state.volume)
    for is_missing, section in stories:
        misses = shares.learn(state.misses, [is_missing], articles_a_year=a_year, section=section)
        state = state._replace(misses=misses)
    return state


def _read(state: State, reading: Reading) -> State:
    is_off = reading.lag is not None and _is_off(reading.lag, state.lags)
    missing = reading.missing | ({"time"} if is_off else frozenset())
    fields = tuple(
        # A page that cannot be read lacks the page, and says nothing of its fields.
        _read_field(state, reading, share, name in missing) if name == "page" or "page" not in missing else share
        for name, share in zip(FIELDS, state.fields, strict=True)
    )
    lags = state.lags if reading.lag is None else (*state.lags, round(reading.lag))[-LAGS:]
    return state._replace(
        fields=fields, lags=lags, endings=(*state.endings, reading.disposition)[-ENDINGS:],
        makes=makes.learn(state.makes, reading.make),
    )  # fmt: skip


def _read_field(state: State, reading: Reading, share: shares.Share, is_missing: bool) -> shares.Share:
    # What odd pages usually lack is theirs, whatever section they stand in.
    section = reading.make if makes.is_odd(state.makes, reading.make) else reading.section
    return shares.learn(
        share, [is_missing], articles_a_year=_stories_a_year(state.volume), section=section,
        oddness=makes.oddness(state.makes, reading.make),
    )  # fmt: skip


def _stories_a_year(stories: Volume) -> float:
    return sum(stories.weeks) / max(1, len(stories.weeks)) * WEEKS_A_YEAR


def _is_off(lag: float, lags: Sequence[float]) -> bool:
    """Whether a lag differs from the usual one by more than it does otherwise."""
    if len(lags) < LEARNED_LAGS:
        return False
    usual = median(lags)
    deviation = median(abs(earlier - usual) for earlier in lags)
    return abs(lag - usual) > max(LAG_SECONDS, LAG_DEVIATIONS * deviation)
