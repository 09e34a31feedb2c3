from decimal import Decimal

import numpy as np
import pytest

from assessments.scoring import (
    EvidenceSpec,
    MetricSpec,
    PillarSpec,
    Rater,
    Result,
    RubricSpec,
    score,
    shape_of,
)
from assessments.scoring.aggregate import Outline, outline
from tests.assessments.scoring.examples import PARAMETERS, dimension, rubric

TREE = RubricSpec(
    "test",
    (
        PillarSpec(
            "p", Decimal("0.4"), (dimension("a", weight="0.5"), dimension("b", weight="0.5"))
        ),
        PillarSpec("q", Decimal("0.6"), (dimension("c"),)),
    ),
)


def outlined(tree: RubricSpec, *sides: str, weights: tuple[Decimal, ...] = ()) -> Outline:
    """Return the outline of one alliance; each side by the names of the dimensions that it has."""
    present = np.array([[[d.id in side for side in sides]] for d in tree.dimensions])
    with np.errstate(divide="ignore", invalid="ignore"):
        return outline(shape_of(PARAMETERS, tree, len(sides), weights), present)


def there(tree: RubricSpec, found: Outline) -> list[str]:
    return [node.key for node, has in zip(tree.nodes, found.there[:, 0], strict=True) if has]


def test_outline_of_a_whole_rubric() -> None:
    found = outlined(TREE, "abc", "abc")

    assert found.there.all()
    assert found.sides.tolist() == [[[0.5, 0.5]]] * 3
    assert [shares[:, 0].tolist() for shares in found.shares] == [
        *[[1]] * 3,
        [0.5, 0.5],
        [1],
        [0.2, 0.2, 0.6],
    ]


def test_outline_drops_a_pillar_with_just_half_of_its_weight_and_then_the_overall() -> None:
    found = outlined(TREE, "abc", "ac")

    assert there(TREE, found) == ["dimension:a", "dimension:c", "pillar:q"]
    assert found.sides[:, 0].tolist() == [[0.5, 0.5], [0, 0], [0.5, 0.5]]
    assert [shares[:, 0].tolist() for shares in found.shares[3:]] == [[0, 0], [1], [0, 0, 0]]


def test_outline_keeps_a_pillar_with_more_than_half_of_its_weight() -> None:
    heavy = rubric(dimension("a", weight="0.51"), dimension("b", weight="0.49"))

    found = outlined(heavy, "ab", "a")

    assert there(heavy, found) == ["dimension:a", "pillar:pillar", "overall"]
    assert [shares[:, 0].tolist() for shares in found.shares[2:]] == [[1, 0], [1, 0]]


def test_outline_takes_the_sides_weights() -> None:
    found = outlined(rubric(dimension("a")), "a", "a", "", weights=tuple(map(Decimal, "215")))

    assert found.sides[0, 0].tolist() == [2 / 3, 1 / 3, 0]


def people(**levels: dict[str, int]) -> list[Rater]:
    """Make one rater a side, who gives all items of a dimension the same level."""
    return [
        Rater(side, side, {f"{name}{n}": level for name, level in own.items() for n in (1, 2, 3)})
        for side, own in levels.items()
    ]


def value(result: Result, key: str) -> float:
    found = result.nodes[key].score
    assert found is not None
    return found.value


def test_sides_count_alike_whatever_their_numbers() -> None:
    north = [Rater(f"n{n}", "north", {"a1": 5, "a2": 5, "a3": 5}) for n in range(12)]
    south = people(south={"a": 1})

    result = score(PARAMETERS, rubric(dimension("a")), ("north", "south"), [*north, *south])

    assert value(result, "overall") == 50


def test_node_values_by_hand_with_evidence() -> None:
    metric = MetricSpec("m", 0, 100)
    tree = rubric(dimension("a", evidence=EvidenceSpec(Decimal("0.2"), (metric,))))
    both = people(north={"a": 4}, south={"a": 3})

    result = score(PARAMETERS, tree, ("north", "south"), both, evidence={"m": 78.333333})

    for key in result.nodes:
        assert value(result, key) == pytest.approx(0.8 * 62.5 + 0.2 * 78.333333)


def test_node_coefficients_weigh_the_means_to_the_value() -> None:
    three = people(
        north={"a": 5, "b": 4, "c": 3}, south={"a": 1, "b": 2, "c": 2}, west={"a": 4, "c": 1}
    )

    result = score(PARAMETERS, TREE, ("north", "south", "west"), three)

    overall = result.nodes["overall"].score
    assert overall is not None
    assert overall.coefficients["west"] == pytest.approx({"a": 0.4 * 0.5 / 3, "c": 0.2})
    for node in result.nodes.values():
        assert node.score is not None
        assert node.score.value == pytest.approx(
            sum(
                coefficient * result.survey.means[side][name]
                for side, own in node.score.coefficients.items()
                for name, coefficient in own.items()
            )
        )


def test_node_coefficients_leave_the_evidence_its_share() -> None:
    metric = MetricSpec("m", 0, 100)
    tree = rubric(dimension("a", evidence=EvidenceSpec(Decimal("0.25"), (metric,))))
    both = people(north={"a": 5}, south={"a": 1})

    for known, share in ((50.0, 0.375), (None, 0.5)):
        nodes = score(PARAMETERS, tree, ("north", "south"), both, evidence={"m": known}).nodes
        found = nodes["dimension:a"].score
        assert found is not None
        assert found.coefficients == {"north": {"a": share}, "south": {"a": share}}
