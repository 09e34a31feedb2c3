from decimal import Decimal

import pytest

from assessments.scoring import PillarSpec, RubricSpec
from assessments.scoring.aggregate import (
    Outline,
    node_coefficients,
    node_values,
    outline,
    survey_values,
    weigh,
)
from assessments.scoring.evidence import Evidence
from tests.assessments.scoring.examples import dimension, rubric

TREE = RubricSpec(
    "test",
    (
        PillarSpec(
            "p", Decimal("0.4"), (dimension("a", weight="0.5"), dimension("b", weight="0.5"))
        ),
        PillarSpec("q", Decimal("0.6"), (dimension("c"),)),
    ),
)


def test_outline_of_a_whole_rubric() -> None:
    means = {side: {"a": 50.0, "b": 50.0, "c": 50.0} for side in ("south", "north")}
    half = {"north": 0.5, "south": 0.5}

    assert outline(TREE, means) == Outline(
        sides={"a": half, "b": half, "c": half},
        pillars={"p": {"a": 0.5, "b": 0.5}, "q": {"c": 1}},
        overall={"p": 0.4, "q": 0.6},
    )


def test_outline_drops_a_pillar_with_just_half_of_its_weight_and_then_the_overall() -> None:
    means = {"north": {"a": 50.0, "b": 50.0, "c": 50.0}, "south": {"a": 50.0, "c": 50.0}}
    half = {"north": 0.5, "south": 0.5}

    assert outline(TREE, means) == Outline(
        sides={"a": half, "c": half}, pillars={"q": {"c": 1}}, overall={}
    )


def test_outline_keeps_a_pillar_with_more_than_half_of_its_weight() -> None:
    heavy = rubric(dimension("a", weight="0.51"), dimension("b", weight="0.49"))
    means = {"north": {"a": 50.0, "b": 50.0}, "south": {"a": 50.0}}

    found = outline(heavy, means)

    assert (found.pillars, found.overall) == ({"pillar": {"a": 1}}, {"pillar": 1})


def test_outline_takes_the_sides_weights_from_the_rubric() -> None:
    weighted = rubric(dimension("a"), north="2", west="5")
    means = {"north": {"a": 50.0}, "south": {"a": 50.0}}

    assert outline(weighted, means).sides == {"a": {"north": 2 / 3, "south": 1 / 3}}


def test_sides_count_alike_whatever_their_numbers() -> None:
    means = {"north": {"a": 72.916667}, "south": {"a": 47.222222}}

    found = survey_values(outline(rubric(dimension("a")), means), means)

    assert found == pytest.approx({"a": 60.0694445})


def test_node_values_by_hand_with_evidence() -> None:
    there = outline(rubric(dimension("a")), {"north": {"a": 0}, "south": {"a": 0}})
    evidence = {"a": Evidence(share=0.2, metrics={}, value=78.333333)}

    assert node_values(there, {"a": 60.069444}, evidence) == pytest.approx(
        dict.fromkeys(("dimension:a", "pillar:pillar", "overall"), 63.722222)
    )


def test_node_coefficients_weigh_the_means_to_the_value() -> None:
    means = {
        "north": {"a": 80.0, "b": 70.0, "c": 60.0},
        "south": {"a": 20.0, "b": 30.0, "c": 40.0},
        "west": {"a": 55.0, "c": 45.0},
    }
    there = outline(TREE, means)
    people_say = survey_values(there, means)

    coefficients = node_coefficients(there, {"a": 0.25})

    assert coefficients["dimension:a"] == {side: {"a": 0.25} for side in means}
    assert coefficients["overall"]["west"] == pytest.approx({"a": 0.4 * 0.5 * 0.75 / 3, "c": 0.2})
    without_evidence = node_coefficients(there, {})
    for key, value in node_values(there, people_say, {}).items():
        assert weigh(without_evidence[key], means) == pytest.approx(value)
