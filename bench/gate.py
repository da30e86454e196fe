"""What the gate costs: CPU of a small request as who sits at this machine, with a session, and with a token; and of a sign-in.

In one process, without sockets, on SQLite, in turns.

    .venv/bin/python bench/gate.py --requests 300 --turns 7
"""

import argparse
import statistics
import tempfile
import warnings
from pathlib import Path
from time import process_time
from unittest.mock import MagicMock

from sqlmodel import Session

from services.reader.access.accounts import add_account, add_token
from services.reader.access.passwords import is_password
from services.reader.access.roles import Role, Scope
from services.reader.access.sessions import new_session, seal
from services.reader.application import make_application
from services.reader.settings import ReaderSettings
from services.storage.migrate import migrate
from shared.database.engine import make_engine

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PATH = "/v1/sites"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=300, help="in each turn of each kind")
    parser.add_argument("--turns", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'newsmill.db'}"
        migrate(url)
        measure(url, options.requests, options.turns)


def measure(url: str, requests: int, turns: int) -> None:
    engine = make_engine(url)
    with Session(engine) as session:
        account = add_account(session, "ada", Role.READER, None)
        token = add_token(session, account, "bench", [Scope.READ])
        session.commit()
        session.refresh(account)
        ticket = new_session(account.id or 0, account.session_mark)
    local, wide = (client(engine, accounts=needed) for needed in (False, True))
    cookie = seal(wide.app.state.signing_key.read(), ticket)  # type: ignore[attr-defined] # the client names it ASGIApp
    kinds = {
        "healthz": (local, "/healthz", {}),
        "local": (local, PATH, {}),
        "session": (wide, PATH, {"Cookie": f"newsmill={cookie}"}),
        "token": (wide, PATH, {"Authorization": f"Bearer {token}"}),
    }
    seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(turns):
        for kind, (visitor, path, headers) in kinds.items():
            start = process_time()
            for _ in range(requests):
                assert visitor.get(path, headers=headers).status_code == 200
            seconds[kind].append((process_time() - start) / requests)
    for kind, values in seconds.items():
        ratios = [value / base for value, base in zip(values, seconds["local"], strict=True)]
        print(
            f"{kind:8} {statistics.median(values) * 1000:6.2f} ms CPU, of local {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        )
    start = process_time()
    is_password("a dozen ferries at dusk", None)
    print(f"sign-in  {(process_time() - start) * 1000:6.0f} ms CPU for the password")
    engine.dispose()


def client(engine: object, *, accounts: bool) -> TestClient:
    redis, sender = MagicMock(), MagicMock()
    settings = ReaderSettings(reader_accounts=accounts)
    return TestClient(make_application(engine, redis, settings, sender), base_url="http://127.0.0.1").__enter__()  # type: ignore[arg-type] # an engine


if __name__ == "__main__":
    main()
