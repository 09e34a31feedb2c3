import io
from pathlib import Path

import pytest

from alliance_health.local import bootstrap, laptop


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALLIANCE_HEALTH_LOCAL", str(tmp_path))
    for name in ("postgres", "valkey", "venv"):
        (tmp_path / name).mkdir()
    return tmp_path


def folders(data: Path) -> list[str]:
    return sorted(path.name for path in data.iterdir() if path.is_dir())


@pytest.mark.parametrize("answer", ["", "no\n", "y\n"])
def test_reset_deletes_nothing_without_a_yes(
    answer: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))

    assert laptop.reset([]) == 1
    assert folders(data) == ["postgres", "valkey", "venv"]


def test_reset_deletes_the_data_and_keeps_what_is_installed(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))

    assert laptop.reset([]) == 0
    assert folders(data) == ["venv"]


def test_reset_is_refused_while_the_site_runs(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with bootstrap.lock_run(data):
        assert laptop.reset(["--yes"]) == 1

    assert "is running already" in capsys.readouterr().err
    assert folders(data) == ["postgres", "valkey", "venv"]
