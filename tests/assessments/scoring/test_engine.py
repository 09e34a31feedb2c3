"""The whole way: what is missing, what is incomplete, what is flagged."""

from decimal import Decimal

import pytest

from assessments.scoring import (
    Band,
    EvidenceSpec,
    GapVerdict,
    InputProblem,
    MetricSpec,
    PillarSpec,
    Quarter,
    Rater,
    RubricSpec,
    Status,
    score,
)
from assessments.scoring.results import DimensionEvidence, Score
from tests.assessments.scoring.examples import (
    MEETINGS,
    PARAMETERS,
    SCHEDULE,
    answers_to,
    dimension,
    near,
    raters,
    rubric,
)

WITH_EVIDENCE = rubric(dimension("a", evidence=EvidenceSpec(Decimal("0.2"), (SCHEDULE, MEETINGS))))
NORTH = raters("north", "443", "454", "343", "454")
SOUTH = raters("south", "332", "3N3", "432")
SIDES = ("north", "south")


def test_score_by_hand() -> None:
    result = score(
        PARAMETERS,
        WITH_EVIDENCE,
        SIDES,
        (*NORTH, *SOUTH),
        evidence={SCHEDULE.id: 72, MEETINGS.id: 5},
    )

    node = result.nodes["dimension:a"]
    assert node.score is not None
    assert (node.status, node.n, node.lacks_evidence) == (Status.OK, 7, False)
    assert node.score.value == pytest.approx(63.722222, abs=1e-6)
    assert node.score.se == pytest.approx(5.143459, abs=1e-6)
    assert (node.score.shown.low, node.score.shown.high) == pytest.approx(
        (52.572186, 74.872259), abs=1e-6
    )
    assert (node.score.band, node.score.is_provisional) == (Band.AMBER, False)
    assert node.score.band_probability == pytest.approx(0.867770, abs=1e-6)
    assert result.evidence == {
        "a": DimensionEvidence(
            people_say=near(60.069444),
            evidence_says=near(78.333333),
            disagree=False,
            metrics={SCHEDULE.id: 80, MEETINGS.id: 75},
        )
    }


def test_score_without_evidence_is_what_people_say_and_says_so() -> None:
    result = score(PARAMETERS, WITH_EVIDENCE, SIDES, (*NORTH, *SOUTH), evidence={SCHEDULE.id: None})

    assert {key: node.score.value for key, node in result.nodes.items() if node.score} == (
        pytest.approx(dict.fromkeys(result.nodes, 60.069444))
    )
    assert [node.lacks_evidence for node in result.nodes.values()] == [True, True, True]
    assert [node.status for node in result.nodes.values()] == [Status.OK] * 3
    assert result.evidence["a"].evidence_says is None
    assert result.evidence["a"].metrics == {SCHEDULE.id: None, MEETINGS.id: None}


def test_score_flags_people_and_evidence_20_points_apart() -> None:
    result = score(PARAMETERS, WITH_EVIDENCE, SIDES, (*NORTH, *SOUTH), evidence={SCHEDULE.id: 9})

    assert result.evidence["a"].disagree is True


def test_score_with_one_side_is_insufficient() -> None:
    result = score(PARAMETERS, WITH_EVIDENCE, SIDES, NORTH, evidence={SCHEDULE.id: 72})

    assert {key: (node.status, node.score) for key, node in result.nodes.items()} == dict.fromkeys(
        result.nodes, (Status.INSUFFICIENT, None)
    )
    assert {key: list(node.sides) for key, node in result.nodes.items()} == {
        "dimension:a": ["north"],
        "pillar:pillar": [],
        "overall": [],
    }
    assert result.nodes["dimension:a"].gaps == ()
    assert result.evidence["a"].disagree is False


def test_score_of_nobody_is_insufficient() -> None:
    result = score(PARAMETERS, WITH_EVIDENCE, SIDES, ())

    assert {node.status for node in result.nodes.values()} == {Status.INSUFFICIENT}
    assert result.survey.means == {"north": {}, "south": {}}


def test_score_that_lacks_a_side_is_incomplete() -> None:
    result = score(PARAMETERS, WITH_EVIDENCE, (*SIDES, "west"), (*NORTH, *SOUTH))

    overall = result.nodes["overall"]
    assert overall.score is not None
    assert overall.score.value == pytest.approx(60.069444)
    assert (overall.status, overall.is_incomplete) == (Status.INCOMPLETE, True)
    assert [gap.name for gap in overall.gaps] == ["north minus south"]


def test_score_that_lacks_a_dimension_is_incomplete_and_above_it_counts_the_rest() -> None:
    tree = rubric(dimension("a", weight="0.6"), dimension("b", 1, weight="0.4"))
    people = (*NORTH[:3], Rater("n9", "north", {"b1": 5}), *SOUTH)

    result = score(PARAMETERS, tree, SIDES, people)

    assert {key: node.status for key, node in result.nodes.items()} == {
        "dimension:a": Status.OK,
        "dimension:b": Status.INSUFFICIENT,
        "pillar:pillar": Status.INCOMPLETE,
        "overall": Status.INCOMPLETE,
    }
    assert _value(result.nodes["overall"].score) == _value(result.nodes["dimension:a"].score)
    assert result.nodes["overall"].n_by_side == {"north": 3, "south": 3}
    assert list(result.nodes["dimension:b"].sides) == ["north"]


