"""The repository's own rules: every check of `make lint` is a test here."""

import pytest

from alliance_health.local import checks


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.name.replace(" ", "-"))
def test_house_keeps_its_rules(check: checks.Check) -> None:
    passed, said = check.run()

    assert passed, said
