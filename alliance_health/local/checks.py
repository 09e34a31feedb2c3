"""The checks of the code itself: `make lint` runs them, and the house tests one by one."""

import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from alliance_health.local import paths

# What a production process needs to start, with values made up for the check.
PRODUCTION = {
    "ENVIRONMENT": "production",
    "DEBUG": "0",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "",  # the browser tests set it in the shell that runs this
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "PSEUDONYM_KEY": secrets.token_urlsafe(60),
    "SITE_URL": "https://alliances.example.org",
    "ALLOWED_HOSTS": "alliances.example.org",
    "EMAIL_URL": "submission://mail.example.org:587",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One tool run over the whole project."""

    name: str
    command: tuple[str, ...]
    in_production: bool = False

    def run(self) -> tuple[bool, str]:
        """Run it; return whether it passed, and what it said."""
        program, *arguments = self.command
        result = subprocess.run(
            [str(Path(sys.executable).with_name(program)), *arguments],
            cwd=paths.PROJECT_DIR,
            env={**os.environ, **(PRODUCTION if self.in_production else {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return result.returncode == 0, result.stdout


CHECKS = (
    Check("rules of style", ("ruff", "check", "--no-cache", ".")),
    Check("format", ("ruff", "format", "--no-cache", "--check", ".")),
    Check("types", ("mypy", ".")),
    Check("import contract", ("lint-imports", "--no-cache")),
    Check("migrations complete", ("python", "manage.py", "makemigrations", "--check", "--dry-run")),
    Check(
        "safe in production",
        ("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        in_production=True,
    ),
)


def run_all() -> int:
    """Run every check, print what each says; return how many failed."""
    failed = 0
    for check in CHECKS:
        passed, said = check.run()
        print(f"{'ok    ' if passed else 'FAILED'}  {check.name}", flush=True)
        if not passed:
            failed += 1
            print(said, flush=True)
    return failed
