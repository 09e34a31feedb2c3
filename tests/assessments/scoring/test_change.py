"""Changes worked by hand: one dimension of one item, sides a and b, A = .5, (A s0)^2 = 100."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from assessments.scoring import (
    Answer,
    ChangeVerdict,
    EvidenceSpec,
    MetricSpec,
    Parameters,
    Quarter,
    Rater,
    batch_of_one,
    score,
    score_batch,
)
from assessments.scoring.change import VERDICTS, change_verdict
from assessments.scoring.results import Change
from assessments.scoring.uncertainty import Error
from tests.assessments.scoring.examples import PARAMETERS, column, dimension, rubric

ONE_ITEM = rubric(dimension("a", 1))


def people(side: str, **levels: int) -> list[Rater]:
    return [Rater(name, side, {"a1": level}) for name, level in levels.items()]


def change(
    before: list[Rater], after: list[Rater], parameters: Parameters = PARAMETERS
) -> Change | None:
    result = score(parameters, ONE_ITEM, ("a", "b"), after, before=Quarter(tuple(before)))
    return result.nodes["overall"].change


def test_change_with_two_who_return_on_one_side_and_none_on_the_other() -> None:
    found = change(
        [*people("a", p=3, q=2), *people("b", r=3)], [*people("a", p=4, q=3), *people("b", s=3)]
    )

    assert found is not None
    rising = found.by_side["a"]
    assert (rising.value, rising.n_before, rising.n_after, rising.n_both) == (25, 2, 2, 2)
    assert (rising.covariance, rising.se2, rising.df) == (55.625, 40, 5)
    steady = found.by_side["b"]
    assert (steady.value, steady.n_before, steady.n_after, steady.n_both) == (0, 1, 1, 0)
    assert (steady.covariance, steady.se2, steady.df) == (0, 200, 4)
    assert (found.value, found.evidence) == (12.5, 0)
    assert found.se == pytest.approx(240**0.5)
    assert found.df == pytest.approx(240**2 / (40**2 / 5 + 200**2 / 4))
    assert (found.returned, found.returning_only) == (2, None)


def test_change_among_those_who_return_leaves_out_who_came_and_who_went() -> None:
    found = change(
        [*people("a", p=3, q=1), *people("b", r=3)], [*people("a", p=4, n=5), *people("b", r=4)]
    )

    assert found is not None
    assert (found.value, found.returning_only, found.returned) == (0.5 * 62.5 + 0.5 * 25, 25, 2)


@pytest.mark.parametrize(
    ("then", "now", "told_before", "may_be_told"),
    [
        ("pqr", "pqr", False, True),  # nobody came or went: it is the change itself
        ("pqrs", "pqr", False, False),  # one left
        ("pqrs", "pqrt", False, False),  # one left and one came
        ("pqrst", "pqru", False, True),  # two left and one came: three people
        ("pq", "pqrst", False, False),  # two stayed: the limit is three
        ("pqrst", "pqru", True, False),  # told a quarter ago
        ("pqr", "pqr", True, False),
    ],
)
def test_change_of_those_who_return_is_told_where_it_tells_nothing_of_few(
    then: str, now: str, told_before: bool, may_be_told: bool
) -> None:
    everybody = {"a": then, "b": "xyz"}, {"a": now, "b": "xyz"}
    before, after = (
        [
            rater
            for side, names in quarter.items()
            for rater in people(side, **dict.fromkeys(names, 3))
        ]
        for quarter in everybody
    )
    batch = batch_of_one(PARAMETERS, ONE_ITEM, ("a", "b"), after, before=Quarter(tuple(before)))
    assert batch.before is not None
    told = replace(batch.before, told_returning=np.array([told_before]))

    found = score_batch(replace(batch, before=told)).changes

    assert found is not None
    assert set(found.returning_tells_nobody.flat) == {may_be_told}


@pytest.mark.parametrize(
    ("answers", "is_rebased", "is_whole", "compares"),
    [
        ({"a1": 3, "a2": 4}, True, True, True),
        ({"a1": 3}, True, True, False),  # a part of today's questions
        ({"a1": 3, "a2": 4}, True, False, False),  # a part of those of then
        ({"a1": 3}, False, True, True),
        ({}, True, True, True),  # nothing: he counts in neither
    ],
)
def test_a_rebased_quarter_compares_where_nobody_answered_a_part(
    answers: dict[str, Answer], is_rebased: bool, is_whole: bool, compares: bool
) -> None:
    whole: dict[str, Answer] = {"a1": 2, "a2": 5}
    raters = [Rater(f"{side}{n}", side, whole) for side in "ab" for n in range(3)]
    then = (*raters, Rater("a9", "a", answers))
    tree = rubric(dimension("a", 2))
    batch = batch_of_one(PARAMETERS, tree, ("a", "b"), raters, before=Quarter(then))
    assert batch.before is not None
    before = replace(
        batch.before, is_rebased=np.array([is_rebased]), is_whole=np.array([[is_whole]])
    )

    found = score_batch(replace(batch, before=before)).changes

    assert found is not None
    assert set(found.compares_alike.flat) == {compares}


def test_covariance_is_never_below_zero() -> None:
    found = change(
        [*people("a", p=1, q=5), *people("b", r=3)], [*people("a", p=5, q=1), *people("b", r=3)]
    )

    assert found is not None
    assert found.by_side["a"].covariance == 0


def test_covariance_is_never_above_nine_tenths() -> None:
    found = change(
        [*people("a", p=3, q=2), *people("b", r=3)],
        [*people("a", p=4, q=3), *people("b", r=3)],
        Parameters(prior_r=1),
    )

    assert found is not None
    assert found.by_side["a"].covariance == pytest.approx(0.9 * 95.625)


def test_change_of_side_is_no_return() -> None:
    found = change(
        [*people("a", p=3, q=3), *people("b", r=3)], [*people("a", q=3), *people("b", p=3, r=3)]
    )

    assert found is not None
    assert {side: part.n_both for side, part in found.by_side.items()} == {"a": 1, "b": 1}


def test_change_needs_two_sides_that_answered_both_times() -> None:
    assert change([*people("a", p=3)], [*people("a", p=4), *people("b", r=3)]) is None


def test_change_compares_only_dimensions_that_both_quarters_have() -> None:
    two = rubric(dimension("a", 1, weight="0.6"), dimension("b", 1, weight="0.4"))
    sides = ("north", "south")
    before = [Rater("n", "north", {"a1": 3}), Rater("s", "south", {"a1": 3, "b1": 1})]
    after = [Rater("n", "north", {"a1": 4, "b1": 5}), Rater("s", "south", {"a1": 4, "b1": 5})]

    nodes = score(PARAMETERS, two, sides, after, before=Quarter(tuple(before))).nodes

    assert {key: node.change.value for key, node in nodes.items() if node.change} == {
        "dimension:a": 25,
        "pillar:pillar": 25,
        "overall": 25,
    }


def test_change_adds_what_the_evidence_moved_and_names_it() -> None:
    metric = MetricSpec("m", 0, 100)
    with_evidence = rubric(dimension("a", 1, evidence=EvidenceSpec(Decimal("0.2"), (metric,))))
    answered = (*people("a", p=3), *people("b", r=3))

    def moved(then: float | None) -> Change:
        before = Quarter(answered, {"m": then})
        result = score(
            PARAMETERS, with_evidence, ("a", "b"), answered, evidence={"m": 90}, before=before
        )
        found = result.nodes["overall"].change
        assert found is not None
        return found

    both, only_now = moved(40), moved(None)

    assert (both.value, both.evidence, both.returning_only) == pytest.approx((10, 10, 10))
    assert (only_now.value, only_now.evidence) == (0, 0)


@pytest.mark.parametrize(
    ("value", "se", "p", "verdict"),
    [
        (16, 6, 0.03, ChangeVerdict.IMPROVED),
        (-16, 6, 0.03, ChangeVerdict.DECLINED),
        (4, 1, 0.01, ChangeVerdict.IMPROVED),
        (14, 8, 0.1, ChangeVerdict.POSSIBLE),
        (-14, 8, 0.1, ChangeVerdict.POSSIBLE),
        (1, 3, 0.7, ChangeVerdict.STABLE),
        (9, 6, 0.15, ChangeVerdict.CANNOT_TELL),
        (30, 30, 0.4, ChangeVerdict.CANNOT_TELL),
    ],
)
def test_change_verdict(value: float, se: float, p: float, verdict: ChangeVerdict) -> None:
    error = Error(se=column(se), df=column(10))

    [found] = change_verdict(PARAMETERS, column(value), error, column(p))

    assert VERDICTS[found] is verdict
