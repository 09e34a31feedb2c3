"""`make run`: the whole product on one machine, started in order and stopped together."""

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from alliance_health.local import ask_health, bootstrap, fonts, paths, postgres, processes, valkey
from alliance_health.local.bootstrap import CannotStartError, step
from alliance_health.local.processes import Program, python
from alliance_health.local.supervisor import Supervisor

SITE = ("beat", "worker", "web")
SERVERS = ("valkey", "postgres")
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ANSWER_WITHIN_SECONDS = 60.0


def run(arguments: list[str]) -> int:
    """Start everything, say where it is, stay until Ctrl-C; return the exit code."""
    parser = argparse.ArgumentParser(prog="make run", description=run.__doc__)
    parser.add_argument(
        "--demo",
        action=argparse.BooleanOptionalAction,
        default=not os.environ.get("DATABASE_URL"),
        help="load the demonstration data once (default: unless DATABASE_URL names a database)",
    )
    options = parser.parse_args(arguments)
    for one in ENDING:  # SIGINT too: a shell that starts this beside others has it ignored
        signal.signal(one, _interrupt)
    try:
        _Laptop(load_demo=options.demo).run()
    except CannotStartError as refusal:
        print(f"\nmake run cannot go on. {refusal}\n", file=sys.stderr, flush=True)
        return 1
    return 0


def reset(arguments: list[str]) -> int:
    """Delete the laptop's data after asking; return the exit code."""
    parser = argparse.ArgumentParser(prog="make reset", description=reset.__doc__)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(arguments)
    folder = paths.local_dir()
    doomed = [
        one for name in ("postgres", "valkey", "mail", "beat") if (one := folder / name).exists()
    ]
    try:
        lock = bootstrap.lock_run(folder)
    except CannotStartError as refusal:
        print(f"\nmake reset cannot go on. {refusal}\n", file=sys.stderr)
        return 1
    with lock:
        if not doomed:
            print(f"There is no data in {folder}; nothing to delete.")
            return 0
        print("This deletes everything entered or loaded on this laptop:")
        print("".join(f"    {one}\n" for one in doomed), end="")
        try:
            agreed = options.yes or input("Type yes to delete it: ").strip().lower() == "yes"
        except EOFError:
            agreed = False
        if not agreed:
            print("Nothing was deleted.")
            return 1
        processes.stop_left_behind(_left_behind(folder))
        (folder / "run.json").unlink(missing_ok=True)
        for one in doomed:
            shutil.rmtree(one)
        print("Deleted. The next make run starts with an empty database and loads the demo.")
    return 0


