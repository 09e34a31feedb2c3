"""Make this machine ready, then hand over to the real command.

Run by the system's Python as a file (`python3 alliance_health/local/bootstrap.py run`) before
anything is installed, so it imports nothing but the standard library.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NoReturn

OLDEST_PYTHON = (3, 11)
PROJECT_DIR = Path(__file__).resolve().parent.parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
RUN_NEEDS = ("run",)
TEST_NEEDS = ("run", "test")
TRUST_NEEDS = (*TEST_NEEDS, "bench")
# What is compared with other libraries, which only TRUST_NEEDS has.
TRUST = "test_trust_*.py"
# Named by hand: they are left out of the tests' ordinary round. None found is a failure.
BENCHMARKS = ("-m", "pytest", "-o", "norecursedirs=.*", "-s", "tests/benchmarks")
# What each `make` target needs installed, and what then runs in the virtual environment.
COMMANDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "run": (RUN_NEEDS, ("-m", "alliance_health.local", "run")),
    "reset": (RUN_NEEDS, ("-m", "alliance_health.local", "reset")),
    # Two at a time: measured faster by a third on two cores. A file stays together, for its set-up.
    "test": (TEST_NEEDS, ("-m", "pytest", "-n", "2", "--dist", "loadfile")),
    "lint": (TEST_NEEDS, ("-m", "alliance_health.local", "lint")),
    "bench": (TEST_NEEDS, (*BENCHMARKS, f"--ignore-glob=*/{TRUST}")),
    "bench-scoring": (TEST_NEEDS, ("-m", "pytest", "-s", "tests/benchmarks/test_scoring.py")),
    "bench-trust": (TRUST_NEEDS, (*BENCHMARKS, "-o", f"python_files={TRUST}")),
}
NEEDS_BROWSER = ("test",)
# What pip reads from its configuration and uv does not: pip's name, uv's variable, uv's separator.
PIP_TO_UV = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "no-index": ("UV_NO_INDEX", " "),
    "cert": ("SSL_CERT_FILE", " "),
}


class CannotStartError(Exception):
    """A reason not to go on, with what to do about it, fit for the person at the terminal."""


@contextlib.contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is being done and, when done, how long it took."""
    print(f"  {text} ...", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f" {time.monotonic() - started:.1f} s", flush=True)


def run_logged(command: list[str], log: Path, env: dict[str, str] | None = None) -> bool:
    """Run a command with its output in `log`, a dot every ten seconds; say whether it succeeded."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=PROJECT_DIR,
        )
        while True:
            try:
                return process.wait(timeout=10) == 0
            except subprocess.TimeoutExpired:
                print(".", end="", flush=True)
            except BaseException:
                process.terminate()
                process.wait()
                raise


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, indented, to stand under a message."""
    try:
        text = log.read_text(errors="replace")
    except FileNotFoundError:
        text = ""
    shown = [line for line in text.splitlines() if line.strip()][-lines:]
    return "\n".join(f"    | {line}" for line in shown) or "    | (no output)"


# --- what must hold before anything slow ------------------------------------------------------
def local_dir() -> Path:
    """Return the folder for everything made at run time (`.local/`, or ALLIANCE_HEALTH_LOCAL)."""
    return Path(os.environ.get("ALLIANCE_HEALTH_LOCAL") or PROJECT_DIR / ".local").resolve()


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> None:
    """Refuse a Python that is too old."""
    if version[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        found = ".".join(map(str, version))
        raise CannotStartError(
            f"Python {wanted} or newer is needed; {sys.executable} is {found}.\n"
            f"Install a newer one and name it, for example: make run PYTHON=python{wanted}"
        )


def check_writable(folder: Path) -> None:
    """Make the folder for run-time files, or refuse with what to do."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CannotStartError(
            f"Cannot write to {folder}: {error.strerror}.\n"
            "Everything made at run time is kept there. Make the folder writable for you, free\n"
            "space if the disk is full, or name another folder:\n"
            "    make run ALLIANCE_HEALTH_LOCAL=$HOME/alliance-health"
        ) from None


def wanted_port() -> int:
    """Return the port the web server is to listen on: PORT, or 8000."""
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotStartError(
            f"PORT must be a number from 1 to 65535, not {text!r}: make run PORT=8001"
        )
    return int(text)


def check_port(port: int) -> None:
    """Refuse a port that another program holds, or that this user may not open."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise CannotStartError(
                f"This user may not open port {port}; take one above 1023: make run PORT=8001"
            ) from None
        except OSError:
            other = port + 1 if port < 65535 else 8001
            raise CannotStartError(
                f"Port {port} is taken by another program.\n"
                f"Stop that program or take another port: make run PORT={other}"
            ) from None


