"""The system test: docker-compose.yml as it stands, with an invented news site beside it.

Asked for by its marker: `pytest -m compose`. COMPOSE and DOCKER say how both are called, if not as usual.
"""

import json
import os
import random
import shlex
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import yaml

pytestmark = pytest.mark.compose

ROOT = Path(__file__).parents[2]
COMPOSE = shlex.split(os.environ.get("COMPOSE", "docker compose"))
DOCKER = shlex.split(os.environ.get("DOCKER", "docker"))
FILES = ["-f", "docker-compose.yml", "-f", "tests/compose/docker-compose.news.yml"]
WORKERS = ("fetcher", "parser", "storage", "scheduler", "courier", "reader")
SERVICES = ("redis", "postgres", *WORKERS, "prometheus")
PARSERS = 3
# Stops every process of a worker, as a deadlock or a broken kernel call would.
FREEZE = """
for process in /proc/[0-9]*; do
    tr '\\0' ' ' < $process/cmdline | grep -q -- '-m services.{service}.worker$\\|-m services.{service}.worker $' && kill -STOP ${{process#/proc/}}
done; true
"""
TITLES = {
    "Night ferry returns to Sundhaven after eleven years",
    "Glass library in Orreby opens its roof to the rain",
    "Volunteers count four lost bee species on Vessel Moor",
    "Council of Lindmark puts tram line nine to the vote",
    "Retired baker wins Kvernby chess open at the age of 81",
}


def run(*command: str, env: dict[str, str] | None = None, timeout: int = 120) -> str:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


class Stack:
    """One compose project: its own name, ports, subnet and secrets, so that it disturbs no other on the machine."""

    def __init__(self, secrets: Path) -> None:
        self.secrets = secrets
        self.reader, self.prometheus = free_port(), free_port()
        subnet = f"10.{random.randint(128, 250)}.{random.randint(0, 255)}.0/24"
        self._env = {
            "COMPOSE_PROJECT_NAME": f"newsmilltest{os.getpid()}",
            "NEWSMILL_SECRETS": str(secrets),
            "NEWSMILL_READER_PUBLISH": f"127.0.0.1:{self.reader}",
            "NEWSMILL_PROMETHEUS_PUBLISH": f"127.0.0.1:{self.prometheus}",
            "NEWSMILL_TEST_SUBNET": subnet,
            "NEWSMILL_FETCH_ALLOW_NETWORKS": subnet,
            "NEWSMILL_HOST_INTERVAL": "0.2",
        }

    def compose(self, *arguments: str, timeout: int = 120) -> str:
        return run(*COMPOSE, *FILES, *arguments, env=self._env, timeout=timeout)

    def up(self) -> None:
        run(str(ROOT / "deploy/make-secrets"), str(self.secrets))
        self.compose("--profile", "tools", "build", timeout=1200)
        self.compose("up", "-d", "--scale", f"parser={PARSERS}", timeout=600)

    def down(self) -> None:
        self.compose("down", "-v", "--remove-orphans", timeout=300)

    def logs(self) -> str:
        return self.compose("logs", "--no-color", "--tail", "30")

    def containers(self, service: str) -> list[SimpleNamespace]:
        ids = self.compose("ps", "-q", service).split()
        return [json.loads(text, object_hook=lambda fields: SimpleNamespace(**fields)) for text in map(inspect, ids)]

    def secret(self, name: str) -> str:
        return (self.secrets / name).read_text()

    def redis(self, *command: str) -> str:
        script = 'REDISCLI_AUTH="$(cat /run/secrets/newsmill_redis_password)" exec redis-cli "$@"'
        return self.compose("exec", "-T", "redis", "sh", "-c", script, "redis-cli", *command)

    def sql(self, query: str) -> list[list[str]]:
        rows = self.compose("exec", "-T", "postgres", "psql", "-U", "newsmill", "-AtF", "\t", "-c", query)
        return [line.split("\t") for line in rows.splitlines()]

    def api(self, path: str, body: object = None, token: str = "") -> tuple[int, dict]:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = None if body is None else json.dumps(body).encode()
        return ask(Request(f"http://127.0.0.1:{self.reader}{path}", data, headers))

    def ask_prometheus(self, path: str, **parameters: str) -> dict:
        return ask(Request(f"http://127.0.0.1:{self.prometheus}/api/v1/{path}?{urlencode(parameters)}"))[1]["data"]

    def eventually(self, condition: str, holds, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                pytest.fail(f"not within {seconds:.0f} s: {condition}\n{self.logs()}")
            time.sleep(1)


def inspect(container: str) -> str:
    return run(*DOCKER, "inspect", "--format", '{"id": {{json .Id}}, "host": {{json .HostConfig}}, '
               '"state": {{json .State}}, "env": {{json .Config.Env}}, "restarts": {{.RestartCount}}}', container)  # fmt: skip


def ask(request: Request) -> tuple[int, dict]:
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"{}")


