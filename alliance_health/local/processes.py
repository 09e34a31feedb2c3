"""A program that runs beside this one: how it is started, and how it is stopped for good."""

import contextlib
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Program:
    """What to start, and how to ask it to end."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    account: str | None = None  # the system account it runs as; None: this one
    log: Path | None = None  # where its output goes; None: a pipe that the supervisor reads
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0


def start(program: Program) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own, so that Ctrl-C reaches only the supervisor."""
    account = pwd.getpwnam(program.account) if program.account else None
    with contextlib.ExitStack() as open_files:
        output = subprocess.PIPE
        if program.log is not None:
            program.log.parent.mkdir(parents=True, exist_ok=True)
            output = open_files.enter_context(program.log.open("ab")).fileno()
        return subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **program.env},
            cwd=program.cwd,
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )


def ask_to_stop(program: Program, process: subprocess.Popen[bytes]) -> None:
    """Send the polite signal, to the leader alone: a pool's leader looks after its workers."""
    if process.poll() is None:
        process.send_signal(program.stop_signal)


def wait_or_kill(program: Program, process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for a program that was asked to stop, then kill its group; say whether it went itself.

    The group is killed in any case: a pool's workers may outlive a leader that was killed.
    """
    went_itself = True
    try:
        process.wait(min(seconds, program.grace_seconds))
    except subprocess.TimeoutExpired:
        went_itself = False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return went_itself


def stop(program: Program, process: subprocess.Popen[bytes]) -> bool:
    """Ask a program to stop, kill it if it does not; say whether it went by itself."""
    ask_to_stop(program, process)
    return wait_or_kill(program, process, program.grace_seconds)


@dataclass(frozen=True, slots=True)
class Trace:
    """Enough of a process to know it again later, though its number may be given anew."""

    name: str
    pid: int
    started: float


def trace(name: str, pid: int) -> Trace:
    """Note a process that runs now."""
    return Trace(name=name, pid=pid, started=psutil.Process(pid).create_time())


def stop_left_behind(traces: list[Trace]) -> list[str]:
    """Stop what a killed start left running, with its children; return the names stopped.

    The last started goes first: a worker whose broker is gone would not end in peace.
    """
    stopped = []
    for one in reversed(traces):
        try:
            leader = psutil.Process(one.pid)
            # A number of an earlier boot or of a process that ended may belong to a stranger now.
            if abs(leader.create_time() - one.started) > 1:
                continue
            family = [leader, *leader.children(recursive=True)]
            leader.send_signal(signal.SIGINT if one.name == "postgres" else signal.SIGTERM)
            # Servers write their data out; the others only stumble over output nobody reads.
            psutil.wait_procs(family, timeout=30 if one.name in ("postgres", "valkey") else 2)
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(family, timeout=5)
            stopped.append(one.name)
        except psutil.NoSuchProcess:
            continue
    return stopped


def python(*arguments: str) -> tuple[str, ...]:
    """Return the command line that runs this same Python with the arguments."""
    return (sys.executable, *arguments)