def read_run_file(folder: Path) -> dict[str, object]:
    """Return what the running `make run` wrote about itself; nothing if it left no whole file."""
    try:
        content = json.loads((folder / "run.json").read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def lock_run(folder: Path) -> IO[str]:
    """Take the lock that one `make run` holds while it runs, or say who holds it.

    The kernel lets go of it when the holder ends, however it ends, so it is never stale.
    """
    lock = (folder / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        running = read_run_file(folder)
        where = f" at {running['site_url']}" if "site_url" in running else ""
        which = f" (process {running['pid']})" if "pid" in running else ""
        raise CannotStartError(
            f"Alliance Health is running already{where}{which}.\n"
            "Use that one, or stop it first with Ctrl-C in its terminal. A second one beside it\n"
            "needs a folder and a port of its own:\n"
            "    make run PORT=8001 ALLIANCE_HEALTH_LOCAL=/tmp/second"
        ) from None
    return lock


def check_free_to_run(folder: Path) -> None:
    """Refuse a second start and a taken port, before anything slow happens."""
    port = wanted_port()
    lock_run(folder).close()
    # Left behind by a start that was killed: its servers may hold the port, and are stopped later.
    if not read_run_file(folder):
        check_port(port)


# --- the virtual environment ------------------------------------------------------------------
def uv_environment(pip_config: str) -> dict[str, str]:
    """Return the variables that tell uv what `pip config list` says about where packages are."""
    found: dict[str, str] = {}
    for line in pip_config.splitlines():
        key, _, value = line.partition("=")
        name = key.rpartition(".")[2]
        if name in PIP_TO_UV:
            variable, separator = PIP_TO_UV[name]
            found[variable] = separator.join(str(ast.literal_eval(value)).split())
    # As pip does; every file is checked against its hash, so no index can slip another one in.
    found.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return {**found, **{name: value for name, value in os.environ.items() if name in found}}


class VirtualEnvironment:
    """The packages of this project in a folder of their own, with their exact versions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        self.unfinished = folder / ".unfinished"
        self.log = folder.parent / "log" / "install.log"

    def _stamp(self, needs: str) -> Path:
        return self.folder / f".installed-{needs}"

    def _wanted(self, needs: str) -> str:
        pins = (PROJECT_DIR / "requirements" / f"{needs}.txt").read_bytes()
        version = ".".join(map(str, sys.version_info[:2]))
        return f"python {version}, {hashlib.sha256(pins).hexdigest()}\n"

    def _has_stamp(self, needs: str) -> bool:
        stamp = self._stamp(needs)
        return stamp.exists() and stamp.read_text() == self._wanted(needs)

    def has(self, all_needs: tuple[str, ...]) -> bool:
        """Say whether exactly the pinned packages were installed, to the end."""
        return (
            os.access(self.python, os.X_OK)
            and not self.unfinished.exists()
            and all(self._has_stamp(needs) for needs in all_needs)
        )

    def install(self, all_needs: tuple[str, ...]) -> None:
        """Install what is missing; start afresh where an earlier installation was interrupted."""
        if self.has(all_needs):
            return
        with (self.folder.parent / "install.lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                with step("Waiting for another installation to end"):
                    fcntl.flock(lock, fcntl.LOCK_EX)
            if self.has(all_needs):
                return
            self.make_usable()
            self.unfinished.touch()
            if not self._has_stamp("uv"):
                with step("Installing the installer"):
                    self._pip_install("uv")
            for needs in all_needs:
                if not self._has_stamp(needs):
                    with step(f"Installing the packages pinned in requirements/{needs}.txt"):
                        self._uv_install(needs)
            self.unfinished.unlink()

    def make_usable(self) -> None:
        """Make the environment unless there is a whole one for this Python."""
        if self.folder.exists():
            reason = self._why_unusable()
            if reason is None:
                return
            with step(f"{reason}: making the virtual environment anew"):
                shutil.rmtree(self.folder)
        with step(f"Making a virtual environment in {self.folder}"):
            has_pip = importlib.util.find_spec("pip") is not None
            if not has_pip and importlib.util.find_spec("ensurepip") is None:
                raise CannotStartError(
                    f"{sys.executable} has neither pip nor ensurepip to install packages with.\n"
                    "On Debian or Ubuntu: apt-get install python3-pip python3-venv"
                )
            command = [sys.executable, "-m", "venv", str(self.folder)]
            # The system's pip installs into it: a second pip would cost three seconds, and Debian
            # has no ensurepip without python3-venv.
            if not run_logged([*command, *(["--without-pip"] if has_pip else [])], self.log):
                raise CannotStartError(
                    f"Python could not make a virtual environment:\n{tail(self.log)}\n"
                    "On Debian or Ubuntu: apt-get install python3-venv"
                )

    def _why_unusable(self) -> str | None:
        if self.unfinished.exists():
            return "An earlier installation was interrupted"
        question = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            answer = subprocess.run(
                [str(self.python), "-c", question], capture_output=True, text=True, check=False
            ).stdout.strip()
        except OSError:
            answer = ""
        if not answer:
            return "The virtual environment is broken"
        here = ".".join(map(str, sys.version_info[:2]))
        return None if answer == here else f"It was made for Python {answer}, this is {here}"

    def _pip(self) -> list[str]:
        if importlib.util.find_spec("pip") is not None:
            return [sys.executable, "-m", "pip", "--python", str(self.python)]
        return [str(self.python), "-m", "pip"]

    def _pip_install(self, needs: str) -> None:
        pins = PROJECT_DIR / "requirements" / f"{needs}.txt"
        command = [*self._pip(), "install", "--no-user", "--require-hashes", "-r", str(pins)]
        if not run_logged(command, self.log):
            raise CannotStartError(
                f"The packages could not be installed:\n{tail(self.log)}\n"
                f"All of it stands in {self.log}. With a network that reaches your package index\n"
                "(pip config list), the same command goes on from here."
            )
        self._stamp(needs).write_text(self._wanted(needs))

    def _uv_install(self, needs: str) -> None:
        pins = PROJECT_DIR / "requirements" / f"{needs}.txt"
        config = subprocess.run(
            [*self._pip(), "config", "list"], capture_output=True, text=True, check=False
        ).stdout
        command = [str(self.folder / "bin" / "uv"), "pip", "install", "--no-progress"]
        command += ["--python", str(self.python), "--require-hashes", "-r", str(pins)]
        if run_logged(command, self.log, {**os.environ, **uv_environment(config)}):
            self._stamp(needs).write_text(self._wanted(needs))
            return
        self.log.replace(self.log.with_name("install-uv.log"))
        print(" (uv failed, trying pip)", end="", flush=True)
        self._pip_install(needs)


# --- the browser ------------------------------------------------------------------------------
def find_browser() -> str | None:
    """Return the browser that CHROMIUM names, or the first Chromium on the path."""
    named = os.environ.get("CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise CannotStartError(f"CHROMIUM names {named}, which is no program to run.")
        return named
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def ensure_browser(log: Path) -> str:
    """Return a Chromium, installed by apt-get where that is possible."""
    found = find_browser()
    if found:
        return found
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") and (not as_root or shutil.which("sudo")):
        with step("Installing Chromium by apt-get, for the browser tests"):
            for command in (
                ["apt-get", "update"],
                ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
            ):
                environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
                if not run_logged([*as_root, *command], log, environment):
                    break
    found = find_browser()
    if not found:
        raise CannotStartError(
            "The browser tests need Chromium, and it could not be installed by itself.\n"
            "On Debian: apt-get install chromium; elsewhere install Chromium or Chrome, and name\n"
            "it if it is not on the path: make test CHROMIUM=/path/to/chromium"
        )
    return found


# --- the way through --------------------------------------------------------------------------
def prepare(name: str) -> dict[str, str]:
    """Make the machine ready for a command; return the environment the command runs in."""
    check_python()
    folder = local_dir()
    check_writable(folder)
    if name == "run":
        check_free_to_run(folder)
    needs, _ = COMMANDS[name]
    environment = VirtualEnvironment(folder / "venv")
    environment.install(needs)
    ready = {
        **os.environ,
        "ALLIANCE_HEALTH_LOCAL": str(folder),
        "PATH": f"{environment.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(environment.folder),
    }
    if name in NEEDS_BROWSER:
        ready["CHROMIUM"] = ensure_browser(folder / "log" / "browser.log")
    return ready


def main(arguments: list[str]) -> NoReturn:
    """Prepare the machine and become the command: `run`, `test`, `lint`, `bench`, ..."""
    if not arguments or arguments[0] not in COMMANDS:
        sys.exit(f"Say what to do, one of: {', '.join(COMMANDS)}")
    name, *rest = arguments
    try:
        environment = prepare(name)
    except CannotStartError as refusal:
        sys.exit(f"\nmake {name} cannot go on. {refusal}\n")
    except KeyboardInterrupt:
        sys.exit("\nStopped. The same command starts again.")
    python = str(local_dir() / "venv" / "bin" / "python")
    os.chdir(PROJECT_DIR)
    sys.stdout.flush()
    os.execve(python, [python, *COMMANDS[name][1], *rest], environment)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