def free_port() -> int:
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    stack = Stack(tmp_path_factory.mktemp("deploy") / "secrets")
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="module")
def news(stack):
    """The stack after a front page was triggered as any program would do it: on the Redis stream."""
    stack.redis("XADD", "newsmill:triggers", "*", "url", "http://site:8000/", "kind", "front")
    stack.eventually("five articles are stored", lambda: stack.sql("SELECT count(*) FROM article") == [["5"]])
    return stack


def healthy(container: SimpleNamespace) -> bool:
    return container.state.Running and container.state.Health.Status == "healthy"


@pytest.mark.parametrize("service", SERVICES)
def test_service_becomes_healthy(stack, service):
    expected = PARSERS if service == "parser" else 1
    stack.eventually(
        f"{expected} healthy {service}",
        lambda: [healthy(container) for container in stack.containers(service)] == [True] * expected,
    )
    assert [container.restarts for container in stack.containers(service)] == [0] * expected


@pytest.mark.parametrize("service", SERVICES)
def test_container_is_hardened(stack, service):
    for container in stack.containers(service):
        status = run(*DOCKER, "exec", container.id, "cat", "/proc/1/status")
        uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
        assert "0" not in uids
        assert container.host.ReadonlyRootfs
        assert container.host.CapDrop == ["ALL"]
        assert any(option.startswith("no-new-privileges") for option in container.host.SecurityOpt)
        assert container.host.Memory > 0
        assert container.host.NanoCpus > 0
        assert container.host.PidsLimit > 0


@pytest.mark.parametrize("service", sorted({*SERVICES} - {"reader", "prometheus"}))
def test_nothing_is_published_but_the_reader_and_prometheus(stack, service):
    for container in stack.containers(service):
        assert not vars(container.host.PortBindings or SimpleNamespace())


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_is_in_the_environment(stack, service):
    # The access file begins empty, and nothing is in everything.
    secrets = [text for path in stack.secrets.iterdir() if (text := path.read_text())]
    for container in stack.containers(service):
        assert not [entry for entry in container.env or [] for secret in secrets if secret in entry]


def test_only_the_fetcher_and_the_courier_reach_what_is_outside(stack):
    address = stack.compose("exec", "-T", "site", "hostname", "-i").split()[0]
    dial = f"import socket; socket.create_connection(({address!r}, 8000), 3)"
    for service in ("fetcher", "courier"):
        stack.compose("exec", "-T", service, "python", "-c", dial)
    for service in ("parser", "storage", "scheduler", "reader"):
        with pytest.raises(AssertionError, match=r"timed out|unreachable|TimeoutError"):
            stack.compose("exec", "-T", service, "python", "-c", dial)


