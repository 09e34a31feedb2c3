import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alliance_health.local.bootstrap import CannotStartError
from alliance_health.local.processes import Program
from alliance_health.local.supervisor import MOST_RESTARTS, Supervisor


def program(name: str, code: str, grace: float = 5) -> Program:
    return Program(
        name=name,
        command=(sys.executable, "-u", "-S", "-c", code),
        env={"PYTHONUNBUFFERED": "1"},
        grace_seconds=grace,
    )


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    one = Supervisor(pause_seconds=0.01)
    yield one
    one.kill_all()


def look_after_until(supervisor: Supervisor, is_so: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < give_up_at
        supervisor.look_after()
        time.sleep(0.01)


def test_supervisor_shows_each_line_with_the_programs_name(
    supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    talker = program("web", "print('one'); print('two'); import time; time.sleep(60)")

    supervisor.start(talker)
    said = ""
    while "two" not in said:
        said += capsys.readouterr().out
        time.sleep(0.01)

    assert said == "web    | one\nweb    | two\n"
    assert supervisor.stop("web") == []


def test_supervisor_starts_again_what_ends(
    supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = tmp_path / "count"
    twice = program(
        "worker",
        f"import os, time; open({str(count)!r}, 'a').write('x')\n"
        f"if os.path.getsize({str(count)!r}) < 3: os._exit(7)\n"
        "time.sleep(60)",
    )

    supervisor.start(twice)
    look_after_until(supervisor, lambda: count.exists() and count.read_text() == "xxx")

    said = capsys.readouterr().out
    assert "worker ended (exit code 7): starting it again in 0.01 s (1 of 5)" in said
    assert "worker ended (exit code 7): starting it again in 0.02 s (2 of 5)" in said
    assert [trace.name for trace in supervisor.traces()] == ["worker"]


def test_supervisor_gives_up_on_what_ends_every_time(supervisor: Supervisor) -> None:
    supervisor.start(program("web", "raise SystemExit(1)"))

    with pytest.raises(CannotStartError, match=f"web ended {MOST_RESTARTS + 1} times in a row"):
        look_after_until(supervisor, lambda: False)


def test_supervisor_stops_all_at_once_and_names_what_it_killed(supervisor: Supervisor) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf')\n"
        "time.sleep(60)"
    )
    polite = "import time; time.sleep(60)"
    processes = [
        supervisor.start(program("worker", stubborn, grace=0.5)),
        supervisor.start(program("web", polite)),
        supervisor.start(program("beat", polite)),
    ]
    time.sleep(0.5)  # until the deaf one is deaf

    started = time.monotonic()
    killed = supervisor.stop("beat", "worker", "web")

    assert killed == ["worker"]
    assert [process.poll() for process in processes] == [-9, -15, -15]
    assert time.monotonic() - started < 2
    assert supervisor.traces() == []
