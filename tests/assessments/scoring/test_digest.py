import hashlib
import math
import random
import struct
from dataclasses import replace
from decimal import Decimal

import numpy as np

from assessments.scoring import (
    Band,
    EvidenceSpec,
    MetricSpec,
    Parameters,
    Quarter,
    Rater,
    batch_of_one,
    digests,
    inputs_digest,
)
from assessments.scoring.digest import shape_json
from tests.assessments.scoring.examples import PARAMETERS, dimension, raters, rubric

SIDES = ("north", "south")
RUBRIC = rubric(dimension("a", 1))
PEOPLE = (*raters("north", "3", "4"), *raters("south", "N", "-"))


def test_digest_is_the_same_for_ever() -> None:
    """Stored runs are compared with it: another text or digest needs another CODE_VERSION."""
    one = [Rater("n", "north", {"a1": 3}, asked=frozenset({"a1"}))]
    metrics = EvidenceSpec(Decimal("0.2"), (MetricSpec("m", 0, 100), MetricSpec("k", 1, 2)))
    tree = rubric(dimension("a", 1, evidence=metrics))
    batch = batch_of_one(PARAMETERS, tree, SIDES, one)

    assert shape_json(batch.shape) == (
        '{"code":"3","parameters":{"bands":{"amber_from":50,"green_from":70,"margin":3},'
        '"confidence":0.95,"equivalence_level":0.9,"longstring_share":0.5,"material_points":10,'
        '"min_answered_share":"0.5","min_side_raters_shown":3,"min_total_raters_shown":4,'
        '"possible_p_below":0.2,"prior_df":4,"prior_r":0.5,"prior_sd":20,"scale_max":5,'
        '"scale_min":1},"pillars":[{"dimensions":[{"evidence":{"metrics":[{"floor":0,"id":"m",'
        '"target":100,"weight":"1"},{"floor":1,"id":"k","target":2,"weight":"1"}],'
        '"weight":"0.2"},"id":"a","items":[["1",false]],"weight":"1"}],"id":"pillar",'
        '"weight":"1"}],"rubric":"test","sides":[1,1]}'
    )
    common = hashlib.sha256(shape_json(batch.shape).encode()).digest()
    nothing = struct.pack(">d", math.nan)
    told = (
        common
        + b"north\nsouth"
        + b"1\n"
        + bytes([0, 1, 0b1000_0000, 0, 2])  # place, in confidence, asked, two steps up
        + b"n"
        + struct.pack(">d", 1.5)
        + nothing
        + bytes([0xFF, 0xFF, 0xFF])  # no band before
        + bytes([127, 127, 127])  # no gate that holds a band back
        + bytes([127, 127, 127])  # nor a reason for it
        + b"\0"  # no quarter before
    )
    assert inputs_digest(PARAMETERS, tree, SIDES, one, evidence={"m": 1.5, "k": None}) == (
        hashlib.sha256(told).hexdigest()
    )


def test_digest_does_not_depend_on_what_else_is_scored() -> None:
    found = inputs_digest(PARAMETERS, RUBRIC, SIDES, PEOPLE)

    assert digests(batch_of_one(PARAMETERS, RUBRIC, SIDES, PEOPLE), [SIDES]) == [found]


def test_digest_changes_with_what_holds_a_band_back() -> None:
    batch = batch_of_one(PARAMETERS, RUBRIC, SIDES, PEOPLE)
    amber = np.ones_like(batch.caps)

    [free] = digests(batch, [SIDES])
    [held_back] = digests(replace(batch, caps=amber), [SIDES])
    [otherwise] = digests(replace(batch, caps=amber, cap_reasons=amber), [SIDES])

    assert len({free, held_back, otherwise}) == 3


def test_digest_changes_when_the_quarter_before_was_published_by_another_version() -> None:
    batch = batch_of_one(PARAMETERS, RUBRIC, SIDES, PEOPLE, before=Quarter(PEOPLE))
    assert batch.before is not None
    rebased = replace(batch.before, is_rebased=np.ones(1, dtype=np.bool_))

    assert digests(batch, [SIDES]) != digests(replace(batch, before=rebased), [SIDES])


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
    metric = EvidenceSpec(Decimal("0.2"), (MetricSpec("m", 0, 100),))
    with_metric = rubric(dimension("a", 1, evidence=metric))

    found = {
        inputs_digest(PARAMETERS, RUBRIC, SIDES, PEOPLE),
        inputs_digest(Parameters(prior_sd=21), RUBRIC, SIDES, PEOPLE),
        inputs_digest(PARAMETERS, rubric(dimension("a", 2)), SIDES, PEOPLE),
        inputs_digest(PARAMETERS, RUBRIC, SIDES[::-1], PEOPLE),
        inputs_digest(PARAMETERS, RUBRIC, SIDES, changed),
        inputs_digest(PARAMETERS, RUBRIC, SIDES, named),
        inputs_digest(PARAMETERS, with_metric, SIDES, PEOPLE),
        inputs_digest(PARAMETERS, with_metric, SIDES, PEOPLE, evidence={"m": 1}),
        inputs_digest(PARAMETERS, RUBRIC, SIDES, PEOPLE, previous_bands={"overall": Band.RED}),
        inputs_digest(PARAMETERS, RUBRIC, SIDES, PEOPLE, before=Quarter(())),
        inputs_digest(PARAMETERS, RUBRIC, SIDES, PEOPLE, before=Quarter(PEOPLE)),
    }

    assert len(found) == 11
    assert {len(digest) for digest in found} == {64}
