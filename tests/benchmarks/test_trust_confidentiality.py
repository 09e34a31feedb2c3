"""Ten thousand attacks on what is published: nobody may follow from it.

The attacks themselves, and that they find somebody as soon as a protection is taken away:
tests/attacker.py and tests/assessments/test_confidentiality.py.
"""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

import django
import numpy as np
import pytest

from tests import attacker

TRIED_OUT_OF = 20  # of so many cases one group is tried out in all its worlds
PROCESSES = 2
CHUNK = 50
FIRST_SEED = 1_000_000  # other cases than the ordinary tests have


def isolated(seed: int) -> tuple[int, int, int]:
    """Return how many were isolated in a case, and how many equations and answers it has."""
    alliance = attacker.random_alliance(np.random.default_rng(seed))
    equations, unknowns = attacker.equations(alliance)
    found = attacker.isolated_by(alliance, equations, unknowns)
    return len(found), len(equations), len(unknowns)


def given_away(seed: int) -> int:
    """Return how many answers are given away in a case."""
    return len(attacker.given_away(*attacker.random_group(np.random.default_rng(seed))))


@pytest.mark.timeout(7200)
def test_nobody_follows_from_what_is_published(request: pytest.FixtureRequest) -> None:
    cases = request.config.getoption("--cases")
    seeds = range(FIRST_SEED, FIRST_SEED + cases)
    groups = seeds[: max(cases // TRIED_OUT_OF, 1)]
    began_at = time.monotonic()

    # Fresh processes, not copies of this one with its threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=django.setup) as pool:
        told = list(pool.map(isolated, seeds, chunksize=CHUNK))
        tried = list(pool.map(given_away, groups, chunksize=CHUNK // 10))

    by_subtraction = {s: found for s, (found, _e, _u) in zip(seeds, told, strict=True) if found}
    by_trying = {s: found for s, found in zip(groups, tried, strict=True) if found}
    print(
        f"\n{cases:,} assessments, {sum(e for _f, e, _u in told):,} published numbers,"
        f" {sum(u for _f, _e, u in told):,} answers in confidence:"
        f" {len(by_subtraction)} with somebody isolated by subtraction\n"
        f"{len(groups):,} groups in all their worlds:"
        f" {len(by_trying)} with an answer given away\n"
        f"{time.monotonic() - began_at:.0f} s"
    )
    assert by_subtraction == {}
    assert by_trying == {}