class _Laptop:
    def __init__(self, *, load_demo: bool) -> None:
        self.folder = paths.local_dir()
        self.port = bootstrap.wanted_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.load_demo = load_demo
        self.supervisor = Supervisor()
        self.running: dict[str, object] = {"pid": os.getpid(), "site_url": self.url}
        self.environment = {
            "ENVIRONMENT": os.environ.get("ENVIRONMENT") or "laptop",
            "SITE_URL": os.environ.get("SITE_URL") or self.url,
            "PYTHONUNBUFFERED": "1",
            # Root in a container of one's own is no news; production runs as nobody special.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        }

    def run(self) -> None:
        started = time.monotonic()
        bootstrap.check_writable(self.folder)
        with bootstrap.lock_run(self.folder):
            stopped = processes.stop_left_behind(_left_behind(self.folder))
            if stopped:
                print(f"  An earlier start was killed; stopped what it left: {', '.join(stopped)}")
            bootstrap.check_port(self.port)
            with self._everything_stopped_at_the_end():
                self._start_servers()
                self._prepare_data()
                sign_ins = self._start_site()
                self._announce(time.monotonic() - started, sign_ins)
                while True:
                    if self.supervisor.look_after():
                        self._write_run_file()
                    time.sleep(0.2)

    # --- the way up ---------------------------------------------------------------------------
    def _start_servers(self) -> None:
        if os.environ.get("DATABASE_URL"):
            print("  PostgreSQL: the one that DATABASE_URL names")
        else:
            with step("Starting PostgreSQL"):
                database = postgres.prepare(self.folder / "postgres", log=self._log("postgres"))
                process = self.supervisor.start(database.program)
                self.running["database_url"] = database.url()
                self._write_run_file()
                postgres.wait_until_ready(database, process)
            for note in database.notes:
                print(f"    {note}")
        if os.environ.get("REDIS_URL"):
            print("  Valkey: the one that REDIS_URL names")
        else:
            with step("Starting Valkey"):
                self._start_valkey()

    def _start_valkey(self) -> None:
        data_dir, log = self.folder / "valkey", self._log("valkey")
        for is_last in (False, True):
            broker = valkey.prepare(data_dir, log=log, keep=True)
            process = self.supervisor.start(broker.program)
            self.running["redis_url"] = broker.url
            self._write_run_file()
            try:
                valkey.wait_until_ready(broker, process)
            except CannotStartError:
                if is_last:
                    raise
                self.supervisor.stop("valkey")
                aside = valkey.put_data_aside(data_dir)
                print(f" (its queue could not be read: moved to {aside})", end="")
            else:
                return

    def _prepare_data(self) -> None:
        (self.folder / "static").mkdir(exist_ok=True)  # empty: a laptop serves from the sources
        with (
            step("Bringing the database up to date, making the web font"),
            ThreadPoolExecutor() as beside,
        ):
            font = beside.submit(fonts.make, paths.assets_dir())
            self._manage("migrate", "--no-input", "--verbosity", "0")
            font.result()
        if self.load_demo:
            with step("Loading the demonstration data, once"):
                self._manage("load_demo", "--once")

    def _start_site(self) -> str:
        with step("Starting the web server, the worker and the beat"):
            for program in self._site():
                self.supervisor.start(program)
            self._write_run_file()
            sign_ins = self._manage("demo_sign_ins") if self.load_demo else ""
            self._wait_until_it_answers()
        return sign_ins

    def _site(self) -> tuple[Program, ...]:
        beat_dir = self.folder / "beat"
        beat_dir.mkdir(exist_ok=True)

        def program(name: str, *command: str, grace: float = 15, **env: str) -> Program:
            return Program(
                name=name,
                command=python("-m", *command),
                env={**self.environment, **env},
                cwd=paths.PROJECT_DIR,
                grace_seconds=grace,
            )

        listen = ("--bind", f"127.0.0.1:{self.port}", "--no-control-socket")
        size = ("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload")
        quiet = ("--graceful-timeout", "10", "--log-level", "warning")
        celery = ("celery", "--quiet", "-A", "alliance_health")
        pool = ("--pool", "prefork", "--concurrency", "2", "--loglevel", "WARNING")
        clock = ("--loglevel", "WARNING", "--pidfile=", "--schedule", str(beat_dir / "schedule"))
        return (
            program("web", "gunicorn", "alliance_health.wsgi", *listen, *size, *quiet),
            # With this a TERM puts a task that does not end in 20 s back into the queue.
            program("worker", *celery, "worker", *pool, grace=25, REMAP_SIGTERM="SIGQUIT"),
            program("beat", *celery, "beat", *clock),
        )

    def _wait_until_it_answers(self) -> None:
        give_up_at = time.monotonic() + ANSWER_WITHIN_SECONDS
        while True:
            self.supervisor.look_after()
            if ask_health.answer(str(self.port), "127.0.0.1"):
                return
            if time.monotonic() > give_up_at:
                raise CannotStartError(
                    f"The web server does not answer at {self.url}/healthz after "
                    f"{ANSWER_WITHIN_SECONDS:.0f} s. What it said stands above."
                )
            time.sleep(0.1)

    def _announce(self, seconds: float, sign_ins: str) -> None:
        lines = [f"Alliance Health is ready after {seconds:.0f} s:  {self.url}", ""]
        if sign_ins.strip():
            lines += [*sign_ins.strip("\n").splitlines(), ""]
        lines += [
            f"Mail it sends:  {self.folder / 'mail'}",
            f"Data is kept:   {self.folder}",
            "Stop:           Ctrl-C",
        ]
        width = max(map(len, lines))
        box = [f"  | {line:<{width}} |" for line in lines]
        edge = f"  +{'-' * (width + 2)}+"
        self.supervisor.say("\n".join(["", edge, *box, edge, ""]))

    # --- the way down -------------------------------------------------------------------------
    @contextlib.contextmanager
    def _everything_stopped_at_the_end(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            self.supervisor.say("\nStopping ... (Ctrl-C again: at once)")
        finally:
            try:
                self._stop()
            except KeyboardInterrupt:
                _ignore_interrupts()
                self.supervisor.kill_all()
            (self.folder / "run.json").unlink(missing_ok=True)
        self.supervisor.say("Stopped. The data is kept; make run goes on with it.")

    def _stop(self) -> None:
        for group in (SITE, SERVERS):
            for name in self.supervisor.stop(*group):
                self.supervisor.say(f"{name} did not stop in time and was killed")

    # --- small parts --------------------------------------------------------------------------
    def _manage(self, *command: str) -> str:
        result = subprocess.run(
            python("manage.py", *command),
            cwd=paths.PROJECT_DIR,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            log = self._log(command[0])
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(result.stdout + result.stderr)
            raise CannotStartError(
                f"manage.py {' '.join(command)} failed:\n{bootstrap.tail(log)}\n"
                f"All of it stands in {log}."
            )
        return result.stdout

    def _log(self, name: str) -> Path:
        return self.folder / "log" / f"{name}.log"

    def _write_run_file(self) -> None:
        content = {**self.running, "programs": [asdict(one) for one in self.supervisor.traces()]}
        making = self.folder / "run.json.making"
        making.touch(mode=0o600)
        making.write_text(json.dumps(content, indent=2))
        making.replace(self.folder / "run.json")


def _left_behind(folder: Path) -> list[processes.Trace]:
    """Return what an earlier start noted about itself and did not clear away."""
    programs = bootstrap.read_run_file(folder).get("programs", [])
    return [processes.Trace(**one) for one in programs] if isinstance(programs, list) else []


def _interrupt(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise KeyboardInterrupt


def _ignore_interrupts() -> None:
    for one in ENDING:
        signal.signal(one, signal.SIG_IGN)
