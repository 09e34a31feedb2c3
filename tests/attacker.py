"""Somebody who wants to know what one person answered, and has everything that is published.

Two attacks on random assessments, scored and published by the program's own code:

- **by subtraction** (`isolated`): every published number that is linear in the answers is an
  equation. Is there a combination of them, over all nodes, sides and quarters, in which the answers
  of fewer people than the limit are left alone? The coefficients are measured, not derived: one
  answer at a time is moved by a level, and what is published is looked at again.
- **by trying all** (`given_away`): of a small group every possible set of answers is published,
  the intervals and verdicts with it. Is there something published that only one answer of some
  person can have brought about?

The attacker knows everybody who answers by name, and may be an insider: then he knows all the
answers of his own side.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assessments import scoring
from assessments.operations import score_rows
from assessments.operations.copying import Table
from assessments.scoring import (
    NOT_APPLICABLE,
    Answer,
    DimensionSpec,
    EvidenceSpec,
    ItemSpec,
    MetricSpec,
    Parameters,
    PillarSpec,
    Rater,
    RubricSpec,
)
from assessments.scoring.columns import Segments

Random = np.random.Generator
Numbers = NDArray[np.float64]
Unknown = tuple[int, str, str]
"""Quarter, person, item: an answer that the attacker does not know."""

LINEAR = ("value", "survey_value", "evidence_value", "change_points", "change_returning")
FIRST_NUMBER = 0  # of a side or a gap: its points; the others are not linear
# Of eigenvalues of a projection, which are from 0 to 1: 1 is a direction that lies wholly inside.
WHOLLY_INSIDE = 1 - 1e-7
CERTAIN = -2
"""Stands, in the worlds that are tried, for somebody who cannot tell."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter of an alliance: who submitted, on which rubric, with how many in confidence."""

    parameters: Parameters
    rubric: RubricSpec
    raters: tuple[Rater, ...]
    evidence: Mapping[str, float | None]
    minimum: int


@dataclass(frozen=True, slots=True)
class Alliance:
    """The sides and the quarters of an alliance."""

    sides: tuple[str, ...]
    quarters: tuple[Quarter, ...]


Veil = Callable[[scoring.Shape, scoring.Sheets, Segments], scoring.Veiled]


def no_veil(_shape: scoring.Shape, sheets: scoring.Sheets, segments: Segments) -> scoring.Veiled:
    """Publish as if nothing were to be kept back: the attacks must succeed."""
    return scoring.Veiled(sheets, np.zeros((1, segments.size), dtype=np.bool_))


# --- random alliances ---------------------------------------------------------------------------
def random_alliance(chance: Random) -> Alliance:
    """Make an alliance of 2 to 4 sides and its last 2 or 3 quarters."""
    sides = ("a", "b", "c", "d")[: chance.choice([2, 2, 2, 3, 4])]
    rubric, parameters = _rubric(chance, 1), Parameters()
    minimum = int(chance.integers(3, 6))
    pool = [
        (f"{side}{number}", side, bool(number >= named))
        for side in sides
        for named, size in [(chance.integers(0, 3), chance.integers(1, 9))]
        for number in range(size)
    ]
    quarters = []
    for number in range(chance.choice([1, 2, 2, 3])):
        if number and chance.random() < 0.4:
            rubric, parameters = _revised(chance, rubric, parameters, number + 1)
        if number:
            pool = _next_pool(chance, pool, sides, number)
        quarters.append(
            Quarter(
                parameters=parameters,
                rubric=rubric,
                raters=_answers(chance, rubric, pool),
                evidence={
                    metric.id: float(chance.integers(0, 101))
                    for dimension in rubric.dimensions
                    for metric in (dimension.evidence.metrics if dimension.evidence else ())
                },
                minimum=minimum,
            )
        )
    return Alliance(sides, tuple(quarters))


