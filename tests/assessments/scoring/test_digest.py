import random
from dataclasses import replace
from decimal import Decimal

from assessments.scoring import Parameters, Quarter, Rater, canonical_json, inputs_digest
from tests.assessments.scoring.examples import PARAMETERS, dimension, raters, rubric

SIDES = ("north", "south")
RUBRIC = rubric(dimension("a", 1))
PEOPLE = (*raters("north", "3", "4"), *raters("south", "N", "-"))


def test_canonical_json_is_the_same_text_for_ever() -> None:
    text = canonical_json(
        PARAMETERS,
        RUBRIC,
        SIDES,
        [Rater("n", "north", {"a1": 3}, asked=frozenset({"a1"}))],
        evidence={"m": 1.5, "k": None},
    )

    assert text == (
        '{"before":null,"code":"1","evidence":{"k":null,"m":1.5},"parameters":{"bands":'
        '{"amber_from":50,"green_from":70,"margin":3},"confidence":0.95,"equivalence_level":0.9,'
        '"longstring_share":0.5,"material_points":10,"min_answered_share":"0.5",'
        '"min_side_raters_shown":3,"min_total_raters_shown":4,"possible_p_below":0.2,'
        '"prior_df":4,"prior_r":0.5,"prior_sd":20,"scale_max":5,"scale_min":1},'
        '"previous_bands":{},"raters":[{"answers":{"a1":3},"asked":["a1"],"id":"n",'
        '"protected":true,"side":"north"}],"rubric":{"pillars":[{"dimensions":[{"evidence":null,'
        '"id":"a","items":[{"id":"a1","reverse":false,"weight":"1"}],"weight":"1"}],'
        '"id":"pillar","weight":"1"}],"side_weights":{},"version":"test"},'
        '"sides":["north","south"]}'
    )


def test_inputs_digest_does_not_depend_on_the_order_of_rows() -> None:
    shuffled = list(PEOPLE)
    random.Random(1).shuffle(shuffled)
    before = Quarter(tuple(shuffled))

    assert inputs_digest(PARAMETERS, RUBRIC, SIDES, PEOPLE, before=Quarter(PEOPLE)) == (
        inputs_digest(PARAMETERS, RUBRIC, SIDES, shuffled, before=before)
    )


def test_inputs_digest_does_not_depend_on_how_a_number_is_written() -> None:
    other = Parameters(prior_sd=20.0, min_answered_share=Decimal("0.50"))

    assert inputs_digest(other, RUBRIC, SIDES, PEOPLE) == inputs_digest(
        PARAMETERS, RUBRIC, SIDES, PEOPLE
    )


def test_inputs_digest_changes_with_every_input() -> None:
    changed = (replace(PEOPLE[0], answers={"a1": 5}), *PEOPLE[1:])
    named = (replace(PEOPLE[0], protected=False), *PEOPLE[1:])

    digests = {
        inputs_digest(PARAMETERS, RUBRIC, SIDES, PEOPLE),
        inputs_digest(Parameters(prior_sd=21), RUBRIC, SIDES, PEOPLE),
        inputs_digest(PARAMETERS, rubric(dimension("a", 2)), SIDES, PEOPLE),
        inputs_digest(PARAMETERS, RUBRIC, SIDES[::-1], PEOPLE),
        inputs_digest(PARAMETERS, RUBRIC, SIDES, changed),
        inputs_digest(PARAMETERS, RUBRIC, SIDES, named),
        inputs_digest(PARAMETERS, RUBRIC, SIDES, PEOPLE, evidence={"m": 1}),
        inputs_digest(PARAMETERS, RUBRIC, SIDES, PEOPLE, before=Quarter(PEOPLE)),
    }

    assert len(digests) == 8
    assert {len(digest) for digest in digests} == {64}
