"""Many assessments at once: each has the digits that it has alone."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from assessments.scoring import (
    BLANK,
    CANNOT_TELL,
    Batch,
    EvidenceSpec,
    MetricSpec,
    PillarSpec,
    Quarters,
    RubricSpec,
    Sheets,
    digests,
    score_batch,
    shape_of,
    side_order,
)
from tests.assessments.scoring.examples import PARAMETERS, dimension

SIZE, SIDES = 500, 3
EVIDENCE = EvidenceSpec(Decimal("0.2"), (MetricSpec("m", 0, 100), MetricSpec("k", 10, 0)))
TREE = RubricSpec(
    "test",
    (
        PillarSpec("p", Decimal("0.35"), (dimension("a", 3, evidence=EVIDENCE), dimension("b", 5))),
        PillarSpec("q", Decimal("0.65"), tuple(dimension(name, 2) for name in "cdefghijkl")),
    ),
)
SHAPE = shape_of(PARAMETERS, TREE, SIDES)
NAMES = [[f"{place}-{side}" for side in range(SIDES)] for place in range(SIZE)]


def sheets(chance: np.random.Generator) -> Sheets:
    """Draw up to twelve raters a side, with blanks, in no order."""
    segment = np.repeat(np.arange(SIZE * SIDES), chance.integers(0, 13, SIZE * SIDES))
    raters = segment.size
    level = chance.integers(0, 5, segment.max() + 1)[segment]
    steps = np.clip(level + chance.integers(-1, 2, (SHAPE.items, raters)), 0, 4)
    gaps = chance.random(steps.shape)
    steps[gaps < 0.1], steps[gaps > 0.9] = BLANK, CANNOT_TELL
    found = Sheets(
        segment=segment,
        key=np.char.mod("%05d", chance.permutation(100_000)[:raters]).astype(np.bytes_),
        protected=chance.random(raters) < 0.7,
        asked=chance.integers(0, 2, raters),
        patterns=np.array([[True] * SHAPE.items, [True] * 3 + [False] * (SHAPE.items - 3)]),
        steps=steps.astype(np.int16),
    )
    return found.only(chance.permutation(raters))


def evidence(chance: np.random.Generator) -> dict[str, Any]:
    return {
        name: np.where(chance.random(SIZE) < 0.3, np.nan, chance.uniform(-5, 110, SIZE))
        for name in ("m", "k")
    }


@pytest.fixture(scope="module")
def batch() -> Batch:
    chance = np.random.default_rng(20_261_124)
    now, then = sheets(chance), sheets(chance)
    # Half of the raters come back.
    then.key[::2] = np.resize(now.key, then.key.size)[::2]
    _same, first = np.unique(then.key, return_index=True)
    exists = np.arange(SIZE) % 4 > 0
    then = then.only(np.sort(first))
    return Batch(
        shape=SHAPE,
        size=SIZE,
        sheets=now.sorted(),
        evidence=evidence(chance),
        previous_bands=chance.integers(-1, 3, (len(TREE.nodes), SIZE)).astype(np.int8),
        caps=chance.integers(0, 3, (len(TREE.nodes), SIZE)).astype(np.int8),
        cap_reasons=chance.integers(0, 2, (len(TREE.nodes), SIZE)).astype(np.int8),
        side_order=side_order(NAMES),
        before=Quarters(
            exists=exists,
            sheets=then.only(exists[then.segment // SIDES]).sorted(),
            evidence=evidence(chance),
            is_rebased=np.arange(SIZE) % 3 == 0,
            told_returning=np.arange(SIZE) % 5 == 0,
            is_whole=chance.random((len(TREE.dimensions), SIZE)) < 0.8,
        ),
    )


def columns(found: Any, name: str = "") -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Walk over all columns of a result."""
    if isinstance(found, np.ndarray):
        yield name, found
    elif isinstance(found, tuple):
        for number, part in enumerate(found):
            yield from columns(part, f"{name}.{number}")
    elif is_dataclass(found) and not isinstance(found, Batch):
        for field in fields(found):
            yield from columns(getattr(found, field.name), f"{name}.{field.name}")


def of_one(name: str, column: np.ndarray[Any, Any], place: int, batch: Batch) -> Any:
    """Return what a column of the whole batch holds of one assessment."""
    quarter = batch.before.sheets if name.startswith(".then") and batch.before else batch.sheets
    raters = np.flatnonzero(quarter.segment // SIDES == place)
    if column.shape[-1] == quarter.segment.size:
        return column[..., raters]
    if column.shape[-1] == SIZE:
        return column[..., place : place + 1]
    if column.shape[-1] == SIZE * SIDES:
        return column[..., place * SIDES : (place + 1) * SIDES]
    assert column.shape[-2:] == (SIZE, SIDES), name
    return column[..., place : place + 1, :]


def bits(column: Any) -> bytes:
    """Return a column to the last digit; what is not a number has many forms, which say nothing."""
    if column.dtype.kind == "f":
        column = np.where(np.isnan(column), np.nan, column)
    return np.ascontiguousarray(column).tobytes()


def test_each_assessment_has_the_same_digits_alone(batch: Batch) -> None:
    whole = dict(columns(score_batch(batch)))
    found = digests(batch, NAMES)

    for place in (*range(0, SIZE, 23), SIZE - 1):
        one = batch.only(np.array([place]))
        for name, column in columns(score_batch(one)):
            assert bits(column) == bits(of_one(name, whole[name], place, batch)), (name, place)
        assert digests(one, [NAMES[place]]) == [found[place]]
    assert len(whole) > 90


def test_each_assessment_has_the_same_digits_in_any_chunk(batch: Batch) -> None:
    whole = score_batch(batch).now.scores

    for first in range(0, SIZE, 128):
        places = np.arange(first, min(first + 128, SIZE))
        part = score_batch(batch.only(places)).now.scores
        for name in ("value", "band_probability"):
            expected = getattr(whole, name)[:, places]
            assert bits(getattr(part, name)) == bits(expected)
        assert bits(part.error.df) == bits(whole.error.df[:, places])


def test_the_order_of_sheets_changes_no_digit(batch: Batch) -> None:
    shuffled = batch.sheets.only(np.random.default_rng(1).permutation(batch.sheets.segment.size))

    again = shuffled.sorted()

    assert [getattr(again, name).tobytes() for name in ("segment", "key", "steps")] == [
        getattr(batch.sheets, name).tobytes() for name in ("segment", "key", "steps")
    ]


def test_a_batch_of_nobody_has_no_number(batch: Batch) -> None:
    nobody = Batch(
        shape=SHAPE,
        size=2,
        sheets=batch.sheets.only(np.array([], dtype=np.int64)),
        evidence={},
        previous_bands=batch.previous_bands[:, :2],
        caps=batch.caps[:, :2],
        cap_reasons=batch.cap_reasons[:, :2],
        side_order=batch.side_order[:2],
    )

    found = score_batch(nobody)

    assert not found.now.there.there.any()
    assert np.isnan(found.now.scores.value).all()