def _rubric(chance: Random, version: int) -> RubricSpec:
    pillars = []
    for pillar in range(chance.integers(1, 3)):
        dimensions = []
        for number in range(chance.integers(1, 3)):
            name = f"{pillar}{number}"
            dimensions.append(
                DimensionSpec(
                    id=name,
                    weight=Decimal(int(chance.integers(1, 4))),
                    items=tuple(
                        ItemSpec(
                            f"{name}.{item}",
                            weight=Decimal(int(chance.integers(1, 3))),
                            reverse=bool(chance.random() < 0.2),
                        )
                        for item in range(chance.integers(1, 3))
                    ),
                    evidence=EvidenceSpec(Decimal("0.25"), (MetricSpec(f"m{name}", 0, 100),))
                    if chance.random() < 0.3
                    else None,
                )
            )
        pillars.append(PillarSpec(f"p{pillar}", Decimal(1 + pillar), tuple(dimensions)))
    return RubricSpec(f"version {version}", tuple(pillars))


def _revised(
    chance: Random, rubric: RubricSpec, parameters: Parameters, version: int
) -> tuple[RubricSpec, Parameters]:
    """Return a new version: other weights, a question fewer, or another share to be answered."""
    kind = chance.integers(0, 3)
    if kind == 0:
        share = Decimal(str(chance.choice([0.2, 0.6, 0.8])))
        parameters = replace(parameters, min_answered_share=share)

    def dimension(own: DimensionSpec) -> DimensionSpec:
        items = own.items
        if kind == 1:
            items = tuple(
                replace(item, weight=Decimal(int(chance.integers(1, 4)))) for item in items
            )
        if kind == 2 and len(items) > 1:
            items = items[:-1]
        return replace(own, items=items)

    pillars = tuple(
        replace(pillar, dimensions=tuple(dimension(own) for own in pillar.dimensions))
        for pillar in rubric.pillars
    )
    return RubricSpec(f"version {version}", pillars), parameters


def _next_pool(
    chance: Random, pool: Sequence[tuple[str, str, bool]], sides: Sequence[str], number: int
) -> list[tuple[str, str, bool]]:
    """Return who is asked in the next quarter: some have left, some have come."""
    stay = chance.choice([0.5, 0.8, 0.95, 1.0])
    stayed = [one for one in pool if chance.random() < stay]
    come = [
        (f"{side}{number}{new}", side, True)
        for side in sides
        for new in "xyz"[: chance.integers(0, 4)]
    ]
    return stayed + come


def _answers(
    chance: Random, rubric: RubricSpec, pool: Sequence[tuple[str, str, bool]]
) -> tuple[Rater, ...]:
    items = [item.id for dimension in rubric.dimensions for item in dimension.items]
    moods = {side: (int(chance.integers(1, 6)), chance.random()) for _n, side, _p in pool}

    def answer(side: str) -> Answer:
        level, agreement = moods[side]
        lot = chance.random()
        if lot < 0.12:
            return NOT_APPLICABLE
        if lot < 0.18:
            return None
        return level if chance.random() < agreement else int(chance.integers(1, 6))

    return tuple(
        Rater(name, side, {item: answer(side) for item in items}, protected=is_protected)
        for name, side, is_protected in pool
        if chance.random() < 0.9
    )


# --- what is published --------------------------------------------------------------------------
def counted(quarter: Quarter) -> tuple[Rater, ...]:
    """Return the raters that enter the scoring: the protected ones of a side all or none."""
    sides = sorted({rater.side for rater in quarter.raters})
    if not sides:
        return ()
    found = scoring.countable(
        np.array([sides.index(rater.side) for rater in quarter.raters]),
        np.array([rater.protected for rater in quarter.raters]),
        np.full(len(sides), quarter.minimum),
    )
    return tuple(r for r, kept in zip(quarter.raters, found.kept, strict=True) if kept)


def batch_of(alliance: Alliance, number: int, veil: Veil) -> scoring.Batch:
    """Return what is scored when a quarter closes: a batch of one, veiled."""
    now = alliance.quarters[number]
    earlier = alliance.quarters[number - 1] if number else None
    known = now.rubric.item_ids
    before = None
    if earlier is not None:
        before = scoring.Quarter(
            tuple(
                replace(rater, answers={key: a for key, a in rater.answers.items() if key in known})
                for rater in counted(earlier)
            ),
            {key: value for key, value in earlier.evidence.items() if key in now.evidence},
        )
    batch = scoring.batch_of_one(
        now.parameters,
        now.rubric,
        alliance.sides,
        counted(now),
        evidence=now.evidence,
        before=before,
    )
    is_rebased = earlier is not None and (
        (earlier.rubric, earlier.parameters) != (now.rubric, now.parameters)
    )
    if batch.before is not None and earlier is not None and is_rebased:
        whole = [_is_whole(earlier, dimension) for dimension in now.rubric.dimensions]
        batch = replace(
            batch, before=replace(batch.before, is_whole=np.array(whole)[:, np.newaxis])
        )
    batch = veiled(batch, veil, is_rebased=is_rebased)
    if batch.before is not None:
        told = published(batch_of(alliance, number - 1, veil)).get("change_returning")
        has_told = np.array([told is not None and bool(np.isfinite(told).any())])
        batch = replace(batch, before=replace(batch.before, told_returning=has_told))
    return batch


