import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from alliance_health.local import bootstrap
from alliance_health.local.bootstrap import CannotStartError, VirtualEnvironment

SCRIPT = Path(bootstrap.__file__)
NOBODY = 65534


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def refusal_as_nobody(folder: Path) -> str:
    """Return what `check_writable` says to an account that is not root, by a real fork."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(NOBODY)
            bootstrap.check_writable(folder)
        except CannotStartError as refusal:
            os.write(writing, str(refusal).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.wait()
    return said


def test_python_that_is_old_enough_is_accepted() -> None:
    bootstrap.check_python((3, 11, 0))


def test_python_that_is_too_old_is_refused_with_what_to_do() -> None:
    with pytest.raises(CannotStartError, match=r"Python 3\.11 or newer.*is 3\.9\.2") as refusal:
        bootstrap.check_python((3, 9, 2))

    assert "make run PYTHON=python3.11" in str(refusal.value)


def test_folder_is_made_where_one_may_write(tmp_path: Path) -> None:
    bootstrap.check_writable(tmp_path / "a" / "b")

    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_folder_without_write_permission_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)

    said = refusal_as_nobody(locked)

    assert said.startswith(f"Cannot write to {locked}: Permission denied.")
    assert "make run ALLIANCE_HEALTH_LOCAL=" in said


def test_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "local").write_text("a file")

    with pytest.raises(CannotStartError, match=r"Cannot write to .*/local: File exists"):
        bootstrap.check_writable(tmp_path / "local")


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "8000 ", "８０００"])
def test_port_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", text)

    with pytest.raises(CannotStartError, match="PORT must be a number from 1 to 65535"):
        bootstrap.wanted_port()


def test_taken_port_is_refused_naming_the_next(taken_port: int) -> None:
    with pytest.raises(CannotStartError) as refusal:
        bootstrap.check_port(taken_port)

    assert f"Port {taken_port} is taken" in str(refusal.value)
    assert f"make run PORT={taken_port + 1}" in str(refusal.value)


def test_taken_port_is_refused_before_anything_is_installed(
    tmp_path: Path, taken_port: int
) -> None:
    started = time.monotonic()

    result = subprocess.run(
        [sys.executable, str(SCRIPT), "run"],
        env={**os.environ, "PORT": str(taken_port), "ALLIANCE_HEALTH_LOCAL": str(tmp_path / "l")},
        capture_output=True,
        text=True,
    )

    assert result.returncode == 1
    assert f"Port {taken_port} is taken" in result.stderr
    assert [path.name for path in (tmp_path / "l").iterdir()] == ["run.lock"]
    assert time.monotonic() - started < 3


def test_second_start_is_refused_naming_the_first(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"site_url": "http://127.0.0.1:8000", "pid": 4711}')

    with (
        bootstrap.lock_run(tmp_path),
        pytest.raises(CannotStartError) as refusal,
    ):
        bootstrap.lock_run(tmp_path)

    assert str(refusal.value).startswith(
        "Alliance Health is running already at http://127.0.0.1:8000 (process 4711)."
    )


def test_lock_of_a_start_that_ended_is_free(tmp_path: Path) -> None:
    bootstrap.lock_run(tmp_path).close()

    bootstrap.lock_run(tmp_path).close()


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"'])
def test_run_file_that_is_cut_off_counts_as_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(content)

    assert bootstrap.read_run_file(tmp_path) == {}


def test_uv_is_told_what_pip_is_configured_with(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, _ in bootstrap.PIP_TO_UV.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://chosen.example/simple")
    monkeypatch.delenv("UV_INDEX_STRATEGY", raising=False)

    told = bootstrap.uv_environment(
        "global.index-url='https://one.example/simple'\n"
        "global.extra-index-url='https://two.example/simple\\nhttps://three.example/simple'\n"
        "install.find-links='/wheels /more'\n"
        ":env:.timeout='60'\n"
    )

    assert told == {
        "UV_DEFAULT_INDEX": "https://chosen.example/simple",
        "UV_INDEX": "https://two.example/simple https://three.example/simple",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def make_usable(folder: Path) -> str:
    """Make a virtual environment by the Python that `make` uses; return what it says."""
    python = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); import bootstrap\n"
        "bootstrap.VirtualEnvironment(Path(sys.argv[2])).make_usable()"
    )
    command = [str(python), "-c", code, str(SCRIPT.parent), str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_virtual_environment_is_made_once(tmp_path: Path) -> None:
    environment = VirtualEnvironment(tmp_path / "venv")

    assert "Making a virtual environment" in make_usable(environment.folder)
    assert make_usable(environment.folder) == ""
    assert not environment.has(("run",))


def test_virtual_environment_of_an_interrupted_installation_is_made_anew(tmp_path: Path) -> None:
    environment = VirtualEnvironment(tmp_path / "venv")
    make_usable(environment.folder)
    environment.unfinished.touch()
    half = environment.folder / "half-installed"
    half.touch()

    assert "An earlier installation was interrupted" in make_usable(environment.folder)
    assert not half.exists()


def test_virtual_environment_whose_python_is_gone_is_made_anew(tmp_path: Path) -> None:
    environment = VirtualEnvironment(tmp_path / "venv")
    make_usable(environment.folder)
    environment.python.unlink()
    environment.python.symlink_to(tmp_path / "no-python")

    assert "The virtual environment is broken" in make_usable(environment.folder)
    assert subprocess.run([str(environment.python), "-c", ""]).returncode == 0


def test_browser_that_is_named_but_missing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")

    with pytest.raises(CannotStartError, match="CHROMIUM names /nowhere/chromium"):
        bootstrap.find_browser()


def pins(needs: str) -> set[str]:
    text = (bootstrap.PROJECT_DIR / "requirements" / f"{needs}.txt").read_text()
    return set(re.findall(r"^([\w.\[\]-]+==[^ ;\\]+)", text, re.MULTILINE))


def test_pins_for_tests_hold_every_pin_for_running() -> None:
    assert len(pins("run")) > 20
    assert pins("run") <= pins("test")


def test_pins_for_comparing_change_none_of_the_others() -> None:
    ours = {pin.partition("==")[0] for pin in pins("test")}

    assert "pingouin" not in ours  # it brings twenty packages, which only one target needs
    assert {pin for pin in pins("bench") if pin.partition("==")[0] in ours} <= pins("test")
