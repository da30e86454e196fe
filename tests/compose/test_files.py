"""What must hold of docker-compose.yml and the Dockerfile before anything is started. Needs no Docker."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
SERVICES = COMPOSE["services"]
ONE_SHOT = {"migrate", "newsmill"}


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(child)


def test_old_and_new_compose_take_the_file() -> None:
    """docker-compose 1.29 knows none of these, nor an older Docker `COPY --link` or a syntax of its own."""
    assert {"name", "version", "include", "develop"}.isdisjoint(COMPOSE)
    assert {"start_interval", "required", "develop"}.isdisjoint(keys(SERVICES))
    assert not re.search(r"^# *syntax=|--link", DOCKERFILE, re.MULTILINE)


def test_the_parser_reads_rules_from_a_folder_that_it_cannot_write() -> None:
    parser = SERVICES["parser"]
    folder = parser["environment"]["NEWSMILL_RULES_FOLDER"]
    assert [mount for mount in parser["volumes"] if mount.endswith(f":{folder}:ro")]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_limited_and_locked_down(service: str) -> None:
    declared = SERVICES[service]
    assert declared["mem_limit"]
    assert declared["cpus"]
    assert declared["pids_limit"]
    assert declared["read_only"] is True
    assert declared["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("service", sorted({*SERVICES} - ONE_SHOT))
def test_a_service_that_stays_has_a_health_check_and_comes_back(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"]
    assert SERVICES[service]["restart"] == "unless-stopped"


def test_who_handles_foreign_bytes_is_not_on_the_networks_of_the_database() -> None:
    reach = {service: set(declared["networks"]) for service, declared in SERVICES.items()}
    assert reach["postgres"].isdisjoint(reach["parser"] | reach["fetcher"] | reach["prometheus"])
    assert [service for service in reach if "egress" in reach[service]] == ["fetcher", "courier"]
    assert COMPOSE["networks"]["database"]["internal"] is COMPOSE["networks"]["backend"]["internal"] is True


def test_the_reader_sees_kept_pages_and_writes_none() -> None:
    reader, storage = SERVICES["reader"], SERVICES["storage"]
    assert reader["volumes"] == [f"{volume}:ro" for volume in storage["volumes"]]
    assert reader["environment"]["NEWSMILL_PAGES_URL"] == storage["environment"]["NEWSMILL_PAGES_URL"]


FAKE_DOCKER = """#!/bin/sh
# Answers as a registry would: the digest is made of DIGIT.
[ "$1" = pull ] && exit 0
printf '%s@sha256:%064d\\n' "${4%:*}" "$DIGIT"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    for name in ("docker-compose.yml", "deploy/Dockerfile", "deploy/pin-images"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "docker").write_text(FAKE_DOCKER)
    (tmp_path / "docker").chmod(0o755)
    return tmp_path


def pin(project: Path, digit: int) -> list[str]:
    env = os.environ | {"DOCKER": str(project / "docker"), "DIGIT": str(digit)}
    done = subprocess.run([project / "deploy/pin-images"], env=env, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_every_image_from_a_registry_is_pinned_by_a_command_and_again_renewed(project: Path) -> None:
    assert {image.partition(":")[0] for image in pin(project, 1)} == {
        "redis", "postgres", "prom/prometheus", "grafana/grafana", "python", "ghcr.io/astral-sh/uv",
    }  # fmt: skip
    pin(project, 2)
    pinned = yaml.safe_load((project / "docker-compose.yml").read_text())
    images = {service: declared["image"] for service, declared in pinned["services"].items()}
    assert images["redis"] == f"{SERVICES['redis']['image']}@sha256:{2:064}"
    assert images["parser"] == "newsmill/parser:local"
    text = (project / "deploy/Dockerfile").read_text()
    assert re.sub(r"@sha256:0+2", "", text) == DOCKERFILE
    assert len(re.findall(r"@sha256:0+2", text)) == 2


def test_secrets_are_behind_a_folder_of_their_owner(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    subprocess.run([ROOT / "deploy/make-secrets", folder], check=True)
    assert folder.stat().st_mode & 0o777 == 0o700
    # Readable by all behind it: a secret is bind-mounted as it is into containers with users of their own.
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o644}