def _is_whole(earlier: Quarter, today: DimensionSpec) -> bool:
    """Whether everybody answered all or nothing of what then stood beside today's questions."""
    keys = {item.id for item in today.items}
    asked = [
        [item.id for item in dimension.items]
        for dimension in earlier.rubric.dimensions
        if keys & {item.id for item in dimension.items}
    ]
    return all(
        sum(isinstance(rater.answers.get(key), int) for key in own) in (0, len(own))
        for rater in counted(earlier)
        if rater.protected
        for own in asked
    )


def veiled(batch: scoring.Batch, veil: Veil, *, is_rebased: bool = False) -> scoring.Batch:
    """Return a batch as it is gathered: without what would tell of single people."""

    def of(sheets: scoring.Sheets) -> scoring.Sheets:
        return veil(batch.shape, sheets, batch.segments(sheets)).sheets

    before = batch.before
    if before is not None:
        marks = np.full(batch.size, is_rebased)
        before = replace(before, sheets=of(before.sheets), is_rebased=marks)
    return replace(batch, sheets=of(batch.sheets), before=before)


def published(batch: scoring.Batch) -> dict[str, Numbers]:
    """Return the columns of all scores that would be stored, by name; not a number where none is.

    Each is of nodes times assessments, those of sides and gaps times sides and numbers too.
    """
    columns = score_rows.columns(range(batch.size), scoring.score_batch(batch))
    nodes = len(batch.shape.rubric.nodes)
    found = {}
    for name, column in columns.items():
        if name in ("run_id", "node_kind", "node_key"):
            continue
        values = column.values.astype(np.float64)
        missing = column.missing
        if missing is not None:
            wide = missing[..., np.newaxis] if isinstance(column, Table) else missing
            values = np.where(wide, np.nan, values)
        found[name] = values.reshape(nodes, batch.size, *values.shape[1:])
    return found


# --- by subtraction -----------------------------------------------------------------------------
def equations(alliance: Alliance, veil: Veil = scoring.veil) -> tuple[Numbers, list[Unknown]]:
    """Return the published numbers as equations: a line each, a column an answer in confidence."""
    columns: dict[Unknown, int] = {}
    lines: list[dict[int, float]] = []
    for number in range(len(alliance.quarters)):
        batch = batch_of(alliance, number, veil)
        moves = _moves(batch, number)
        for place, move in enumerate(moves):
            columns.setdefault(move.unknown, len(columns))
            moves[place] = move
        numbers = _linear(published(_moved(batch, moves)))
        steps = np.array([move.direction for move in moves], dtype=np.float64)
        for values in numbers:
            slopes = (values[1:] - values[0]) / steps
            lines.append(
                {
                    columns[move.unknown]: slope
                    for move, slope in zip(moves, slopes.tolist(), strict=True)
                    if abs(slope) > 1e-9
                }
            )
    matrix = np.zeros((len(lines), len(columns)))
    for row, line in enumerate(lines):
        for column, slope in line.items():
            matrix[row, column] = slope
    return matrix, list(columns)


@dataclass(frozen=True, slots=True)
class _Move:
    """One answer, moved by a level in one direction."""

    unknown: Unknown
    is_before: bool
    item: int
    rater: int
    direction: int


def _moves(batch: scoring.Batch, number: int) -> list[_Move]:
    items = [item.id for dimension in batch.shape.rubric.dimensions for item in dimension.items]
    found = []
    quarters = [(number, False, batch.sheets)]
    if batch.before is not None:
        quarters.append((number - 1, True, batch.before.sheets))
    for quarter, is_before, sheets in quarters:
        for item, rater in np.argwhere((sheets.steps >= 0) & sheets.protected).tolist():
            key = sheets.key[rater].decode()
            direction = 1 if sheets.steps[item, rater] == 0 else -1
            found.append(_Move((quarter, key, items[item]), is_before, item, rater, direction))
    return found


