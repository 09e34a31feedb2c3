"""How far a score moved since an earlier quarter, and whether that is more than noise (part 9).

Compared is only what both quarters have: the same sides in the same dimensions, and evidence only
where both had it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from assessments.scoring.aggregate import (
    Coefficients,
    Outline,
    node_coefficients,
    outline,
    weigh,
)
from assessments.scoring.answers import Survey, plain_means
from assessments.scoring.evidence import Evidence
from assessments.scoring.spec import (
    OVERALL,
    Parameters,
    RubricSpec,
    dimension_key,
    pillar_key,
)
from assessments.scoring.uncertainty import (
    Error,
    Interval,
    SideSpread,
    combine,
    interval,
    p_value,
    prior_variance,
    side_spread,
)

HIGHEST_CORRELATION = 0.9


class ChangeVerdict(StrEnum):
    IMPROVED = "improved"
    DECLINED = "declined"
    POSSIBLE = "possible"
    STABLE = "stable"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class SideChange:
    """How far one side's own people moved.

    Attributes:
        value: points, of the side's own view.
        n_before: raters of the side then.
        n_after: raters of the side now.
        n_both: raters who answered both times.
        covariance: C, how far a rater's two answers go together; 0 if nobody returned.
        se2: the side's part of the squared standard error of the alliance's change.
        df: degrees of freedom.
    """

    value: float
    n_before: int
    n_after: int
    n_both: int
    covariance: float
    se2: float
    df: float


@dataclass(frozen=True, slots=True)
class Change:
    """How far a node moved.

    Attributes:
        value: points; on what both quarters have, so it may differ from now less then.
        evidence: the points of it that come from evidence.
        se: standard error, in points.
        df: degrees of freedom.
        interval: of the change, not cut.
        p: how often chance alone would bring such a change.
        verdict: what may be said of it.
        by_side: each side's part.
        returning_only: change among raters who answered both times, with the same evidence; None
            if fewer than two sides have any.
    """

    value: float
    evidence: float
    se: float
    df: float
    interval: Interval
    p: float
    verdict: ChangeVerdict
    by_side: Mapping[str, SideChange]
    returning_only: float | None

    @property
    def returned(self) -> int:
        """Return how many raters answered both times."""
        return sum(side.n_both for side in self.by_side.values())


def changes(
    parameters: Parameters,
    rubric: RubricSpec,
    before: Survey,
    after: Survey,
    evidence_before: Mapping[str, Evidence],
    evidence_after: Mapping[str, Evidence],
) -> dict[str, Change]:
    """Return the change of every node that both quarters have, by node key."""
    common = _common(before.means, after.means)
    there = outline(rubric, common)
    shares = {
        dimension: evidence_after[dimension].share
        for dimension in there.sides
        if dimension in evidence_before and dimension in evidence_after
    }
    moved = {
        dimension: evidence_after[dimension].value - evidence_before[dimension].value
        for dimension in shares
    }
    coefficients = node_coefficients(there, shares)
    evidence = _evidence_parts(there, shares, moved)
    returning = _returning_moves(rubric, before, after, shares)
    return {
        key: _change(
            parameters,
            coefficients[key],
            before,
            after,
            evidence[key],
            returning.get(key),
        )
        for key in coefficients
    }


def _common(
    before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    """Return what each side's mean rose by, in the dimensions that it has in both quarters."""
    return {
        side: {
            dimension: mean - before[side][dimension]
            for dimension, mean in dimensions.items()
            if dimension in before[side]
        }
        for side, dimensions in after.items()
    }


def _evidence_parts(
    there: Outline, shares: Mapping[str, float], moved: Mapping[str, float]
) -> dict[str, float]:
    """Return the points that the evidence alone moves each node by."""
    dimensions = {
        name: shares[name] * moved[name] if name in shares else 0.0 for name in there.sides
    }
    pillars = {
        pillar: math.fsum(share * dimensions[name] for name, share in parts.items())
        for pillar, parts in there.pillars.items()
    }
    overall = math.fsum(share * pillars[pillar] for pillar, share in there.overall.items())
    return {
        **{dimension_key(name): points for name, points in dimensions.items()},
        **{pillar_key(name): points for name, points in pillars.items()},
        OVERALL.key: overall,
    }


