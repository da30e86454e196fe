"""The watch: every few minutes it learns what has come, judges what is followed, and opens and closes alerts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from redis import Redis
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from services.storage.health import channels as channel_verdicts
from services.storage.health import observation, showings, silence, state, verdicts
from services.storage.health.observation import Subject, hour_of, instant_of
from services.storage.health.outlook import outlook
from services.storage.health.state import State
from services.storage.health.verdicts import Verdict
from services.storage.tables import alerts
from services.storage.tables.upsert import Upsert, overwrite
from shared.contracts import now_utc
from shared.database.engine import transaction
from shared.database.models import Health

log = structlog.get_logger(__name__)

CLAIM = "newsmill:watching"
# The subject whose state is the place up to which everything was learned.
PLACE = "watch"
# Subjects that are read from their own rows; the others are languages and tags.
OF_ROWS = ("site:", "channel:", "watch:")
# A listing is stored within this time after it was fetched.
SETTLED = timedelta(minutes=10)
# A time longer than this in which nobody watched is left out: what came then, and when, is not known well enough.
LONGEST_ABSENCE_HOURS = 48

_UPSERT = Upsert(Health, "subject", changes=overwrite("state", "outlook", "updated_at"))


class Watch:
    """Judges the health of what is followed.

    Args:
        engine: of the database.
        redis: where one storage worker claims the next look.
        seconds: between two looks.
    """

    def __init__(self, engine: Engine, redis: "Redis", seconds: int) -> None:
        self._engine, self._redis, self._seconds = engine, redis, seconds

    def step(self) -> bool:
        """Takes a look if one is due and no other worker has claimed it; returns whether it did."""
        if not self._redis.set(CLAIM, 1, nx=True, ex=self._seconds):
            return False
        with transaction(self._engine) as session:
            look(session, now_utc())
        return True


def look(session: Session, moment: datetime) -> None:
    """Learns what has come until a moment and brings the alerts up to date; nothing is committed."""
    place = session.get(Health, PLACE)
    until = hour_of(moment - SETTLED)
    hour, visit = place.state if place else (until, observation.last_visit(session))
    if until - hour > LONGEST_ABSENCE_HOURS:
        hour = until
    sites = observation.sites(session)
    window = instant_of(hour), instant_of(until)
    stories = observation.listed(session, *window)
    deliveries = {**observation.stored(session, *window), **observation.matched(session, *window)}
    presences = showings.showings(session, sites, *(moment - showings.SETTLED for moment in window))
    readings, visit = observation.readings(session, visit)
    channels = observation.channels(sites.values())
    others = {key: Subject(key, key) for key in (*_followed(session), *deliveries) if not key.startswith(OF_ROWS)}
    others |= observation.watches(session)
    subjects = sites | {key: channel for key, (channel, _) in channels.items()} | others
    came = {**stories, **deliveries, **observation.changed(sites.values())}
    earlier = _states(session, subjects, hour)
    later = {}
    for key, subject in subjects.items():
        learned = _advance(earlier[key], subject, hour, until, came.get(key, {}), polled=bool(stories))
        later[key] = state.miss(state.read(learned, readings.get(key, ())), presences.get(key, ()))
    _keep(session, moment, {key: learned for key, learned in later.items() if learned != earlier[key]}, (until, visit))
    judged = {key: verdicts.judge(later[key], subject.channels, moment) for key, subject in (sites | others).items()}
    judged |= {
        key: _judge_channel(channel, site, later, judged[site.key], moment) for key, (channel, site) in channels.items()
    }
    alerts.write(session, [(subjects[key], found) for key, found in judged.items()], moment)


def _judge_channel(
    subject: Subject, site: Subject, learned: Mapping[str, State], of_site: Sequence[Verdict], moment: datetime
) -> list[Verdict]:
    """Returns what is wrong with a channel; nothing while its whole site fails or is silent."""
    if any(verdict.kind in (verdicts.FAILING, verdicts.SILENT) for verdict in of_site):
        return []
    [channel] = subject.channels
    siblings = [sibling for sibling in site.channels if sibling.key != channel.key]
    return channel_verdicts.judge(channel, learned[subject.key], learned[site.key], siblings, moment)


def _advance(
    learned: State, subject: Subject, hour: int, until: int, stories: Mapping[int, int], *, polled: bool
) -> State:
    """Returns a state as of the hour up to which its channels have been asked: later hours say nothing of it yet.

    A language and a tag have been looked for as long as any site has brought anything.
    """
    if learned.rhythm.hour < hour - LONGEST_ABSENCE_HOURS:
        learned = learned._replace(rhythm=silence.skip(learned.rhythm, hour))
    answered = [channel.last_success_at for channel in subject.channels if channel.last_success_at]
    if subject.channels:
        until = min(until, hour_of(max(answered)) + 1) if answered else learned.rhythm.hour
    elif not polled:
        return learned._replace(rhythm=silence.skip(learned.rhythm, until))
    return state.advance(learned, until, stories)


def _followed(session: Session) -> Iterable[str]:
    return session.scalars(select(col(Health.subject)).where(col(Health.subject).contains(":")))


def _states(session: Session, subjects: Iterable[str], hour: int) -> dict[str, State]:
    rows = {row.subject: row.state for row in session.scalars(select(Health))}
    return {key: state.load(rows[key], hour) if key in rows else state.new(hour) for key in subjects}


def _keep(session: Session, moment: datetime, states: Mapping[str, State], place: tuple[int, int]) -> None:
    _UPSERT.write(session, [
        *(
            {"subject": key, "state": state.dump(learned), "outlook": outlook(learned), "updated_at": moment}
            for key, learned in states.items()
        ),
        {"subject": PLACE, "state": list(place), "outlook": None, "updated_at": moment},
    ])  # fmt: skip
