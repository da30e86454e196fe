"""What attackers write into messages, changes and addresses stays text on the pages that show it (articles, sites, watches,
images and users: in their own tests)."""

from urllib.parse import urlencode

import pytest

from shared.contracts import now_utc
from shared.database.models import Audit
from shared.dead import DeadLetters, letter
from shared.later import TURNS
from tests.reader.conftest import article
from tests.reader.markup import XSS, check_harmless

pytestmark = [pytest.mark.hostile, pytest.mark.parametrize("attack", XSS, ids=range(len(XSS)))]
AS_BROWSER = {"Accept": "text/html,*/*"}


def test_in_a_dead_letter_and_a_host(client, redis, attack):
    aside = letter(attack, attack, attack, {"url": attack, attack: attack}, trace_id=attack, where=attack)
    DeadLetters(redis).set_aside(aside)
    redis.zadd(TURNS, {attack: 0})
    group = urlencode({"stage": attack, "cause": attack})
    for path in ("/pipeline", f"/pipeline/dead?{group}", f"/pipeline/dead/{aside.id}"):
        page = client.get(path)
        assert page.status_code == 200, path
        check_harmless(page.text)


def test_in_the_audit(client, add, attack):
    fields = dict.fromkeys(("actor", "via", "address", "action", "subject"), attack[:16])
    add(Audit(at=now_utc(), detail={attack: attack}, **fields))
    check_harmless(client.get("/audit").text)
    check_harmless(client.get("/audit", params={"actor": attack}).text)


@pytest.mark.parametrize("by", ["site", "language", "tag"])
def test_in_what_is_counted(client, add, attack, by):
    now = now_utc()
    for number in range(3):
        add(
            article(
                number, title=f"quay {attack}", publisher=attack, language=attack[:16], tags=[attack], stored_at=now
            )
        )
    check_harmless(client.get("/trends", params={"q": "quay", "by": by, "days": 7}).text)
    check_harmless(client.get("/trends", params={"q": attack, "by": by}).text)


def test_in_an_address_that_is_refused(client, attack):
    for path in (
        f"/{attack}",
        f"/?{urlencode({'hours': attack})}",
        f"/sites?{urlencode({'q': attack, 'tag': attack})}",
    ):
        check_harmless(client.get(path, headers=AS_BROWSER).text)
