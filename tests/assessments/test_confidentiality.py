"""What is published tells nothing of single people, whoever asks: attacks on random assessments.

`make bench-trust` makes ten thousand of them.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from assessments import scoring
from assessments.scoring import change
from tests import attacker

ASSESSMENTS = 200
GROUPS = 60
BATCHES = 8  # so that a failure names few seeds, and two processes share the work


@pytest.mark.parametrize("part", range(BATCHES))
def test_no_combination_of_published_numbers_isolates_anybody(part: int) -> None:
    seeds = range(part, ASSESSMENTS, BATCHES)

    found = {
        seed: attacker.isolated(attacker.random_alliance(np.random.default_rng(seed)))
        for seed in seeds
    }

    assert {seed: told for seed, told in found.items() if told} == {}


@pytest.mark.parametrize("part", range(BATCHES))
def test_nothing_published_is_explained_by_one_answer_alone(part: int) -> None:
    seeds = range(part, GROUPS, BATCHES)

    found = {
        seed: attacker.given_away(*attacker.random_group(np.random.default_rng(seed)))
        for seed in seeds
    }

    assert {seed: told[:1] for seed, told in found.items() if told} == {}


# --- the attacks work: each finds somebody as soon as its protection is taken away ----------------
def isolated_in_some(veil: attacker.Veil, seeds: int = 40) -> bool:
    return any(
        attacker.isolated(attacker.random_alliance(np.random.default_rng(seed)), veil)
        for seed in range(seeds)
    )


def test_without_the_veil_people_are_isolated() -> None:
    assert isolated_in_some(attacker.no_veil)


def test_without_the_veil_answers_are_given_away() -> None:
    group = attacker.random_group(np.random.default_rng(1))

    assert attacker.given_away(*group, attacker.no_veil) != []


def all_true(kind: Callable[..., Any]) -> Callable[..., Any]:
    """Let a rule of what may be shown say yes to everything."""

    def always(*given: Any) -> Any:
        return np.ones_like(kind(*given))

    return always


@pytest.mark.parametrize("rule", ["_tells_nobody", "_compares_alike"])
def test_without_a_rule_about_two_quarters_people_are_isolated(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change, rule, all_true(getattr(change, rule)))

    assert isolated_in_some(scoring.veil, seeds=400)


def test_an_attacker_below_the_limit_is_found_by_hand() -> None:
    """Of b only two could tell: the alliance's number less what a said is the mean of the two."""
    item = scoring.ItemSpec("d")
    dimension = scoring.DimensionSpec("d", Decimal(1), (item,))
    said: dict[str, scoring.Answer] = {
        "a1": 2, "a2": 3, "a3": 5, "b1": 1, "b2": 4, "b3": scoring.NOT_APPLICABLE,
    }  # fmt: skip
    quarter = attacker.Quarter(
        parameters=scoring.Parameters(),
        rubric=scoring.RubricSpec("1", (scoring.PillarSpec("p", Decimal(1), (dimension,)),)),
        raters=tuple(scoring.Rater(name, name[0], {"d": a}) for name, a in said.items()),
        evidence={},
        minimum=3,
    )
    alliance = attacker.Alliance(("a", "b"), (quarter,))

    told = dict(attacker.isolated(alliance, attacker.no_veil))

    assert told["insider a"] == frozenset({"b1", "b2"})
    assert attacker.isolated(alliance) == []
