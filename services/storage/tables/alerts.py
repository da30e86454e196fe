"""Alerts: opened when a subject gets a verdict, closed when it has it no more, each with its event."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlmodel import Session, col

from services.storage.health.observation import Subject
from services.storage.health.verdicts import Verdict
from services.storage.tables import event_log
from services.storage.tables.event_log import Event
from shared.database.models import Alert

log = structlog.get_logger(__name__)

Judgement = tuple[Subject, Sequence[Verdict]]


def write(session: Session, judgements: Sequence[Judgement], moment: datetime) -> None:
    """Brings the alerts of subjects up to date. Those of subjects that are followed no more are closed without an event."""
    open_alerts = {
        (alert.subject, alert.kind): alert
        for alert in session.scalars(select(Alert).where(col(Alert.closed_at).is_(None)))
    }
    events: list[Event] = []
    for subject, verdicts in judgements:
        alerts = {kind: alert for (key, kind), alert in open_alerts.items() if key == subject.key}
        events += _update(session, subject, {verdict.kind: verdict for verdict in verdicts}, alerts, moment)
    followed = {subject.key for subject, _ in judgements}
    for (key, _), alert in open_alerts.items():
        if key not in followed:
            alert.closed_at = moment
    event_log.write(session, events)


def _update(
    session: Session, subject: Subject, verdicts: dict[str, Verdict], alerts: dict[str, Alert], moment: datetime
) -> Iterable[Event]:
    """Opens, renews and closes the alerts of a subject; yields the events."""
    for kind, alert in alerts.items():
        if kind in verdicts:
            alert.evidence, alert.cause = verdicts[kind].evidence, verdicts[kind].cause
        else:
            alert.closed_at = moment
    for kind, verdict in verdicts.items():
        if kind not in alerts:
            session.add(_alert(subject, verdict, moment))
            log.warning("alert", subject=subject.key, name=subject.name, kind=kind, cause=verdict.cause)
            data = {"since": verdict.since.isoformat(), "evidence": verdict.evidence, "cause": verdict.cause}
            yield _event(subject, kind, data, moment)
    if alerts and not verdicts:
        yield _event(subject, "recovered", {"alerts": sorted(alerts)}, moment)


def _alert(subject: Subject, verdict: Verdict, moment: datetime) -> Alert:
    return Alert(
        subject=subject.key, kind=verdict.kind, site_key=subject.site_key, name=subject.name, url=subject.url,
        since=verdict.since, opened_at=moment, evidence=verdict.evidence, cause=verdict.cause,
    )  # fmt: skip


def _event(subject: Subject, kind: str, data: dict[str, Any], moment: datetime) -> Event:
    details = {"subject": subject.key, "name": subject.name, "site_key": subject.site_key} | data
    topic = "channel" if subject.key.startswith("channel:") else "site"
    return Event(
        f"{topic}.{kind.removeprefix('channel-')}",
        subject.url or subject.key,
        f"{subject.key} {moment.isoformat()}",
        details,
        moment,
    )
