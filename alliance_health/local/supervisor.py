"""Keep several programs running together, show what they say, stop them all together."""

import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from alliance_health.local import processes
from alliance_health.local.bootstrap import CannotStartError
from alliance_health.local.processes import Program

MOST_RESTARTS = 5
LONGEST_PAUSE_SECONDS = 16.0
# A program that ran this long was well: its next end counts as the first.
WELL_AFTER_SECONDS = 60.0


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    restarts: int = 0
    start_again_at: float | None = None
    reader: threading.Thread | None = field(default=None, repr=False)


class Supervisor:
    """Start programs, start again those that end, stop all in the reverse of groups started."""

    def __init__(self, *, pause_seconds: float = 1.0) -> None:
        self._children: dict[str, _Child] = {}
        self._pause_seconds = pause_seconds
        self._writing = threading.Lock()

    def say(self, text: str) -> None:
        """Print one line whole, also while programs write."""
        with self._writing:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def start(self, program: Program) -> subprocess.Popen[bytes]:
        """Start a program and watch it from now on."""
        process = processes.start(program)
        child = _Child(program=program, process=process, started_at=time.monotonic())
        self._children[program.name] = child
        self._read_output(child)
        return process

    def traces(self) -> list[processes.Trace]:
        """Return what a later start needs to find these programs again."""
        return [
            processes.trace(name, child.process.pid)
            for name, child in self._children.items()
            if child.process.poll() is None
        ]

    def look_after(self) -> bool:
        """Start again what has ended, after a pause that grows; say whether something started.

        Raises:
            CannotStartError: a program ended more often than it is started again.
        """
        started = False
        now = time.monotonic()
        for child in list(self._children.values()):
            if child.start_again_at is not None:
                if now >= child.start_again_at:
                    child.process = processes.start(child.program)
                    child.started_at, child.start_again_at = now, None
                    self._read_output(child)
                    started = True
                continue
            code = child.process.poll()
            if code is None:
                continue
            if now - child.started_at > WELL_AFTER_SECONDS:
                child.restarts = 0
            name = child.program.name
            if child.restarts >= MOST_RESTARTS:
                raise CannotStartError(
                    f"{name} ended {child.restarts + 1} times in a row, so everything is stopped. "
                    "What it said stands above"
                    + (f" and in {child.program.log}." if child.program.log else ".")
                )
            pause = min(self._pause_seconds * 2**child.restarts, LONGEST_PAUSE_SECONDS)
            child.restarts += 1
            child.start_again_at = now + pause
            self.say(
                f"{name} ended ({_how(code)}): starting it again in {pause:g} s "
                f"({child.restarts} of {MOST_RESTARTS})"
            )
        return started

    def stop(self, *names: str) -> list[str]:
        """Ask the named programs to stop, all at once, then kill those that stay.

        Returns the names of those that had to be killed.
        """
        chosen = [self._children.pop(name) for name in names if name in self._children]
        alive = [child for child in chosen if child.start_again_at is None]
        for child in alive:
            processes.ask_to_stop(child.program, child.process)
        killed = []
        started = time.monotonic()
        for child in alive:
            left = max(child.program.grace_seconds - (time.monotonic() - started), 0)
            if not processes.wait_or_kill(child.program, child.process, left):
                killed.append(child.program.name)
            if child.reader is not None:
                child.reader.join(timeout=2)
        return killed

    def kill_all(self) -> None:
        """End everything at once: somebody does not want to wait."""
        for child in self._children.values():
            processes.wait_or_kill(child.program, child.process, 0)

    def _read_output(self, child: _Child) -> None:
        if child.process.stdout is None:
            return
        child.reader = threading.Thread(target=self._pass_on, args=(child,), daemon=True)
        child.reader.start()

    def _pass_on(self, child: _Child) -> None:
        stream = child.process.stdout
        if stream is None:
            return
        with stream:
            for line in stream:
                text = line.decode(errors="replace").rstrip("\r\n")
                self.say(f"{child.program.name:<6} | {text}")


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