def _moved(batch: scoring.Batch, moves: Sequence[_Move]) -> scoring.Batch:
    """Return a batch of the assessment as it is, and once for each move with that move made."""
    copies = len(moves) + 1
    many = repeated(batch, copies)
    for place, move in enumerate(moves, start=1):
        whole = many.before.sheets if move.is_before and many.before else many.sheets
        own = batch.before.sheets if move.is_before and batch.before else batch.sheets
        whole.steps[move.item, place * own.key.size + move.rater] += move.direction
    return many


def repeated(batch: scoring.Batch, copies: int) -> scoring.Batch:
    """Return a batch of one assessment so many times."""
    sides = batch.shape.sides

    def sheets(own: scoring.Sheets) -> scoring.Sheets:
        offset = np.repeat(np.arange(copies) * sides, own.key.size)
        return scoring.Sheets(
            segment=np.tile(own.segment, copies) + offset,
            key=np.tile(own.key, copies),
            protected=np.tile(own.protected, copies),
            asked=np.tile(own.asked, copies),
            patterns=own.patterns,
            steps=np.tile(own.steps, (1, copies)),
        )

    def values(own: Mapping[str, Numbers]) -> dict[str, Numbers]:
        return {name: np.tile(value, copies) for name, value in own.items()}

    before = batch.before
    return replace(
        batch,
        size=copies,
        sheets=sheets(batch.sheets),
        evidence=values(batch.evidence),
        previous_bands=np.tile(batch.previous_bands, (1, copies)),
        caps=np.tile(batch.caps, (1, copies)),
        cap_reasons=np.tile(batch.cap_reasons, (1, copies)),
        side_order=np.tile(batch.side_order, (copies, 1)),
        before=None
        if before is None
        else replace(
            before,
            exists=np.tile(before.exists, copies),
            sheets=sheets(before.sheets),
            evidence=values(before.evidence),
            is_rebased=np.tile(before.is_rebased, copies),
            is_whole=np.tile(before.is_whole, (1, copies)),
            told_returning=np.tile(before.told_returning, copies),
        ),
    )


def _linear(found: Mapping[str, Numbers]) -> Iterable[Numbers]:
    """Return each published number that is linear in the answers, by copy of the assessment."""
    for name in LINEAR:
        if name in found:
            yield from (row for row in found[name] if np.isfinite(row).all())
    for name in ("sides", "gaps"):
        for node in found[name]:
            yield from (row for row in node[..., FIRST_NUMBER].T if np.isfinite(row).all())


def isolated(alliance: Alliance, veil: Veil = scoring.veil) -> list[tuple[str, frozenset[str]]]:
    """Return whom an attacker can tell apart by subtraction: the attacker, and the people.

    Groups of fewer than the limit for somebody outside and for the insiders of each side; single
    people for a colleague in confidence, who knows only his own answers.
    """
    return isolated_by(alliance, *equations(alliance, veil))


def isolated_by(
    alliance: Alliance, matrix: Numbers, unknowns: Sequence[Unknown]
) -> list[tuple[str, frozenset[str]]]:
    """Return whom an attacker can tell apart by some equations, as `isolated` does."""
    people = np.array([person for _quarter, person, _item in unknowns], dtype=np.str_)
    limit = alliance.quarters[0].parameters.min_side_raters_shown
    names = sorted(set(people.tolist()))
    found = []
    attackers = [("outsider", np.zeros(people.size, dtype=np.bool_), limit - 1)]
    attackers += [
        (f"insider {side}", np.char.startswith(people, side), limit - 1) for side in alliance.sides
    ]
    attackers += [(f"colleague {name}", people == name, 1) for name in names]
    for attacker, is_known, largest in attackers:
        inside = _row_space(matrix[:, ~is_known])
        left = people[~is_known]
        others = sorted(set(left.tolist()))
        found += [
            (attacker, frozenset(group))
            for size in range(1, largest + 1)
            for group in combinations(others, size)
            if _has_own_direction(inside, np.isin(left, group))
        ]
    return found


