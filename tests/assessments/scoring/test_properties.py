"""What holds for every alliance, tried on many."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.scoring import (
    NOT_APPLICABLE,
    Answer,
    DimensionSpec,
    EvidenceSpec,
    ItemSpec,
    MetricSpec,
    PillarSpec,
    Quarter,
    Rater,
    RubricSpec,
    inputs_digest,
    score,
)
from assessments.scoring.cases import result_json
from tests.assessments.scoring.examples import PARAMETERS

SIDES = ("east", "north", "south", "west")


def tree(scale: Decimal = Decimal(1), *, with_evidence: bool = True) -> RubricSpec:
    """Make a rubric with uneven weights, all of them multiplied by the scale."""

    def dimension(name: str, weight: str, items: str, metrics: int = 0) -> DimensionSpec:
        return DimensionSpec(
            name,
            scale * Decimal(weight),
            tuple(
                ItemSpec(f"{name}{number}", scale * Decimal(item))
                for number, item in enumerate(items.split(), start=1)
            ),
            EvidenceSpec(
                Decimal("0.25"),
                tuple(
                    MetricSpec(f"{name} {number}", 0, 100, scale * number)
                    for number in range(1, metrics + 1)
                ),
            )
            if metrics and with_evidence
            else None,
        )

    return RubricSpec(
        "test",
        (
            PillarSpec(
                "p",
                scale * Decimal("0.35"),
                (
                    dimension("a", "0.3", "1 1 1", metrics=2),
                    dimension("b", "0.3", "0.2 0.3 0.7"),
                    dimension("c", "0.4", "1"),
                ),
            ),
            PillarSpec("q", scale * Decimal("0.65"), (dimension("d", "1", "3 7", metrics=1),)),
        ),
    )


TREE = tree()
ITEMS = sorted(TREE.item_ids)
METRICS = ("a 1", "a 2", "d 1")

answers: st.SearchStrategy[Answer] = st.sampled_from([1, 2, 3, 4, 5, None, NOT_APPLICABLE])


@st.composite
def people(
    draw: st.DrawFn, *, fewest: int = 0, answer: st.SearchStrategy[Answer] = answers
) -> list[Rater]:
    """Draw raters for two to four sides."""
    sides = SIDES[: draw(st.integers(2, 4))]
    return [
        Rater(
            f"{side}{number}",
            side,
            {item: draw(answer) for item in ITEMS},
            protected=draw(st.booleans()),
        )
        for side in sides
        for number in range(draw(st.integers(fewest, 4)))
    ]


evidence = st.fixed_dictionaries(
    {metric: st.none() | st.floats(-50, 150, allow_nan=False) for metric in METRICS}
)


@given(people(), evidence)
def test_scores_and_intervals_lie_between_0_and_100(
    raters: list[Rater], found: dict[str, float | None]
) -> None:
    result = score(PARAMETERS, TREE, SIDES, raters, evidence=found)

    for node in result.nodes.values():
        if node.score is not None:
            shown = node.score.shown
            assert 0 <= shown.low <= node.score.value <= shown.high <= 100
            assert 0 <= node.score.band_probability <= 1
            assert node.score.se > 0
        for view in node.sides.values():
            assert 0 <= view.shown.low <= view.value <= view.shown.high <= 100


@given(people(fewest=1, answer=st.just(5)))
def test_all_fives_are_exactly_100(raters: list[Rater]) -> None:
    result = score(PARAMETERS, tree(with_evidence=False), SIDES, raters)

    assert {node.score and node.score.value for node in result.nodes.values()} == {100.0}


@given(people(), people(), evidence, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_rows_changes_no_digit(
    raters: list[Rater], before: list[Rater], found: dict[str, float | None], chance: object
) -> None:
    shuffled = [_shuffled_answers(rater, chance) for rater in raters]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    shuffled_before = before[::-1]
    shuffled_evidence = dict(reversed(found.items()))

    first = score(
        PARAMETERS, TREE, SIDES, raters, evidence=found, before=Quarter(tuple(before), found)
    )
    second = score(
        PARAMETERS,
        TREE,
        SIDES,
        shuffled,
        evidence=shuffled_evidence,
        before=Quarter(tuple(shuffled_before), shuffled_evidence),
    )

    assert first == second
    assert json.dumps(result_json(first)) == json.dumps(result_json(second))
    assert inputs_digest(PARAMETERS, TREE, SIDES, raters, evidence=found) == inputs_digest(
        PARAMETERS, TREE, SIDES, shuffled, evidence=shuffled_evidence
    )


def _shuffled_answers(rater: Rater, chance: object) -> Rater:
    pairs = list(rater.answers.items())
    chance.shuffle(pairs)  # type: ignore[attr-defined]
    return replace(rater, answers=dict(pairs))


@given(people(), st.decimals("0.001", "1000", places=3))
def test_the_scale_of_weights_changes_no_digit(raters: list[Rater], scale: Decimal) -> None:
    assert score(PARAMETERS, tree(scale), SIDES, raters) == score(PARAMETERS, TREE, SIDES, raters)


@given(people(fewest=1), st.data())
def test_a_better_answer_never_lowers_a_score(raters: list[Rater], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(raters) - 1))
    item = data.draw(st.sampled_from(ITEMS))
    rater = raters[place]
    answered = rater.answers[item]
    better = 5 if not isinstance(answered, int) else min(answered + 1, 5)
    lower = [*raters[:place], replace(rater, answers={**rater.answers, item: better - 1})]
    higher = [*raters[:place], replace(rater, answers={**rater.answers, item: better})]

    worse = score(PARAMETERS, TREE, SIDES, [*lower, *raters[place + 1 :]])
    best = score(PARAMETERS, TREE, SIDES, [*higher, *raters[place + 1 :]])

    for key, node in worse.nodes.items():
        improved = best.nodes[key].score
        if node.score is None:
            assert improved is None
        else:
            assert improved is not None
            assert improved.value >= node.score.value - 1e-9


@given(people(), evidence)
def test_a_parent_is_the_weighted_mean_of_its_children(
    raters: list[Rater], found: dict[str, float | None]
) -> None:
    nodes = score(PARAMETERS, TREE, SIDES, raters, evidence=found).nodes

    for pillar in TREE.pillars:
        parent = nodes[f"pillar:{pillar.id}"].score
        if parent is not None:
            children = [
                (child.value, float(dimension.weight))
                for dimension in pillar.dimensions
                if (child := nodes[f"dimension:{dimension.id}"].score) is not None
            ]
            assert parent.value == pytest.approx(_mean(children))
    if (overall := nodes["overall"].score) is not None:
        pillars = [
            (child.value, float(pillar.weight))
            for pillar in TREE.pillars
            if (child := nodes[f"pillar:{pillar.id}"].score) is not None
        ]
        assert len(pillars) == len(TREE.pillars)
        assert overall.value == pytest.approx(_mean(pillars))


def _mean(pairs: list[tuple[float, float]]) -> float:
    return sum(value * weight for value, weight in pairs) / sum(weight for _, weight in pairs)


@given(people(fewest=1, answer=st.sampled_from([2, 3, 4])))
def test_more_raters_of_the_same_answers_make_narrower_intervals(raters: list[Rater]) -> None:
    twice = [*raters, *(replace(rater, id=f"{rater.id} again") for rater in raters)]

    once = score(PARAMETERS, TREE, SIDES, raters)
    doubled = score(PARAMETERS, TREE, SIDES, twice)

    for key, node in once.nodes.items():
        found = doubled.nodes[key].score
        assert node.score is not None
        assert found is not None
        assert found.value == pytest.approx(node.score.value)
        assert found.se < node.score.se
        assert found.shown.width < node.score.shown.width


@given(people())
def test_a_side_is_never_hidden_alone_and_never_in_a_shown_gap(raters: list[Rater]) -> None:
    result = score(PARAMETERS, TREE, SIDES, raters)

    for node in result.nodes.values():
        hidden = node.publication.sides_hidden
        if node.score is not None:
            assert len(hidden) != 1
        assert {side for side, view in node.sides.items() if view.is_hidden} <= set(hidden)
        if any(view.is_hidden for view in node.sides.values()):
            assert not any(gap.is_shown for gap in node.gaps)


@given(people())
def test_what_is_hidden_below_is_hidden_above(raters: list[Rater]) -> None:
    result = score(PARAMETERS, TREE, SIDES, raters)

    overall = set(result.nodes["overall"].publication.sides_hidden)
    for pillar in TREE.pillars:
        above = set(result.nodes[f"pillar:{pillar.id}"].publication.sides_hidden)
        assert above <= overall
        for dimension in pillar.dimensions:
            node = result.nodes[f"dimension:{dimension.id}"]
            if node.score is not None:
                assert set(node.publication.sides_hidden) <= above


@given(people(fewest=1), evidence)
def test_the_same_quarter_twice_is_no_change(
    raters: list[Rater], found: dict[str, float | None]
) -> None:
    result = score(
        PARAMETERS, TREE, SIDES, raters, evidence=found, before=Quarter(tuple(raters), found)
    )

    for node in result.nodes.values():
        if node.score is not None:
            assert node.change is not None
            assert (node.change.value, node.change.returning_only) == (0, 0)
            assert node.change.returned == node.n
            assert node.change.se > 0
