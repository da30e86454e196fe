"""The trigger stream and the file of sources by an attacker: each entry is a fetch, or is set aside with its reason."""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import strategies as st
from redis import Redis

from services.scheduler.ledger_lookup import Ledger
from services.scheduler.sources import SourcesFile
from services.scheduler.triggers import TriggerReader
from shared.contracts import FetchRequested, Message, decode, encode
from shared.database.engine import make_engine
from shared.dead import DeadLetters
from shared.queues import TRIGGERS
from shared.settings import Settings
from shared.worker.pressure import Pressure
from tests.hostile.doors import DOORS
from tests.hostile.fuzzing import fuzz, mangled

pytestmark = pytest.mark.hostile

NAMES = ("url", "kind", "priority", "follow", "origin", "fresh", "id", "via", "__class__", "trace_id", "")
WORDS = (
    "https://news.example/a", "https://news.example/\U0001f980", "file:///etc/passwd", "http://[::1", "http://a:99999/", "http://\xad/", "//x",
    "https://user:word@news.example/", "article", "9", "-1", "1e3", "NaN", "true", "live", "nul\x00l", "a" * 3000, "\u202e", "{}",
)  # fmt: skip
FIELDS = st.dictionaries(
    st.sampled_from(NAMES).map(str.encode) | st.binary(max_size=10),
    st.sampled_from(WORDS).map(str.encode) | st.binary(max_size=40) | st.text(max_size=40).map(str.encode),
    min_size=1,
    max_size=8,
)


class Kept(list[Message]):
    """A sender that keeps what it is given."""

    def __call__(self, messages: Iterable[Message]) -> None:
        self.extend(messages)


@pytest.fixture
def sent() -> Kept:
    return Kept()


@pytest.fixture
def reader(redis: "Redis", sent: Kept, database_url: str) -> Iterator[TriggerReader]:
    engine = make_engine(database_url)
    reader = TriggerReader(
        redis, sent, DeadLetters(redis), Ledger(engine), Pressure(redis, Settings()), name="test", batch=100,
        full_after=timedelta(days=1),
    )  # fmt: skip
    reader.join()
    yield reader
    engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_entry_is_a_fetch_or_a_dead_letter(redis: "Redis", reader: TriggerReader, sent: Kept) -> None:
    @fuzz(fields=FIELDS)
    def entry(fields: dict[bytes, bytes]) -> None:
        sent.clear()
        redis.delete("newsmill:dead:letters")
        redis.xadd(TRIGGERS, fields)
        assert reader.take(10) == 1
        assert len(sent) + redis.hlen("newsmill:dead:letters") == 1
        assert redis.xlen(TRIGGERS) == 0
        for message in sent:
            assert isinstance(message, FetchRequested)
            assert decode(json.loads(json.dumps(encode(message)))) == message
            assert urlsplit(message.url).scheme in ("http", "https")

    entry()


def test_a_wrong_file_of_sources_stops_no_scheduler(tmp_path: Path) -> None:
    @fuzz(data=mangled(DOORS["sources"]) | st.binary(max_size=50))
    def changed(data: bytes) -> None:
        path = tmp_path / "sources.yaml"
        path.write_bytes(data)
        SourcesFile(path).changed()

    changed()