def _row_space(matrix: Numbers) -> Numbers:
    """Return the projection on the space of all combinations of the equations."""
    if not matrix.size:
        return np.zeros((matrix.shape[1], matrix.shape[1]))
    _u, sizes, directions = np.linalg.svd(matrix, full_matrices=False)
    kept = directions[sizes > max(sizes[0], 1e-12) * 1e-9]
    return kept.T @ kept


def _has_own_direction(projection: Numbers, own: NDArray[np.bool_]) -> bool:
    """Whether some combination has no other answers in it than the group's."""
    inner = projection[np.ix_(own, own)]
    return bool(inner.size) and bool(np.linalg.eigvalsh(inner)[-1] > WHOLLY_INSIDE)


# --- by trying all ------------------------------------------------------------------------------
def given_away(
    quarter: Quarter, sides: Sequence[str], target: str, veil: Veil = scoring.veil
) -> list[dict[str, Any]]:
    """Return what is published in some world and tells what a person answered.

    Args:
        quarter: everybody's answers; those in confidence on the target's side are tried out.
        sides: of the alliance.
        target: the side whose people are attacked; all other answers are known.
        veil: what is taken out.

    Returns:
        For each such world the person, the item and the answers that all worlds have in common.
    """
    items = [item.id for dimension in quarter.rubric.dimensions for item in dimension.items]
    base = scoring.batch_of_one(
        quarter.parameters, quarter.rubric, tuple(sides), quarter.raters, evidence=quarter.evidence
    )
    place = sides.index(target)
    attacked = np.flatnonzero((base.sheets.segment == place) & base.sheets.protected)
    cells = list(product(range(len(items)), attacked.tolist()))
    levels = [CERTAIN, *range(5)] if len(cells) <= 5 else list(range(5))
    worlds = np.array(list(product(levels, repeat=len(cells))), dtype=np.int16)
    many = repeated(base, len(worlds))
    width = base.sheets.key.size
    for number, (item, rater) in enumerate(cells):
        many.sheets.steps[item, np.arange(len(worlds)) * width + rater] = worlds[:, number]
    seen = _told(published(veiled(many, veil)))
    _same, of_world = np.unique(seen, axis=0, return_inverse=True)
    found = []
    for number, (item, rater) in enumerate(cells):
        lowest = np.full(of_world.max() + 1, 9)
        highest = np.full(of_world.max() + 1, -9)
        np.minimum.at(lowest, of_world, worlds[:, number])
        np.maximum.at(highest, of_world, worlds[:, number])
        for told in np.flatnonzero((lowest == highest) & (lowest >= 0)).tolist():
            world = worlds[np.flatnonzero(of_world == told)[0]]
            found.append({"item": items[item], "rater": rater, "world": world.tolist()})
    return found


def _told(found: Mapping[str, Numbers]) -> Numbers:
    """Return everything that is published of each assessment, a line each."""
    parts = [
        np.moveaxis(values, 1, 0).reshape(values.shape[1], -1) for _name, values in found.items()
    ]
    told: Numbers = np.nan_to_num(np.concatenate(parts, axis=1), nan=-999.0)
    return told.round(7)


def random_group(chance: Random) -> tuple[Quarter, tuple[str, ...], str]:
    """Make a quarter of one dimension, small enough to try out what one side's people say."""
    people = int(chance.choice([3, 3, 4, 5]))
    items = 2 if people == 3 and chance.random() < 0.5 else 1
    dimension = DimensionSpec(
        "d",
        Decimal(1),
        tuple(
            ItemSpec(f"d{n}", Decimal(int(chance.integers(1, 3))), reverse=chance.random() < 0.3)
            for n in range(items)
        ),
    )
    rubric = RubricSpec("small", (PillarSpec("p", Decimal(1), (dimension,)),))

    def someone(name: str, side: str, *, protected: bool) -> Rater:
        said: dict[str, Answer] = {item.id: int(chance.integers(1, 6)) for item in dimension.items}
        return Rater(name, side, said, protected=protected)

    raters = [someone(f"a{n}", "a", protected=True) for n in range(people)]
    raters += [someone(f"m{n}", "a", protected=False) for n in range(chance.integers(0, 3))]
    raters += [
        someone(f"b{n}", "b", protected=bool(chance.random() < 0.5))
        for n in range(chance.integers(3, 7))
    ]
    return Quarter(Parameters(), rubric, tuple(raters), {}, minimum=3), ("a", "b"), "a"
