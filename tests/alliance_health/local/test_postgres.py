import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from alliance_health.local import postgres, processes
from alliance_health.local.bootstrap import CannotStartError


@contextmanager
def running(data_dir: Path) -> Iterator[postgres.Server]:
    server = postgres.prepare(data_dir, log=data_dir.parent / "postgres.log", fast=True)
    process = processes.start(server.program)
    try:
        postgres.wait_until_ready(server, process)
        yield server
    finally:
        processes.stop(server.program, process)
        postgres.forget_socket_dir(server)


def ask(server: postgres.Server, question: str) -> object:
    with psycopg.connect(server.url(), autocommit=True) as session:
        row = session.execute(question).fetchone()
    assert row is not None
    return row[0]


def write(server: postgres.Server) -> None:
    with psycopg.connect(server.url(), autocommit=True) as session:
        session.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        session.execute("CHECKPOINT")


def test_postgres_starts_empty_and_keeps_its_data(tmp_path: Path) -> None:
    with running(tmp_path / "postgres") as server:
        assert ask(server, "SHOW server_version").__str__().startswith("18.")
        assert ask(server, "SELECT 'a' < 'B'") is False  # by code point, on every machine
        write(server)

    with running(tmp_path / "postgres") as server:
        assert ask(server, "SELECT answer FROM kept") == 42


def test_postgres_starts_after_a_crash_whose_number_belongs_to_a_stranger(tmp_path: Path) -> None:
    with running(tmp_path / "postgres") as server:
        write(server)
        note = (server.data_dir / "postmaster.pid").read_text()
    # As after the power went: the note is left, and this very process has the number now.
    _, _, rest = note.partition("\n")
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{rest}")

    with running(tmp_path / "postgres") as server:
        assert ask(server, "SELECT answer FROM kept") == 42


def test_postgres_of_a_killed_start_is_stopped_first(tmp_path: Path) -> None:
    data_dir = tmp_path / "postgres"
    orphan = postgres.prepare(data_dir, log=tmp_path / "log", fast=True)
    process = processes.start(orphan.program)
    postgres.wait_until_ready(orphan, process)

    with running(data_dir) as server:
        assert server.notes[-1] == "A PostgreSQL of an earlier start was still running: stopped it."

    assert process.wait(timeout=5) == 0


def test_postgres_never_uses_half_a_data_folder(tmp_path: Path) -> None:
    data_dir = tmp_path / "postgres"
    (tmp_path / "postgres.making").mkdir()
    (tmp_path / "postgres.making" / "PG_VERSION").write_text("18\n")
    data_dir.mkdir()
    (data_dir / "base").mkdir()

    with running(data_dir) as server:
        assert ask(server, "SELECT 1") == 1

    aside = next(tmp_path.glob("postgres.broken-*"))
    assert [path.name for path in aside.iterdir()] == ["base"]
    assert not (tmp_path / "postgres.making").exists()


def test_postgres_refuses_data_of_another_version(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("16\n")

    with pytest.raises(CannotStartError, match=r"is of PostgreSQL 16, this is 18"):
        postgres.prepare(tmp_path / "postgres", log=tmp_path / "log")


def test_postgres_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = postgres.prepare(tmp_path / "postgres", log=tmp_path / "log", fast=True)
    (tmp_path / "postgres" / "global" / "pg_control").unlink()
    process = processes.start(server.program)

    with pytest.raises(CannotStartError, match=r"(?s)PostgreSQL ended while starting:.*pg_control"):
        postgres.wait_until_ready(server, process)


def test_postgres_answers_below_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 20)
    deep.mkdir()

    with running(deep / "postgres") as server:
        assert len(str(server.socket_dir)) < 60
        assert ask(server, "SELECT 1") == 1

    assert not server.socket_dir.exists()
