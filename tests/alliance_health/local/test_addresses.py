import json
from pathlib import Path

import pytest

from alliance_health.local import addresses


def test_addresses_are_those_of_the_servers_that_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLIANCE_HEALTH_LOCAL", str(tmp_path))
    running = {"database_url": "postgresql://one", "redis_url": "redis://two", "programs": []}
    (tmp_path / "run.json").write_text(json.dumps(running))

    assert addresses.default_database_url() == "postgresql://one"
    assert addresses.default_redis_url() == "redis://two"


@pytest.mark.parametrize("left", [None, "", '{"database_url'])
def test_addresses_stand_also_when_nothing_runs(
    left: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLIANCE_HEALTH_LOCAL", str(tmp_path))
    if left is not None:
        (tmp_path / "run.json").write_text(left)

    assert addresses.default_database_url().startswith("postgresql://")
    assert addresses.default_redis_url().startswith("redis://")


def test_address_of_a_socket_becomes_djangos_settings() -> None:
    settings = addresses.django_database(
        "postgresql://postgres@/alliance_health?host=/a/b&port=5432"
    )

    assert {
        name: settings[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    } == {
        "NAME": "alliance_health",
        "USER": "postgres",
        "PASSWORD": "",
        "HOST": "/a/b",
        "PORT": "5432",
        "OPTIONS": {},
    }


def test_address_of_a_server_becomes_djangos_settings() -> None:
    settings = addresses.django_database(
        "postgresql://a%40b:p%2Fw@db.example:6543/x?sslmode=require"
    )

    assert {
        name: settings[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    } == {
        "NAME": "x",
        "USER": "a@b",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "6543",
        "OPTIONS": {"sslmode": "require"},
    }
