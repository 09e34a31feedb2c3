"""Start PostgreSQL and Valkey for a test run, before pytest-django reads the settings.

Loaded by `-p tests.embedded`. With DATABASE_URL set nothing is started: the run uses that server.
With xdist only the controller starts servers; each worker gets a broker database of its own.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

from alliance_health.local import fonts, paths, postgres, processes, valkey
from alliance_health.local.processes import Program

# Processes that each take every core for small matrices wait for one another: ten times slower.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _start_servers() -> None:
    folder = Path(tempfile.mkdtemp(prefix="alliance-health-test-"))
    running: list[tuple[Program, subprocess.Popen[bytes]]] = []
    owner = os.getpid()

    def stop() -> None:
        if os.getpid() != owner:
            return  # a fork of the test run ends, the run goes on
        for program, process in running:
            processes.ask_to_stop(program, process)
        for program, process in running:
            processes.wait_or_kill(program, process, program.grace_seconds)
        postgres.forget_socket_dir(database)
        shutil.rmtree(folder, ignore_errors=True)

    assets = fonts.make(paths.assets_dir()).parent.parent
    database = postgres.prepare(folder / "postgres", log=folder / "postgres.log", fast=True)
    broker = valkey.prepare(folder / "valkey", log=folder / "valkey.log", keep=False)
    atexit.register(stop)
    signal.signal(signal.SIGTERM, _end)  # else a run that is told to end leaves its servers
    running.extend(
        (program, processes.start(program)) for program in (database.program, broker.program)
    )
    postgres.wait_until_ready(database, running[0][1])
    valkey.wait_until_ready(broker, running[1][1])

    # A run writes mails and static files beside its servers, not among the laptop's.
    local = folder / "local"
    (local / "static").mkdir(parents=True)
    (local / "assets").mkdir()
    (local / "assets" / "vendor").symlink_to(assets)
    os.environ["ALLIANCE_HEALTH_LOCAL"] = str(local)
    os.environ["DATABASE_URL"] = database.url()
    os.environ["REDIS_URL"] = broker.url


def _end(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    sys.exit(128 + signum)


def _use_own_broker_database(worker: str) -> None:
    number = int(worker.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{number}"


if "PYTEST_XDIST_WORKER" in os.environ:
    _use_own_broker_database(os.environ["PYTEST_XDIST_WORKER"])
elif not os.environ.get("DATABASE_URL"):
    _start_servers()
os.environ.setdefault("ENVIRONMENT", "laptop")
