"""Why a number moved: by hand, and for any two quarters."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring.parts import PartsDoNotAddUp
from assessments.scoring.split import Split, Weighed, split
from tests.assessments.scoring.examples import near


def mean(terms: dict[str, Weighed]) -> float:
    return math.fsum(term.share * term.points for term in terms.values())


def test_split_of_the_same_terms_is_how_far_each_moved() -> None:
    """North 60 to 70, South 40 to 38, half each: 50 to 54."""
    then = {"north": Weighed(0.5, 60), "south": Weighed(0.5, 40)}
    now = {"north": Weighed(0.5, 70), "south": Weighed(0.5, 38)}

    assert split(54.0, 50.0, now, then) == Split(
        total=4.0,
        moves={"north": 5.0, "south": -1.0},
        counts={"north": 0.0, "south": 0.0},
        rubric=0.0,
    )


def test_split_of_evidence_that_came_in_is_what_counts() -> None:
    """People 60 to 64; records, new, say 80 and count a quarter: 60 to .75 * 64 + .25 * 80 = 68.

    m = (68 + 60) / 2 = 64. People: .875 * 4 = 3.5, and -.25 * (62 - 64) = .5. Records:
    .25 * (80 - 64) = 4.
    """
    found = split(
        68.0,
        60.0,
        {"people": Weighed(0.75, 64), "records": Weighed(0.25, 80)},
        {"people": Weighed(1, 60)},
    )

    assert found.moves == {"people": near(3.5), "records": 0.0}
    assert found.counts == {"people": near(0.5), "records": near(4)}
    assert math.fsum(found.parts) == 8.0


def test_split_of_a_dimension_that_fell_away() -> None:
    """Two of 50 and 70, then the first alone: 60 to 50. m = 55.

    The first counts twice as much: .5 * (50 - 55) = -2.5. The second no more:
    -.5 * (70 - 55) = -7.5.
    """
    found = split(50.0, 60.0, {"a": Weighed(1, 50)}, {"a": Weighed(0.5, 50), "b": Weighed(0.5, 70)})

    assert found.moves == {"a": 0.0, "b": 0.0}
    assert found.counts == {"a": near(-2.5), "b": near(-7.5)}


def test_split_tells_what_the_rubric_did() -> None:
    """Stored as 55, by today's rubric 52, now 58: 3 more in all, 6 from people, -3 the rubric."""
    found = split(58.0, 52.0, {"a": Weighed(1, 58)}, {"a": Weighed(1, 52)}, stored_then=55.0)

    assert (found.total, found.moves, found.rubric) == (3.0, {"a": 6.0}, -3.0)


def test_split_refuses_terms_that_do_not_make_the_number() -> None:
    with pytest.raises(PartsDoNotAddUp):
        split(60.0, 50.0, {"a": Weighed(1, 58)}, {"a": Weighed(1, 50)})


@st.composite
def quarters(draw: st.DrawFn) -> dict[str, Weighed]:
    names = draw(st.lists(st.sampled_from("abcdef"), min_size=1, unique=True))
    weights = [draw(st.integers(1, 20)) for _name in names]
    return {
        name: Weighed(weight / sum(weights), draw(st.floats(0, 100, width=32)))
        for name, weight in zip(names, weights, strict=True)
    }


@given(quarters(), quarters(), st.none() | st.floats(0, 100, width=32))
def test_parts_add_up_exactly(
    now: dict[str, Weighed], then: dict[str, Weighed], stored: float | None
) -> None:
    found = split(mean(now), mean(then), now, then, stored_then=stored)

    assert found.total == mean(now) - (mean(then) if stored is None else stored)
    assert abs(math.fsum(found.parts) - found.total) < 1e-13
    # A total that is finer than every part cannot be met by any: with a part of 0 it can.
    if stored is None or any(abs(part) <= abs(found.total) for part in found.parts if part):
        assert math.fsum(found.parts) == found.total


@given(quarters(), quarters(), st.randoms(use_true_random=False))
def test_order_does_not_matter(
    now: dict[str, Weighed], then: dict[str, Weighed], chance: random.Random
) -> None:
    mixed = list(now.items())
    chance.shuffle(mixed)

    found = split(mean(now), mean(then), now, then)

    again = split(mean(now), mean(then), dict(mixed), dict(reversed(then.items())))
    assert found == again


@given(quarters())
def test_equal_quarters_give_zeros(terms: dict[str, Weighed]) -> None:
    found = split(mean(terms), mean(terms), terms, terms)

    assert set(found.parts) == {0.0}


@given(quarters(), quarters(), st.floats(-50, 50, width=16))
def test_where_zero_lies_makes_no_difference(
    now: dict[str, Weighed], then: dict[str, Weighed], shift: float
) -> None:
    def moved(terms: dict[str, Weighed]) -> dict[str, Weighed]:
        return {name: Weighed(one.share, one.points + shift) for name, one in terms.items()}

    found = split(mean(now), mean(then), now, then)

    other = split(mean(moved(now)), mean(moved(then)), moved(now), moved(then))
    assert other.parts == pytest.approx(found.parts, abs=1e-9)


@given(quarters(), quarters())
def test_backwards_is_the_same_with_the_other_sign(
    now: dict[str, Weighed], then: dict[str, Weighed]
) -> None:
    found = split(mean(now), mean(then), now, then)

    back = split(mean(then), mean(now), then, now)
    assert back.parts == pytest.approx([-part for part in found.parts], abs=1e-9)
