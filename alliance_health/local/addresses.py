"""Which database and broker a process uses when the environment names none."""

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from alliance_health.local import paths

NOTHING_RUNNING = {
    "database_url": "postgresql://postgres@127.0.0.1:5432/alliance_health",
    "redis_url": "redis://127.0.0.1:6379/0",
}


def _running() -> dict[str, str]:
    try:
        return {**NOTHING_RUNNING, **json.loads((paths.local_dir() / "run.json").read_text())}
    except (FileNotFoundError, json.JSONDecodeError):
        return NOTHING_RUNNING


def default_database_url() -> str:
    """Return the address of the PostgreSQL that `make run` started, or the usual local one."""
    return _running()["database_url"]


def default_redis_url() -> str:
    """Return the address of the Valkey that `make run` started, or the usual local one."""
    return _running()["redis_url"]


def django_database(url: str) -> dict[str, Any]:
    """Turn a postgresql:// URL into Django's database settings; a socket folder goes in ?host=."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host = query.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }
