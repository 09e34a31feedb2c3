"""Where everything made at run time lives: one git-ignored folder."""

import os
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent.parent


def local_dir() -> Path:
    """Return the folder for everything made at run time (`.local/`, or ALLIANCE_HEALTH_LOCAL)."""
    return Path(os.environ.get("ALLIANCE_HEALTH_LOCAL") or PROJECT_DIR / ".local").resolve()


def assets_dir() -> Path:
    """Return the folder of static files made from packages at set-up, made if missing."""
    folder = local_dir() / "assets" / "vendor"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
