"""The product as real processes on the test's database: web server, worker, beat."""

import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import redis
from django.conf import settings
from django.db import connection

from alliance_health.local import ask_health, paths, processes
from alliance_health.local.processes import Program, python

TICK_SECONDS = 0.5
Found = TypeVar("Found")


def wait_for(look: Callable[[], Found], *, seconds: float = 30.0) -> Found:
    """Return what `look` finds, as soon as it finds something; fail if it never does."""
    give_up_at = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > give_up_at:
            raise AssertionError(f"Nothing came within {seconds:g} s; the last look: {found!r}")
        time.sleep(0.05)


def database_url() -> str:
    """Return the address of the database that the test's own connection uses."""
    return urlunsplit(
        urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}")
    )


def environment_with(**variables: str) -> dict[str, str]:
    """Return the environment of this run with some variables set, for a process of its own."""
    return {**os.environ, **variables}


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@dataclass(slots=True)
class Site:
    """What runs; `start` and `kill` programs by name, `stop` ends all of them.

    Attributes:
        folder: for logs and the beat's file.
        port: where the web server listens.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    _running: dict[str, tuple[Program, subprocess.Popen[bytes]]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """Return the environment in which the product's commands use this site's servers."""
        return environment_with(**self._own_environment())

    def _own_environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": database_url(),
            "SITE_URL": self.url,
            "TICK_SECONDS": str(TICK_SECONDS),
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        }

    def start(self, *names: str) -> None:
        """Start programs: web, worker, beat."""
        for name in names:
            program = self._program(name)
            self._running[name] = (program, processes.start(program))
        if "web" in names:
            wait_for(lambda: ask_health.answer(str(self.port), "127.0.0.1"))

    def kill(self, name: str) -> None:
        """Kill a program and its children at once, as a power cut would."""
        program, process = self._running.pop(name)
        processes.wait_or_kill(program, process, 0)

    def stop(self) -> None:
        """Stop what runs, and forget what is queued."""
        for program, process in self._running.values():
            processes.ask_to_stop(program, process)
        for program, process in self._running.values():
            processes.wait_or_kill(program, process, program.grace_seconds)
        self._running.clear()
        redis.Redis.from_url(settings.REDIS_URL).flushdb()

    def said(self, name: str) -> str:
        """Return what a program has written so far."""
        return (self.folder / f"{name}.log").read_text()

    def _program(self, name: str) -> Program:
        celery = ("-m", "celery", "-A", "alliance_health")
        commands = {
            "web": (
                "-m",
                "gunicorn",
                "alliance_health.wsgi",
                "--bind",
                f"127.0.0.1:{self.port}",
                "--worker-class",
                "gthread",
                "--threads",
                "4",
                "--no-control-socket",
            ),
            "worker": (
                *celery,
                "worker",
                "--pool",
                "prefork",
                "--concurrency",
                "1",
                "--loglevel",
                "INFO",
            ),
            "beat": (
                *celery,
                "beat",
                "--loglevel",
                "INFO",
                "--pidfile=",
                "--schedule",
                str(self.folder / "schedule"),
            ),
        }
        return Program(
            name=name,
            command=python(*commands[name]),
            env=self._own_environment(),
            cwd=paths.PROJECT_DIR,
            log=self.folder / f"{name}.log",
            grace_seconds=5,
        )
