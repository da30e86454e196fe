"""Secrets of the reader's settings, and where they must not appear."""

import pytest

from services.reader.worker import main

pytestmark = pytest.mark.hostile
SECRETS = {
    "READER_TOKEN": "tok3n-of-an-operator",
    "REDIS_PASSWORD": "red1s-password",
    "DATABASE_PASSWORD": "dat4base/pass#word@x",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"DATABASE_URL": "postgresql+psycopg://news:dat4base/pass#word@x@db/news"},
        {"DATABASE_URL": "postgresql+psycopg://news:dat4base/pass#word@x@db:port/news"},
        {"DATABASE_URL": "nonsense dat4base/pass#word@x"}, {"DATABASE_URL": "unknown://news:dat4base/pass#word@x@db/news"},
        {"REDIS_URL": "redis://:red1s-password@redis:port/0"}, {"REDIS_URL": "http://:red1s-password@redis/0"},
        {"REDIS_URL": "redis://:red1s-password/x@redis:6379/0"}, {"READER_PORT": "tok3n-of-an-operator-is-no-port", "READER_HOST": ""},
    ],
)  # fmt: skip
def test_a_wrong_setting_stops_the_start_without_a_secret_in_its_error(monkeypatch, capfd, wrong):
    shown = SECRETS | wrong
    for name, value in shown.items():
        monkeypatch.setenv(f"NEWSMILL_{name}", value)
    assert main() == 2
    error = "".join(capfd.readouterr())
    assert error.startswith("NEWSMILL_")
    assert [secret for secret in ("red1s-password", "dat4base", "pass#word") if secret in error] == []


def test_no_answer_and_no_log_holds_a_secret(serve, capfd, caplog):
    client = serve(
        reader_token=SECRETS["READER_TOKEN"],
        redis_password=SECRETS["REDIS_PASSWORD"],
        database_password=SECRETS["DATABASE_PASSWORD"],
    )
    paths = (
        "/openapi.json",
        "/docs",
        "/v1/status",
        "/healthz",
        "/metrics",
        "/v1/images",
        "/v1/articles?cursor=x",
        "/none",
    )
    answers = [client.get(path) for path in paths] + [
        client.post("/v1/triggers", json={"url": 1}),
        client.post("/v1/images/blocks"),
    ]
    text = "".join(answer.text + str(answer.headers) for answer in answers) + caplog.text + "".join(capfd.readouterr())
    assert [secret for secret in SECRETS.values() if secret in text] == []
