"""The canary: our own page is sent on its way every minute, unless the last one has not arrived yet."""

from redis import Redis

from shared.clock import now
from shared.contracts import CANARY, FetchRequested, Kind
from shared.later import CUSTODY
from shared.stage import Sender
from shared.stage_metrics import HEARTBEAT

SECONDS = 60
CLAIM = "newsmill:canary:"


def send(redis: "Redis", sender: Sender, url: str) -> bool:
    """Sends the canary if none is on its way and no other scheduler has sent this minute's; returns whether it did.

    At most one is on its way, so that a pipeline that sticks is not filled with them.
    """
    claim = f"{CLAIM}{int(now() // SECONDS)}"
    if not url or redis.zscore(CUSTODY, CANARY) is not None or not redis.set(claim, 1, nx=True, ex=2 * SECONDS):
        return False
    sender([FetchRequested(trace_id=CANARY, url=url, kind=Kind.ARTICLE, follow=False, via=CANARY)])
    HEARTBEAT.labels("schedule").set(now())
    return True
