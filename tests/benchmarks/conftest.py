"""What a measurement may be asked for on the command line."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--alliances", type=int, default=20_000, help="alliances to score")
    parser.addoption("--workers", action="store_true", help="compare two workers with one too")
    parser.addoption("--cases", type=int, default=10_000, help="attacks and draws to try")