def _returning_moves(
    rubric: RubricSpec, before: Survey, after: Survey, shares: Mapping[str, float]
) -> dict[str, float]:
    """Return what the raters who answered both times move each node by, without evidence."""
    moves = plain_means(
        {
            side: {
                dimension: both
                for dimension, points in dimensions.items()
                if (both := _moves(before.sides[side].get(dimension, {}), points))
            }
            for side, dimensions in after.sides.items()
        }
    )
    coefficients = node_coefficients(outline(rubric, moves), shares)
    return {key: weigh(by_side, moves) for key, by_side in coefficients.items()}


def _moves(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    return {rater: value - before[rater] for rater, value in after.items() if rater in before}


def _change(
    parameters: Parameters,
    coefficients: Coefficients,
    before: Survey,
    after: Survey,
    evidence: float,
    returning: float | None,
) -> Change:
    by_side = {}
    people = []
    for side, own in coefficients.items():
        then = side_spread(parameters, own, before.sides[side], before.means[side])
        now = side_spread(parameters, own, after.sides[side], after.means[side])
        moved = math.fsum(
            coefficient * (after.means[side][dimension] - before.means[side][dimension])
            for dimension, coefficient in own.items()
        )
        people.append(moved)
        by_side[side] = _side_change(parameters, moved, then, now)
    value = math.fsum([*people, evidence])
    error = combine((part.se2, part.df) for part in by_side.values())
    p = p_value(value, error)
    return Change(
        value=value,
        evidence=evidence,
        se=error.se,
        df=error.df,
        interval=interval(value, error, parameters.confidence),
        p=p,
        verdict=change_verdict(parameters, value, error, p),
        by_side=by_side,
        returning_only=None if returning is None else returning + evidence,
    )


def _side_change(
    parameters: Parameters, moved: float, then: SideSpread, now: SideSpread
) -> SideChange:
    both = sorted(then.z.keys() & now.z.keys())
    covariance = _covariance(parameters, then, now, both)
    se2 = then.se2 + now.se2 - 2 * covariance * len(both) / (then.n * now.n)
    return SideChange(
        value=moved / now.coefficient_sum,
        n_before=then.n,
        n_after=now.n,
        n_both=len(both),
        covariance=covariance,
        se2=se2,
        df=parameters.prior_df + min(then.n, now.n) - 1,
    )


def _covariance(
    parameters: Parameters, then: SideSpread, now: SideSpread, both: list[str]
) -> float:
    """Return C: how far the parts of a rater who answered both times go together."""
    if not both:
        return 0.0
    mean_then = math.fsum(then.z[rater] for rater in both) / len(both)
    mean_now = math.fsum(now.z[rater] for rater in both) / len(both)
    products = math.fsum((then.z[rater] - mean_then) * (now.z[rater] - mean_now) for rater in both)
    expected = parameters.prior_r * prior_variance(parameters, now.coefficient_sum)
    found = (parameters.prior_df * expected + products) / (parameters.prior_df + len(both) - 1)
    highest = HIGHEST_CORRELATION * math.sqrt(then.variance * now.variance)
    return min(max(found, 0.0), highest)


def change_verdict(parameters: Parameters, value: float, error: Error, p: float) -> ChangeVerdict:
    """Return what may be said of a change."""
    if p < 1 - parameters.confidence:
        return ChangeVerdict.IMPROVED if value > 0 else ChangeVerdict.DECLINED
    if abs(value) >= parameters.material_points and p < parameters.possible_p_below:
        return ChangeVerdict.POSSIBLE
    if interval(value, error, parameters.equivalence_level).within(parameters.material_points):
        return ChangeVerdict.STABLE
    return ChangeVerdict.CANNOT_TELL
