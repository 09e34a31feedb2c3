from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from alliance_health.local import processes, valkey
from alliance_health.local.bootstrap import CannotStartError


@contextmanager
def running(data_dir: Path, *, keep: bool = True) -> Iterator[valkey.Server]:
    server = valkey.prepare(data_dir, log=data_dir.parent / "valkey.log", keep=keep)
    process = processes.start(server.program)
    try:
        valkey.wait_until_ready(server, process)
        yield server
    finally:
        processes.stop(server.program, process)


def test_valkey_keeps_what_is_queued(tmp_path: Path) -> None:
    with running(tmp_path / "valkey") as server, redis.Redis.from_url(server.url) as client:
        client.rpush("queue", "one", "two")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}

    with running(tmp_path / "valkey") as server, redis.Redis.from_url(server.url) as client:
        assert client.lrange("queue", 0, -1) == [b"one", b"two"]


def test_valkey_for_tests_keeps_nothing(tmp_path: Path) -> None:
    with (
        running(tmp_path / "valkey", keep=False) as server,
        redis.Redis.from_url(server.url) as client,
    ):
        client.set("key", "value")

    assert [path.name for path in (tmp_path / "valkey").iterdir()] == ["valkey.conf"]


def test_valkey_answers_nobody_without_the_password(tmp_path: Path) -> None:
    with running(tmp_path / "valkey", keep=False) as server:
        port = urlsplit(server.url).port
        assert port is not None
        with (
            redis.Redis(host="127.0.0.1", port=port, retry=Retry(NoBackoff(), 0)) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()

    assert (tmp_path / "valkey" / "valkey.conf").stat().st_mode & 0o077 == 0


def test_valkey_whose_data_is_broken_says_so_and_starts_without(tmp_path: Path) -> None:
    data_dir = tmp_path / "valkey"
    with running(data_dir) as server, redis.Redis.from_url(server.url) as client:
        client.rpush("queue", "one")
    for part in (data_dir / "appendonlydir").iterdir():
        part.write_bytes(b"this is no queue")

    with pytest.raises(CannotStartError, match="Valkey ended while starting"), running(data_dir):
        pass
    aside = valkey.put_data_aside(data_dir)

    assert (aside / "appendonlydir").is_dir()
    with running(data_dir) as server, redis.Redis.from_url(server.url) as client:
        assert client.lrange("queue", 0, -1) == []
