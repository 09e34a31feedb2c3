"""The containers: what their files promise, and their very commands on the embedded servers."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from alliance_health.local import ask_health, paths, processes
from alliance_health.local.processes import Program

COMPOSE = yaml.safe_load((paths.PROJECT_DIR / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = re.sub(r"\\\n\s*", "", (paths.PROJECT_DIR / "Dockerfile").read_text())
SITE = ("web", "worker", "beat", "migrate")
KEEP_RUNNING = ("web", "worker", "beat", "postgres", "valkey")
# What the person who runs it must choose: without one of these compose refuses to start.
CHOSEN = {
    "POSTGRES_PASSWORD": "a-password-of-the-test",
    "VALKEY_PASSWORD": "another-password-of-the-test",
    "SECRET_KEY": "s" * 20 + "0123456789" * 4,
    "PSEUDONYM_KEY": "p" * 20 + "0123456789" * 4,
    "SITE_URL": "https://alliances.example.org",
    "ALLOWED_HOSTS": "alliances.example.org",
    "EMAIL_URL": "submission://mail.example.org:587",
}


def interpolated(text: str) -> str:
    """Fill in variables as compose does, with what was chosen and the defaults."""

    def value(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        return CHOSEN.get(name, default or "")

    pattern = r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}"
    return re.sub(pattern, value, text).replace("$$", "$")


# --- what the files promise -------------------------------------------------------------------
def test_compose_has_the_site_and_its_servers() -> None:
    assert sorted(SERVICES) == sorted([*SITE, "postgres", "valkey"])
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert SERVICES["valkey"]["image"] == "valkey/valkey:9"
    assert all(SERVICES[name]["build"] == "." for name in SITE)


@pytest.mark.parametrize("name", SERVICES)
def test_compose_service_runs_with_few_rights(name: str) -> None:
    service = SERVICES[name]

    assert str(service["user"]) not in ("root", "0", "0:0")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", KEEP_RUNNING)
def test_compose_service_that_keeps_running_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "start_period", "retries"} <= set(check)
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_compose_publishes_only_the_web_server_and_only_to_this_machine() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert ports == {"web": ["127.0.0.1:${WEB_PORT:-8000}:8000"]}


def test_compose_keeps_database_and_broker_on_a_network_without_a_way_out() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == ["inside"]
    assert SERVICES["valkey"]["networks"] == ["inside"]
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert SERVICES["valkey"]["volumes"] == ["valkey:/data"]
    assert set(COMPOSE["volumes"]) == {"postgres", "valkey"}


def test_compose_holds_no_secret_and_refuses_to_start_without_one() -> None:
    text = (paths.PROJECT_DIR / "docker-compose.yml").read_text()

    required = set(re.findall(r"\$\{(\w+):\?", text))
    mentioned = set(re.findall(r"(?<!\$)\$\{(\w+)", text))

    assert required == set(CHOSEN)
    assert mentioned - required == {
        "VERSION",
        "WEB_PORT",
        "DEFAULT_FROM_EMAIL",
        "TRUSTED_PROXY_COUNT",
        "TIME_ZONE",
        "LOG_LEVEL",
        "SECRET_KEY_FALLBACKS",
        "NIGHTLY_HOUR",
        "TICK_SECONDS",
    }
    for name in SITE:
        environment = SERVICES[name]["environment"]
        assert ":${POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]
        assert "//:${VALKEY_PASSWORD:?" in environment["REDIS_URL"]
        assert environment["ENVIRONMENT"] == "production"


def test_compose_starts_the_site_after_what_it_needs() -> None:
    def conditions(name: str) -> dict[str, str]:
        return {
            needed: how["condition"] for needed, how in SERVICES[name].get("depends_on", {}).items()
        }

    whole = {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "valkey": "service_healthy",
    }
    assert conditions("web") == whole
    assert conditions("worker") == whole
    assert conditions("beat") == {name: whole[name] for name in ("migrate", "valkey")}
    assert conditions("migrate") == {"postgres": "service_healthy"}
    assert SERVICES["migrate"]["restart"] == "no"


def test_compose_gives_a_task_time_to_end() -> None:
    assert SERVICES["worker"]["environment"]["REMAP_SIGTERM"] == "SIGQUIT"
    assert SERVICES["worker"]["stop_grace_period"] == "30s"


def test_image_runs_as_nobody_special_from_pinned_packages() -> None:
    lines = DOCKERFILE.splitlines()

    assert [line.split()[-1] for line in lines if line.startswith("USER ")] == ["10001:10001"]
    assert len([line for line in lines if line.startswith("FROM ")]) == 2
    installs = re.findall(r"pip install [^&]*", DOCKERFILE)
    assert len(installs) == 2
    assert all("--require-hashes" in one for one in installs)
    assert any(line.startswith("HEALTHCHECK ") for line in lines)
    assert {SERVICES[name]["user"] for name in SITE} == {"10001:10001"}


def test_image_leaves_out_what_is_local() -> None:
    ignored = (paths.PROJECT_DIR / ".dockerignore").read_text().splitlines()

    assert {".git", ".local", ".env", "tests"} <= set(ignored)


# --- the very commands, on the embedded servers -----------------------------------------------
@dataclass(frozen=True, slots=True)
class Site:
    """A production set-up that has no containers: the commands are compose's and Docker's own."""

    folder: Path
    port: int
    database_url: str
    redis_url: str

    def environment(self, service: str) -> dict[str, str]:
        """Return the environment compose gives, but for where the servers are."""
        given = {
            name: interpolated(str(value))
            for name, value in SERVICES[service]["environment"].items()
        }
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "ALLIANCE_HEALTH_LOCAL": str(self.folder / "local"),
            **given,
            "PORT": str(self.port),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
        }

    def run(self, service: str, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=paths.PROJECT_DIR,
            env=self.environment(service),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def is_healthy(self, service: str) -> bool:
        kind, *command = SERVICES[service]["healthcheck"]["test"]
        if kind == "CMD-SHELL":
            command = ["sh", "-c", interpolated(command[0])]
        return self.run(service, command).returncode == 0

    def ask(self, path: str) -> HTTPResponse:
        """Ask as the proxy does that speaks HTTPS to the world; follow nothing."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            headers={"Host": CHOSEN["ALLOWED_HOSTS"], "X-Forwarded-Proto": "https"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _FollowNothing())
        try:
            response: HTTPResponse = opener.open(request, timeout=10)
        except urllib.error.HTTPError as refusal:
            pytest.fail(f"{path} gave {refusal.code}")
        return response


