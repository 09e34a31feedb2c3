"""`make run` as a whole, on servers of its own: up, used, broken, stopped, up again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from alliance_health.local import ask_health, paths

SET_BY_THE_TEST_RUN = ("DATABASE_URL", "REDIS_URL", "ENVIRONMENT", "DJANGO_SETTINGS_MODULE")


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        found: int = probe.getsockname()[1]
    return found


@pytest.fixture
def environment(tmp_path: Path, port: int) -> dict[str, str]:
    local = tmp_path / "local"
    (local / "assets").mkdir(parents=True)
    (local / "assets" / "vendor").symlink_to(paths.assets_dir().resolve())
    return {
        **{name: value for name, value in os.environ.items() if name not in SET_BY_THE_TEST_RUN},
        "ALLIANCE_HEALTH_LOCAL": str(local),
        "PORT": str(port),
    }


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    started = []

    def run() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "alliance_health.local", "run", "--no-demo"],
            cwd=paths.PROJECT_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=40)
        if process.stdout is not None:
            process.stdout.close()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """Return what was said up to the line with the words; fail if they never come."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    pytest.fail(f"{words!r} was never said:\n{said}")


def run_file(environment: dict[str, str]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(
        (Path(environment["ALLIANCE_HEALTH_LOCAL"]) / "run.json").read_text()
    )
    return content


def programs(environment: dict[str, str]) -> dict[str, psutil.Process]:
    return {one["name"]: psutil.Process(one["pid"]) for one in run_file(environment)["programs"]}


def database_url(environment: dict[str, str]) -> str:
    url: str = run_file(environment)["database_url"]
    return url


def once(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=paths.PROJECT_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )


def wait_for(is_so: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def test_laptop_starts_breaks_is_killed_goes_on_and_stops(
    start: Callable[[], subprocess.Popen[str]], environment: dict[str, str], port: int
) -> None:
    first = start()
    said = read_until(first, "Ctrl-C")
    running = programs(environment)

    assert f"http://127.0.0.1:{port}" in said
    assert sorted(running) == ["beat", "postgres", "valkey", "web", "worker"]
    assert ask_health.answer(str(port), "127.0.0.1") == "ok"

    # Another terminal finds the servers without being told.
    shell = once(environment, "manage.py", "migrate", "--check")
    assert (shell.returncode, shell.stderr) == (0, "")

    # A second start is refused, and changes nothing.
    second = once(environment, "-m", "alliance_health.local", "run")
    assert second.returncode == 1
    assert f"is running already at http://127.0.0.1:{port} (process {first.pid})" in second.stderr

    # What dies comes back, the servers too.
    running["web"].kill()
    running["postgres"].kill()
    read_until(first, "starting it again")
    wait_for(lambda: ask_health.answer(str(port), "127.0.0.1") == "ok")

    # After the whole start was killed the next one clears up, and goes on with the data.
    with psycopg.connect(database_url(environment), autocommit=True) as session:
        session.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    left = programs(environment)
    first.kill()
    first.wait()
    assert all(one.is_running() for one in left.values())

    third = start()
    said = read_until(third, "Ctrl-C")
    running = programs(environment)
    family = [*running.values(), *psutil.Process(third.pid).children(recursive=True)]

    assert "An earlier start was killed; stopped what it left:" in said
    assert psutil.wait_procs(list(left.values()), timeout=5)[1] == []
    assert ask_health.answer(str(port), "127.0.0.1") == "ok"
    with psycopg.connect(database_url(environment)) as session:
        assert session.execute("SELECT answer FROM kept").fetchone() == (42,)

    # Ctrl-C ends all of it, and is no failure.
    third.send_signal(signal.SIGINT)
    assert third.wait(timeout=40) == 0
    assert psutil.wait_procs(family, timeout=5)[1] == []
    assert not (Path(environment["ALLIANCE_HEALTH_LOCAL"]) / "run.json").exists()
