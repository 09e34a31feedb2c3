import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from alliance_health.local import processes
from alliance_health.local.processes import Program

SLEEPER = Program(name="sleeper", command=(sys.executable, "-c", "import time; time.sleep(60)"))


@pytest.fixture
def sleeper(tmp_path: Path) -> Program:
    return dataclasses.replace(SLEEPER, log=tmp_path / "log")


def test_program_runs_in_a_group_of_its_own_and_stops_when_asked(sleeper: Program) -> None:
    process = processes.start(sleeper)

    assert os.getpgid(process.pid) == process.pid
    assert processes.stop(sleeper, process)
    assert process.returncode == -signal.SIGTERM


def test_program_that_ignores_the_signal_is_killed_with_its_children() -> None:
    stubborn = Program(
        name="stubborn",
        command=(
            "sh",
            "-c",
            "trap '' TERM; sleep 61 & echo ready; while :; do sleep 0.1; done",
        ),
        grace_seconds=0.3,
    )
    process = processes.start(stubborn)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    children = psutil.Process(process.pid).children()

    assert not processes.stop(stubborn, process)

    gone, alive = psutil.wait_procs(children, timeout=3)
    assert (len(gone) >= 1, alive) == (True, [])
    process.stdout.close()


def test_left_behind_program_is_stopped_by_its_trace(sleeper: Program) -> None:
    process = processes.start(sleeper)
    trace = processes.trace("sleeper", process.pid)

    assert processes.stop_left_behind([trace]) == ["sleeper"]
    assert processes.stop_left_behind([trace]) == []
    process.wait(timeout=3)


def test_stranger_with_the_same_number_is_left_alone() -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    old = processes.Trace(name="web", pid=stranger.pid, started=time.time() - 3600)

    assert processes.stop_left_behind([old]) == []
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()