def test_score_without_a_pillar_has_no_overall() -> None:
    tree = RubricSpec(
        "test",
        (
            PillarSpec("p", Decimal(1), (dimension("a"),)),
            PillarSpec("q", Decimal(1), (dimension("b"),)),
        ),
    )

    result = score(PARAMETERS, tree, SIDES, (*NORTH, *SOUTH))

    assert {key: node.status for key, node in result.nodes.items()} == {
        "dimension:a": Status.OK,
        "dimension:b": Status.INSUFFICIENT,
        "pillar:p": Status.OK,
        "pillar:q": Status.INSUFFICIENT,
        "overall": Status.INSUFFICIENT,
    }


def test_a_side_that_lacks_a_dimension_has_an_incomplete_view_of_the_pillar() -> None:
    tree = rubric(dimension("a", 1, weight="0.6"), dimension("b", 1, weight="0.4"))
    people = [
        Rater("n", "north", {"a1": 5, "b1": 1}),
        Rater("s", "south", {"a1": 5, "b1": 1}),
        Rater("w", "west", {"a1": 5}),
    ]

    views = score(PARAMETERS, tree, ("north", "south", "west"), people).nodes["overall"].sides

    assert {side: (view.value, view.is_incomplete) for side, view in views.items()} == {
        "north": (pytest.approx(60), False),
        "south": (pytest.approx(60), False),
        "west": (100, True),
    }


def test_score_reads_reversed_items_backwards() -> None:
    tree = rubric(dimension("a", reverse=[1, 2, 3]))

    result = score(PARAMETERS, tree, SIDES, (*raters("north", "111"), *raters("south", "111")))

    assert _value(result.nodes["overall"].score) == 100


def test_score_weighs_sides_as_the_rubric_says() -> None:
    people = (*raters("north", "5"), *raters("south", "1"))

    result = score(PARAMETERS, rubric(dimension("a", 1), north="3"), SIDES, people)

    assert _value(result.nodes["overall"].score) == 75


def test_sides_of_one_rater_each_have_the_prior_for_their_spread() -> None:
    people = (*raters("north", "4"), *raters("south", "4"))

    overall = score(PARAMETERS, rubric(dimension("a", 1)), SIDES, people).nodes["overall"]

    assert overall.score is not None
    assert (overall.score.value, overall.score.df) == (75, 8)
    assert overall.score.se == pytest.approx(200**0.5)
    assert overall.score.is_provisional is True
    assert overall.gaps[0].verdict is GapVerdict.CANNOT_TELL


def test_many_raters_of_one_mind_are_aligned() -> None:
    people = (*raters("north", *"4" * 40), *raters("south", *"4" * 40))

    overall = score(PARAMETERS, rubric(dimension("a", 1)), SIDES, people).nodes["overall"]

    assert overall.gaps[0].verdict is GapVerdict.ALIGNED


def test_a_shown_gap_never_has_a_hidden_side() -> None:
    result = score(PARAMETERS, WITH_EVIDENCE, SIDES, (*NORTH, *SOUTH[:2]))

    overall = result.nodes["overall"]
    assert {side: view.is_hidden for side, view in overall.sides.items()} == {
        "north": True,
        "south": True,
    }
    assert [gap.is_shown for gap in overall.gaps] == [False]


def test_score_keeps_an_earlier_band_within_the_margin() -> None:
    result = score(
        PARAMETERS,
        WITH_EVIDENCE,
        SIDES,
        (*raters("north", "444"), *raters("south", "443")),
        previous_bands={"overall": Band.AMBER},
    )

    overall = result.nodes["overall"].score
    assert overall is not None
    assert (overall.band_without_history, overall.band) == (Band.GREEN, Band.AMBER)


def test_score_compares_with_the_earlier_quarter() -> None:
    metric = MetricSpec("m", 0, 100)
    tree = rubric(dimension("a", evidence=EvidenceSpec(Decimal("0.2"), (metric,))))
    people = (*raters("north", "444", "444", "444"), *raters("south", "333", "333"))
    before = Quarter(
        (*raters("north", "333", "333", "333"), *raters("south", "222", "222", "222")), {"m": 50}
    )

    result = score(PARAMETERS, tree, SIDES, people, evidence={"m": 60}, before=before)

    overall = result.nodes["overall"]
    assert overall.change is not None
    assert result.before is not None
    assert _value(result.before["overall"]) == pytest.approx(0.8 * 37.5 + 0.2 * 50)
    assert overall.change.value == pytest.approx(
        _value(overall.score) - _value(result.before["overall"])
    )
    assert overall.change.evidence == pytest.approx(2)
    assert (overall.change.returned, overall.change.returning_only) == (5, near(22))
    assert overall.change_is_shown is True
    assert overall.change_sides_hidden == ("north", "south")


def test_score_shows_no_change_from_a_quarter_with_too_few() -> None:
    before = Quarter((*NORTH[:2], *SOUTH[:1]))

    result = score(PARAMETERS, WITH_EVIDENCE, SIDES, (*NORTH, *SOUTH), before=before)

    assert result.nodes["overall"].change is not None
    assert result.nodes["overall"].change_is_shown is False


def test_score_refuses_a_band_for_nothing() -> None:
    with pytest.raises(InputProblem, match="There is an earlier band for pillar:x"):
        score(PARAMETERS, WITH_EVIDENCE, SIDES, (), previous_bands={"pillar:x": Band.RED})


def test_score_refuses_raters_that_do_not_fit() -> None:
    with pytest.raises(InputProblem, match="Rater n answered z1"):
        score(PARAMETERS, WITH_EVIDENCE, SIDES, [Rater("n", "north", answers_to("z", "3"))])


def _value(found: Score | None) -> float:
    assert found is not None
    return found.value
