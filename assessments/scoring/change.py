"""How far a score moved since an earlier quarter, and whether that is more than noise (part 9).

Compared is only what both quarters have: the same sides in the same dimensions, and evidence only
where both had it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from assessments.scoring.aggregate import Outline, coefficients, outline
from assessments.scoring.answers import Points, plain_means
from assessments.scoring.batch import Batch, Shape, Sheets
from assessments.scoring.columns import Floats, Marks, Segments, in_turn
from assessments.scoring.evidence import Evidence
from assessments.scoring.spec import Parameters
from assessments.scoring.uncertainty import (
    Error,
    Heads,
    Interval,
    Spreads,
    combine,
    heads,
    interval,
    p_value,
    prior_variance,
    spreads,
)

HIGHEST_CORRELATION = 0.9


class ChangeVerdict(StrEnum):
    IMPROVED = "improved"
    DECLINED = "declined"
    POSSIBLE = "possible"
    STABLE = "stable"
    CANNOT_TELL = "cannot tell"


VERDICTS = tuple(ChangeVerdict)


@dataclass(frozen=True, slots=True)
class SideChanges:
    """How far each side's own people moved, by node, assessment and side.

    Attributes:
        value: points, of the side's own view; not a number where the side has no part.
        n_before: raters of the side then.
        n_after: raters of the side now.
        n_both: raters who answered both times.
        covariance: C, how far a rater's two answers go together; 0 if nobody returned.
        se2: the side's part of the squared standard error of the alliance's change.
        df: degrees of freedom.
    """

    value: Floats
    n_before: Floats
    n_after: Floats
    n_both: Floats
    covariance: Floats
    se2: Floats
    df: Floats


@dataclass(frozen=True, slots=True)
class Changes:
    """How far each node moved, by node and assessment; not a number where nothing compares.

    Attributes:
        value: points; on what both quarters have, so it may differ from now less then.
        evidence: the points of it that come from evidence.
        error: standard error in points, and degrees of freedom.
        interval: of the change, not cut.
        p: how often chance alone would bring such a change.
        verdict: place in VERDICTS.
        by_side: each side's part.
        returning_only: change among raters who answered both times, with the same evidence; not a
            number if fewer than two sides have any.
        returning_tells_nobody: whether that may be shown beside the change: on each side with
            answers in confidence enough people stayed, and nobody or enough came and went.
        compares_alike: whether the earlier number may be shown as this rubric makes it; false where
            it was published by another one, and who counts may differ between the two.
    """

    value: Floats
    evidence: Floats
    error: Error
    interval: Interval
    p: Floats
    verdict: NDArray[np.int8]
    by_side: SideChanges
    returning_only: Floats
    returning_tells_nobody: Marks
    compares_alike: Marks


@dataclass(frozen=True, slots=True)
class Said:
    """One quarter: its sheets, their points, and its evidence."""

    sheets: Sheets
    points: Points
    evidence: Evidence
    segments: Segments


def changes(batch: Batch, before: Said, after: Said) -> Changes:
    """Return the change of every node that both quarters have."""
    shape = batch.shape
    parameters = shape.parameters
    has_both = (before.points.raters > 0) & (after.points.raters > 0)
    common = outline(shape, batch.by_side(has_both))
    shares = np.where(before.evidence.share > 0, after.evidence.share, 0.0)
    weights = coefficients(shape, common, shares)
    then = _spreads(batch, before, common, weights)
    now = _spreads(batch, after, common, weights)
    rose = np.where(has_both, after.points.means - before.points.means, 0.0)
    moved = _weigh(batch, weights, rose)
    evidence = _evidence_parts(batch, common, shares, before.evidence, after.evidence)
    matched = _Matched(batch, before, after)
    sides = _by_side(batch, moved, matched, then, now)
    value = in_turn([*np.moveaxis(batch.by_side(moved), -1, 0), evidence])
    value = np.where(common.there, value, np.nan)
    error = combine(np.moveaxis(sides.se2, -1, 0), np.moveaxis(sides.df, -1, 0))
    p = p_value(value, error)
    return Changes(
        value=value,
        evidence=evidence,
        error=error,
        interval=interval(value, error, parameters.confidence),
        p=p,
        verdict=change_verdict(parameters, value, error, p),
        by_side=sides,
        returning_only=_returning(batch, before, after, matched, shares) + evidence,
        returning_tells_nobody=_tells_nobody(batch, before, after, matched),
        compares_alike=_compares_alike(batch, before),
    )


@dataclass(frozen=True, slots=True)
class _Quarter:
    """Who contributes in one quarter to what both have, and the spreads."""

    who: Heads
    spreads: Spreads


def _spreads(batch: Batch, said: Said, common: Outline, weights: Sequence[Floats]) -> _Quarter:
    there = (common.sides > 0).reshape(batch.shape.dimensions, -1)
    who = heads(batch.shape, said.points, there, said.segments)
    return _Quarter(who, spreads(batch.shape, weights, said.points, who, said.segments))


def _weigh(batch: Batch, weights: Sequence[Floats], values: Floats) -> Floats:
    """Return by node the sum over its dimensions of weight times value."""
    return np.array(
        [
            in_turn(own * values[list(places)])
            for own, places in zip(weights, batch.shape.dimensions_of, strict=True)
        ]
    )


def _evidence_parts(
    batch: Batch, common: Outline, shares: Floats, before: Evidence, after: Evidence
) -> Floats:
    """Return the points that the evidence alone moves each node by."""
    points = np.where(shares > 0, shares * (after.value - before.value), 0.0)
    return _weigh(batch, common.shares, points)


class _Matched:
    """Raters who answered both times on the same side: their places then and now."""

    def __init__(self, batch: Batch, before: Said, after: Said) -> None:
        names, number = np.unique(
            np.concatenate([before.sheets.key, after.sheets.key]), return_inverse=True
        )
        of_rater = np.concatenate([before.sheets.segment, after.sheets.segment])
        who = of_rater * max(names.size, 1) + number
        _same, self.then, self.now = np.intersect1d(
            who[: before.sheets.segment.size],
            who[before.sheets.segment.size :],
            assume_unique=True,
            return_indices=True,
        )
        self.segments = Segments(after.sheets.segment[self.now], batch.size * batch.shape.sides)


def _by_side(
    batch: Batch, moved: Floats, matched: _Matched, then: _Quarter, now: _Quarter
) -> SideChanges:
    parameters = batch.shape.parameters
    n_then, n_now = then.spreads.raters, now.spreads.raters
    counts = then.who.counts[:, matched.then] & now.who.counts[:, matched.now]
    n_both = np.where(n_now > 0, matched.segments.count(counts), 0.0)
    covariance = _covariance(parameters, matched, counts, n_both, then.spreads, now.spreads)
    shared = np.where(n_both > 0, 2 * covariance * n_both / (n_then * n_now), 0.0)
    coefficient_sum = now.spreads.coefficient_sum
    return SideChanges(
        value=batch.by_side(moved / coefficient_sum),
        n_before=batch.by_side(n_then),
        n_after=batch.by_side(n_now),
        n_both=batch.by_side(n_both),
        covariance=batch.by_side(covariance),
        se2=batch.by_side(then.spreads.se2 + now.spreads.se2 - shared),
        df=batch.by_side(parameters.prior_df + np.minimum(n_then, n_now) - 1),
    )


def _covariance(
    parameters: Parameters,
    matched: _Matched,
    counts: NDArray[np.bool_],
    n_both: Floats,
    then: Spreads,
    now: Spreads,
) -> Floats:
    """Return C: how far the parts of a rater who answered both times go together."""
    segments = matched.segments
    centred = []
    for z in (then.z[:, matched.then], now.z[:, matched.now]):
        mean = segments.total(np.where(counts, z, 0.0)) / n_both
        centred.append(np.where(counts, z - segments.spread(mean), 0.0))
    products = segments.total(centred[0] * centred[1])
    expected = parameters.prior_r * prior_variance(parameters, now.coefficient_sum)
    found = (parameters.prior_df * expected + products) / (parameters.prior_df + n_both - 1)
    highest = HIGHEST_CORRELATION * np.sqrt(then.variance * now.variance)
    return np.where(n_both > 0, np.minimum(np.maximum(found, 0.0), highest), 0.0)


def _returning(
    batch: Batch, before: Said, after: Said, matched: _Matched, shares: Floats
) -> Floats:
    """Return what the raters who answered both times move each node by, without evidence."""
    then = before.points.of_rater[:, matched.then]
    now = after.points.of_rater[:, matched.now]
    counts = np.isfinite(then) & np.isfinite(now)
    moves = plain_means(np.where(counts, now - then, 0.0), counts, matched.segments)
    has_any = np.isfinite(moves)
    found = outline(batch.shape, batch.by_side(has_any))
    weights = coefficients(batch.shape, found, shares)
    by_side = batch.by_side(_weigh(batch, weights, np.where(has_any, moves, 0.0)))
    return np.where(found.there, in_turn(np.moveaxis(by_side, -1, 0)), np.nan)


def _tells_nobody(batch: Batch, before: Said, after: Said, matched: _Matched) -> Marks:
    """Return where what the returning raters moved tells nothing of the few who came or went.

    The change less theirs is what those made who left or came: of one alone it would be his answer.
    And it is told of every second quarter at most: from two in a row what somebody said who came
    and left again, or left and came back, would follow with one or two others.
    """
    shape, fewest = batch.shape, batch.shape.parameters.min_side_raters_shown
    then = before.points.counts & before.sheets.protected
    now = after.points.counts & after.sheets.protected
    stayed = matched.segments.count(then[:, matched.then] & now[:, matched.now])
    moved = before.segments.count(then) + after.segments.count(now) - 2 * stayed
    is_safe = (moved == 0) | ((stayed >= fewest) & (moved >= fewest))
    of_all_sides: Marks = np.all(batch.by_side(is_safe), axis=-1)
    if batch.before is not None:
        of_all_sides = of_all_sides & ~batch.before.told_returning
    return _in_all_dimensions(shape, of_all_sides)


def _compares_alike(batch: Batch, before: Said) -> Marks:
    """Return where the same people count in the earlier quarter by whatever rubric.

    A rater who answered all that he was asked in a dimension counts in it, and one who answered
    nothing does not. Of one who answered a part it depends on the weights, and so does which of his
    answers counts: what two rubrics make of it differs by the answers of few.
    """
    shape, sheets = batch.shape, before.sheets
    found = np.ones((shape.dimensions, batch.size), dtype=np.bool_)
    if batch.before is None or not batch.before.is_rebased.any():
        return _in_all_dimensions(shape, found)
    for place, items in enumerate(shape.items_of):
        answered = (sheets.steps[items] >= 0).sum(axis=0)
        asked = sheets.patterns[:, items].sum(axis=1)[sheets.asked]
        is_part = sheets.protected & (answered > 0) & (answered < asked)
        any_part = batch.by_side(before.segments.count(is_part)).sum(axis=-1) > 0
        found[place] = batch.before.is_whole[place] & ~any_part
    return _in_all_dimensions(shape, found | ~batch.before.is_rebased)


def _in_all_dimensions(shape: Shape, marks: Marks) -> Marks:
    """Return for every node whether all its dimensions are marked."""
    return np.array([marks[list(places)].all(axis=0) for places in shape.dimensions_of])


def change_verdict(
    parameters: Parameters, value: Floats, error: Error, p: Floats
) -> NDArray[np.int8]:
    """Return what may be said of changes."""
    is_sure = p < 1 - parameters.confidence
    is_possible = (np.abs(value) >= parameters.material_points) & (p < parameters.possible_p_below)
    is_stable = interval(value, error, parameters.equivalence_level).within(
        parameters.material_points
    )
    return np.select(
        [is_sure & (value > 0), is_sure, is_possible, is_stable],
        [
            VERDICTS.index(ChangeVerdict.IMPROVED),
            VERDICTS.index(ChangeVerdict.DECLINED),
            VERDICTS.index(ChangeVerdict.POSSIBLE),
            VERDICTS.index(ChangeVerdict.STABLE),
        ],
        VERDICTS.index(ChangeVerdict.CANNOT_TELL),
    ).astype(np.int8)
