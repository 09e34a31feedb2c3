"""What every test may ask for: running programs, and a browser that is there."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from alliance_health.local import bootstrap
from tests.running import Site

# Playwright's loop runs in this thread; the tests' own queries are no coroutines.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = bootstrap.find_browser()
    if chromium is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium, or set CHROMIUM.")
    return {
        **browser_type_launch_args,
        "executable_path": chromium,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture
def site(transactional_db: None, tmp_path: Path) -> Iterator[Site]:  # noqa: ARG001  torn down after
    """A site of which nothing runs yet; what a test starts is stopped before its rows go."""
    made = Site(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def strict_page(page: Page) -> Iterator[Page]:
    """A page whose every script error, console error and broken rule of content is a failure."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: faults.append(f"{page.url}: {said.text}") if said.type == "error" else None,
    )
    yield page
    assert faults == []
