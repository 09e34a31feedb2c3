from assessments.scoring import Parameters, Rater, RubricSpec, score
from assessments.scoring.results import Publication
from tests.assessments.scoring.examples import PARAMETERS, dimension, raters, rubric

ONE = rubric(dimension("a", 1))
SIDES = ("east", "north", "south", "west")


def published(
    *people: Rater, rubric: RubricSpec = ONE, parameters: Parameters = PARAMETERS
) -> dict[str, Publication]:
    result = score(parameters, rubric, SIDES, people)
    return {key: node.publication for key, node in result.nodes.items()}


def hidden(**numbers: int) -> tuple[str, ...]:
    """Return the hidden sides of an alliance with so many protected raters a side."""
    people = [rater for side, n in numbers.items() for rater in raters(side, *"3" * n)]
    return published(*people)["overall"].sides_hidden


def test_sides_with_three_raters_are_shown() -> None:
    assert hidden(north=3, south=3) == ()


def test_of_two_sides_both_are_hidden_or_none() -> None:
    assert hidden(north=12, south=2) == ("north", "south")


def test_a_hidden_side_takes_the_next_smallest_with_it() -> None:
    assert hidden(north=4, south=2, west=5) == ("north", "south")
    assert hidden(east=9, north=4, south=2, west=5) == ("north", "south")


def test_of_equally_small_sides_the_first_by_id_is_hidden() -> None:
    assert hidden(west=4, south=2, north=4) == ("north", "south")


def test_two_hidden_sides_need_no_third() -> None:
    assert hidden(east=5, north=1, south=2) == ("north", "south")


def test_a_side_that_nobody_speaks_for_has_nothing_to_hide() -> None:
    assert hidden(north=3, south=4, west=0) == ()


def test_a_side_of_named_raters_is_shown_alone_but_hides_a_small_one() -> None:
    named = raters("north", "3", "3", protected=False)

    assert published(*named, *raters("south", "3", "3", "3"))["overall"].sides_hidden == ()
    assert published(*named, *raters("south", "3", "3"))["overall"].sides_hidden == (
        "north",
        "south",
    )


def test_named_raters_do_not_hide_protected_ones() -> None:
    mixed = (
        *raters("north", "3", "3"),
        *(Rater(f"named{n}", "north", {"a1": 3}, protected=False) for n in range(3)),
    )

    assert published(*mixed, *raters("south", "3", "3", "3"))["overall"].sides_hidden == (
        "north",
        "south",
    )


def test_the_limits_may_be_raised() -> None:
    people = (*raters("north", *"3333"), *raters("south", *"3333"))

    raised = published(
        *people, parameters=Parameters(min_side_raters_shown=5, min_total_raters_shown=9)
    )

    assert raised["overall"] == Publication(
        meets_limits=False,
        is_shown=False,
        sides_hidden=("north", "south"),
        n_by_side={"north": 4, "south": 4},
    )


def test_the_alliance_needs_four_raters_where_one_is_protected() -> None:
    three = (*raters("north", "3", "3"), *raters("south", "3"))
    four = (*raters("north", "3", "3", "3"), *raters("south", "3"))
    named = (*raters("north", "3", protected=False), *raters("south", "3", protected=False))

    assert published(*three)["overall"].meets_limits is False
    assert published(*four)["overall"].meets_limits is True
    assert published(*named)["overall"].meets_limits is True


def test_the_alliance_needs_two_sides() -> None:
    assert published(*raters("north", *"33333"))["dimension:a"] == Publication(
        meets_limits=False, is_shown=False, sides_hidden=(), n_by_side={"north": 5}
    )


def test_hidden_in_a_dimension_is_hidden_above_it_and_not_beside_it() -> None:
    two = rubric(dimension("a", 1), dimension("b", 1))
    people = [
        *(Rater(f"n{n}", "north", {"a1": 3, "b1": 3}) for n in range(4)),
        *(Rater(f"s{n}", "south", {"a1": 3, "b1": 3 if n else None}) for n in range(3)),
    ]

    found = published(*people, rubric=two)

    assert {key: part.sides_hidden for key, part in found.items()} == {
        "dimension:a": (),
        "dimension:b": ("north", "south"),
        "pillar:pillar": ("north", "south"),
        "overall": ("north", "south"),
    }


def test_a_number_that_would_give_away_a_held_back_one_is_held_back_too() -> None:
    two = rubric(dimension("a", 1), dimension("b", 1))
    people = [
        *(Rater(f"n{n}", "north", {"a1": 3, "b1": None if n else 3}) for n in range(4)),
        *(Rater(f"s{n}", "south", {"a1": 3, "b1": None if n else 3}) for n in range(4)),
    ]

    found = published(*people, rubric=two)

    assert {key: (part.meets_limits, part.is_shown) for key, part in found.items()} == {
        "dimension:a": (True, True),
        "dimension:b": (False, False),
        "pillar:pillar": (True, False),
        "overall": (True, False),
    }