def test_only_who_needs_the_database_reaches_it(stack):
    address = stack.compose("exec", "-T", "postgres", "hostname", "-i").split()[0]
    dial = f"import socket; socket.create_connection(({address!r}, 5432), 3)"
    for service in ("storage", "scheduler", "courier", "reader"):
        stack.compose("exec", "-T", service, "python", "-c", dial)
    for service in ("parser", "fetcher"):
        with pytest.raises(AssertionError, match=r"timed out|unreachable|TimeoutError"):
            stack.compose("exec", "-T", service, "python", "-c", dial)


def test_articles_are_stored_whole(news):
    rows = news.sql("SELECT title, authors->>0, published, section, site, word_count FROM article ORDER BY title")
    assert {title for title, *_ in rows} == TITLES
    assert rows[0][1:5] == ["Sara Quist", "2026-09-13T12:00:00+02:00", "Politics", "The Sund Courier"]
    assert all(int(words) > 100 for *_, words in rows)
    [[text]] = news.sql("SELECT replace(text, E'\\n', ' ') FROM article WHERE title LIKE 'Night ferry%'")
    assert text.endswith("drops below fifteen metres a second.")
    assert "invented newspaper" not in text


def test_headlines_are_stored_in_order(news):
    rows = news.sql("SELECT url FROM headline ORDER BY position")
    assert [url for (url,) in rows] == [
        f"http://site:8000/{name}.html"
        for name in ("harbour-ferry", "glass-library", "bee-census", "tram-budget", "chess-club")
    ]


def test_ledger_knows_how_every_page_ended(news):
    query = "SELECT disposition, count(*) FROM page WHERE url NOT LIKE '%.xml' GROUP BY 1 ORDER BY 1"
    news.eventually("six pages have ended", lambda: news.sql(query) == [["listed", "1"], ["stored", "5"]])


def test_trigger_by_http_needs_the_token(news):
    status, _ = news.api("/v1/triggers", {"url": "http://site:8000/feed.xml"})
    assert status == 401


def test_trigger_by_http_is_followed_to_its_end(news):
    token = news.secret("newsmill_reader_token")
    status, accepted = news.api("/v1/triggers", {"url": "http://site:8000/feed.xml", "kind": "feed"}, token)
    assert status == 202
    state = f"/v1/triggers/{accepted['id']}"
    news.eventually("the feed's trigger ends", lambda: news.api(state, token=token)[1]["state"] == "ended")
    assert news.api(state, token=token)[1]["disposition"] == "listed"


def test_reader_shows_the_articles_to_who_may_see_them(news):
    assert news.api("/v1/articles")[0] == 401
    _, listing = news.api("/v1/articles", token=news.secret("newsmill_reader_token"))
    assert {article["title"] for article in listing["items"]} == TITLES


def test_a_user_gets_a_token_from_the_command_line(news):
    news.compose("run", "--rm", "-T", "newsmill", "users", "add", "ada", "--no-password")
    made = news.compose(
        "run", "--rm", "-T", "newsmill", "users", "token", "add", "ada", "--label", "test", "--scope", "read", "--json"
    )
    assert news.api("/v1/articles", token=json.loads(made)["token"])[0] == 200


def test_malformed_trigger_is_set_aside(stack):
    stack.redis("XADD", "newsmill:triggers", "*", "url", "ftp://site/", "id", "no-such-scheme")
    stack.eventually("a dead letter", lambda: "no-such-scheme" in stack.redis("HVALS", "newsmill:dead:letters"))


def test_pages_are_kept_and_the_command_line_tells_of_them(news):
    kept = "SELECT count(kept) FROM visit WHERE disposition IN ('stored', 'listed')"
    news.eventually("pages are kept", lambda: int(news.sql(kept)[0][0]) >= 6)
    history = json.loads(
        news.compose("run", "--rm", "-T", "newsmill", "why", "http://site:8000/tram-budget.html", "--json")
    )
    assert history["disposition"] == "stored"
    report = json.loads(news.compose("run", "--rm", "-T", "newsmill", "replay", "--dry-run", "--json"))
    assert set(report["outcomes"]) <= {"the same", "no article"}
    assert "ftp://site/" in news.compose("run", "--rm", "-T", "newsmill", "dead", "list", "--letters")


