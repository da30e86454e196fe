"""Open alerts over HTTP and on the command line: the worst first."""

from datetime import UTC, datetime, timedelta
from typing import Any

from newsmill.sites.alerts import alert_lines
from shared.database.models import Alert

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def alert(name: str, kind: str, hours: int = 0, **fields: Any) -> Alert:
    return Alert(
        **{"subject": f"site:{name}", "name": name, "kind": kind, "since": NOON + timedelta(hours=hours)}
        | {"opened_at": NOON, "cause": "the byline is not where it was", "evidence": {"hours": 7}}
        | fields
    )


def test_what_fails_comes_before_what_is_silent_and_what_has_changed_and_the_oldest_first(client, add):
    rows = [
        alert("a", "changed"),
        alert("b", "silent", 2),
        alert("c", "silent", 1),
        alert("d", "failing", 5),
        alert("f", "channel-stale"),
    ]
    for row in (*rows, alert("e", "failing", closed_at=NOON)):
        add(row)
    items = client.get("/v1/alerts").json()["items"]
    assert [item["name"] for item in items] == ["d", "c", "b", "a", "f"]
    assert [item["name"] for item in client.get("/v1/alerts", params={"closed": "true"}).json()["items"]] == ["e"]
    lines = list(alert_lines({"alerts": items}))
    assert lines[0].startswith("failing         since 2026-03-01T17:00  d")
    assert lines[1:3] == [f"{'':16}the byline is not where it was", f"{'':16}hours: 7"]
    assert lines[-3].startswith("channel stale   since 2026-03-01T12:00  f")
    assert list(alert_lines({"alerts": []})) == ["no open alert: nothing is silent, fails or has changed"]