class _FollowNothing(urllib.request.HTTPErrorProcessor):
    def http_response(self, request: urllib.request.Request, response: Any) -> Any:  # noqa: ARG002
        return response


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Make an empty database; collect the static files and migrate by the files' own commands."""
    # The one the run started with: a test run's own database has another name.
    name = f"containers_{os.getpid()}"
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}".encode())
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    one = Site(
        folder=tmp_path_factory.mktemp("containers"),
        port=port,
        database_url=re.sub(r"/[^/?]+\?", f"/{name}?", server, count=1),
        redis_url=re.sub(r"/\d+$", "/60", os.environ["REDIS_URL"]),
    )
    (one.folder / "local" / "assets").mkdir(parents=True)
    (one.folder / "local" / "assets" / "vendor").symlink_to(paths.assets_dir().resolve())

    collected = one.run("migrate", shlex.split("python manage.py collectstatic --no-input"))
    assert "python manage.py collectstatic --no-input" in DOCKERFILE
    assert collected.returncode == 0, collected.stdout
    migrated = one.run("migrate", SERVICES["migrate"]["command"])
    assert migrated.returncode == 0, migrated.stdout

    yield one

    with psycopg.connect(server, autocommit=True) as session:
        session.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def start(site: Site) -> Iterator[Callable[[str], "subprocess.Popen[bytes]"]]:
    started: list[tuple[Program, subprocess.Popen[bytes]]] = []

    def run(service: str) -> subprocess.Popen[bytes]:
        program = Program(
            name=service,
            command=tuple(interpolated(part) for part in SERVICES[service]["command"]),
            env=site.environment(service),
            cwd=paths.PROJECT_DIR,
            log=site.folder / f"{service}.log",
            grace_seconds=30,
        )
        process = processes.start(program)
        started.append((program, process))
        return process

    yield run
    for program, process in started:
        processes.stop(program, process)


def wait_for(is_so: Callable[[], object], log: Path) -> None:
    give_up_at = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < give_up_at, log.read_text()
        time.sleep(0.2)


def forget(schedule: Path) -> None:
    """Remove the beat's schedule, in whichever files this Python keeps it."""
    for part in schedule.parent.glob(f"{schedule.name}*"):
        part.unlink()


def end(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=30)


def test_web_container_serves_and_ends_when_told(
    site: Site, start: Callable[[str], "subprocess.Popen[bytes]"]
) -> None:
    assert not site.is_healthy("web")

    web = start("web")
    wait_for(
        lambda: ask_health.answer(str(site.port), CHOSEN["ALLOWED_HOSTS"]),
        site.folder / "web.log",
    )

    assert site.is_healthy("web")
    with site.ask("/") as front:
        assert (front.status, front.headers["Strict-Transport-Security"]) == (
            302,
            "max-age=31536000; includeSubDomains; preload",
        )
    with site.ask("/accounts/login/") as page:
        assert page.status == 200
        styles = re.findall(r'href="(/static/[^"]+\.css)"', page.read().decode())
    assert styles
    for style in styles:
        with site.ask(style) as sheet:
            assert sheet.status == 200
            assert "immutable" in sheet.headers["Cache-Control"]
    assert end(web) == 0


def test_worker_and_beat_containers_are_well_and_end_when_told(
    site: Site, start: Callable[[str], "subprocess.Popen[bytes]"]
) -> None:
    command = SERVICES["beat"]["command"]
    schedule = Path(command[command.index("--schedule") + 1])
    forget(schedule)
    assert not site.is_healthy("beat")

    worker, beat = start("worker"), start("beat")
    wait_for(lambda: site.is_healthy("beat"), site.folder / "beat.log")
    wait_for(lambda: site.is_healthy("worker"), site.folder / "worker.log")

    assert (end(beat), end(worker)) == (0, 0)
    assert not site.is_healthy("worker")
    forget(schedule)


def test_web_container_with_the_laptops_key_refuses_to_start(site: Site) -> None:
    program, *arguments = SERVICES["web"]["command"]
    environment = site.environment("web")
    del environment["SECRET_KEY"]

    result = subprocess.run(
        [str(Path(sys.executable).with_name(program)), *arguments],
        cwd=paths.PROJECT_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert result.returncode != 0
    assert "SECRET_KEY is the laptop's or too short" in result.stderr