def test_prometheus_scrapes_every_container(news):
    def up() -> list[str]:
        targets = news.ask_prometheus("targets")["activeTargets"]
        return sorted(target["labels"]["service"] for target in targets if target["health"] == "up")

    expected = sorted([*WORKERS, *["parser"] * (PARSERS - 1), "prometheus"])
    news.eventually(f"targets up are {expected}", lambda: up() == expected)


@pytest.mark.parametrize(
    "query",
    [
        'sum(newsmill_stage_items_total{stage="fetch", outcome="ok"}) >= 6',
        'sum(newsmill_stage_items_total{stage="parse", outcome="ok"}) >= 6',
        'sum(newsmill_stage_items_total{stage="store", outcome="ok"}) >= 6',
        'sum(newsmill_pipeline_latency_seconds_count{origin="live"}) == 5',
        "sum(newsmill_fetch_bytes_total) > 0",
        "count(newsmill_queue_messages) > 0",
        "newsmill_build_info == 1",
    ],
)
def test_metrics_tell_what_happened(news, query):
    news.eventually(query, lambda: bool(news.ask_prometheus("query", query=query)["result"]))


def test_alert_rules_pass_their_own_tests(stack):
    stack.compose(
        "exec",
        "-T",
        "-e",
        "TMPDIR=/prometheus",
        "prometheus",
        "promtool",
        "test",
        "rules",
        "/etc/prometheus/alerts_test.yml",
    )
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"][0]["rules"]
    loaded = [rule["name"] for rule in stack.ask_prometheus("rules")["groups"][0]["rules"]]
    assert loaded == [rule["alert"] for rule in rules]


def test_what_the_fetcher_knows_of_a_host_is_shown_beside_it(stack):
    explain = ("exec", "-T", "fetcher", "python", "-m", "services.fetcher.explain")
    shown = json.loads(stack.compose(*explain, "host", "gazette.example", "--pause"))
    assert (shown["state"], shown["interval"]) == ("paused", 0.2)
    assert json.loads(stack.compose(*explain, "host", "gazette.example", "--resume"))["state"] == "well"
    refused = json.loads(stack.compose(*explain, "fetch", "http://127.0.0.1:9101/metrics"))
    assert refused["end"] == "address-refused"


# Last: these start the counters anew that tests above read.
def test_frozen_workers_are_started_again(stack):
    """Docker restarts what ends, not what is unhealthy: the watchdog in the image ends a worker that stands still."""
    frozen = {service: stack.containers(service)[0] for service in WORKERS}
    for service, container in frozen.items():
        run(*DOCKER, "exec", container.id, "sh", "-c", FREEZE.format(service=service))

    def restarted(service: str) -> bool:
        containers = {container.id: container for container in stack.containers(service)}
        container = containers[frozen[service].id]
        return container.restarts > frozen[service].restarts and healthy(container)

    stack.eventually("each is started again and healthy", lambda: all(map(restarted, WORKERS)), 400)


@pytest.mark.parametrize("service", [*WORKERS, "redis", "postgres"])
def test_a_restart_under_load_loses_and_doubles_nothing(news, service):
    traces = [f"restart-{service}-{number}" for number in range(8)]
    for number, trace in enumerate(traces):
        name = ("harbour-ferry", "glass-library", "bee-census", "tram-budget")[number % 4]
        url = f"http://site:8000/{name}.html?{trace}"
        news.redis("XADD", "newsmill:triggers", "*", "url", url, "id", trace)
        if number == 3:
            news.compose("restart", service, timeout=180)
    ended = f"SELECT count(*), count(disposition) FROM visit WHERE trace_id LIKE 'restart-{service}-%'"
    news.eventually(f"all eight ended after {service} was restarted", lambda: news.sql(ended) == [["8", "8"]], 150)
    assert news.sql("SELECT count(*), count(DISTINCT title) FROM article") == [["5", "5"]]
