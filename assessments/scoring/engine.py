"""Score one alliance in one quarter: the whole way from answers to a result."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assessments.scoring.aggregate import (
    Coefficients,
    Outline,
    node_coefficients,
    node_values,
    outline,
    survey_values,
)
from assessments.scoring.agreement import agreement
from assessments.scoring.answers import Survey, survey
from assessments.scoring.bands import (
    Band,
    band_after,
    band_probability,
    is_provisional,
    plain_band,
)
from assessments.scoring.change import Change, changes
from assessments.scoring.confidentiality import Publication, publications
from assessments.scoring.evidence import Evidence, disagrees, gather_evidence
from assessments.scoring.gaps import SideView, gaps
from assessments.scoring.inputs import (
    InputProblem,
    Quarter,
    Rater,
    check_evidence,
    check_raters,
    check_sides,
    in_order,
)
from assessments.scoring.quality import quality
from assessments.scoring.results import DimensionEvidence, NodeResult, Result, Score, Status
from assessments.scoring.spec import (
    OVERALL,
    Parameters,
    RubricSpec,
    dimension_key,
    pillar_key,
)
from assessments.scoring.uncertainty import (
    Error,
    combine,
    score_interval,
    side_spread,
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One quarter, read: what has a number, and its scores by node key."""

    answered: Survey
    evidence: Mapping[str, Evidence]
    there: Outline
    people_say: Mapping[str, float]
    scores: Mapping[str, Score]
    publications: Mapping[str, Publication]


def score(
    parameters: Parameters,
    rubric: RubricSpec,
    sides: Sequence[str],
    raters: Iterable[Rater],
    *,
    evidence: Mapping[str, float | None] | None = None,
    previous_bands: Mapping[str, Band] | None = None,
    before: Quarter | None = None,
) -> Result:
    """Return the scoring of one alliance in one quarter.

    The same inputs give the same digits, in whatever order the raters come.

    Args:
        parameters: how scores are worked out and shown.
        rubric: pillars, dimensions, items, weights.
        sides: ids of the alliance's sides, in the order in which gaps are told.
        raters: those who count (see `countable`), each with one side.
        evidence: value by metric id; missing, stale or None is no evidence.
        previous_bands: the band that each node was shown with last, by node key.
        before: the earlier quarter to compare with, on the same rubric.

    Returns:
        Everything, also what must stay inside: each node's `publication` says what may be shown.

    Raises:
        InputProblem: sides, raters, evidence or bands do not fit the rubric.
    """
    check_sides(sides)
    _check_bands(rubric, previous_bands or {})
    ordered = in_order(raters)
    now = _read(parameters, rubric, sides, ordered, evidence or {}, previous_bands or {})
    then = None
    moved: Mapping[str, Change] = {}
    if before is not None:
        then = _read(parameters, rubric, sides, in_order(before.raters), before.evidence, {})
        moved = changes(
            parameters, rubric, then.answered, now.answered, then.evidence, now.evidence
        )
    views = _side_views(parameters, rubric, sides, now)
    complete = _complete(rubric, sides, now.there)
    lacking = _lacking_evidence(rubric, now)
    nodes = {}
    for node in rubric.nodes:
        found = now.scores.get(node.key)
        may_show = now.publications[node.key]
        could_show = None if then is None else then.publications[node.key]
        nodes[node.key] = NodeResult(
            node=node,
            status=_status(found, is_complete=node.key in complete),
            score=found,
            lacks_evidence=node.key in lacking,
            sides=views[node.key],
            gaps=gaps(parameters, views[node.key]),
            change=moved.get(node.key),
            change_is_shown=(
                could_show is not None
                and node.key in moved
                and may_show.is_shown
                and could_show.is_shown
            ),
            change_sides_hidden=tuple(
                sorted({*may_show.sides_hidden, *(could_show.sides_hidden if could_show else ())})
            ),
            publication=may_show,
        )
    return Result(
        sides=tuple(sides),
        survey=now.answered,
        nodes=nodes,
        agreement={
            dimension.id: agreement(parameters, dimension, sides, ordered)
            for dimension in rubric.dimensions
        },
        evidence=_dimension_evidence(rubric, now),
        quality=quality(parameters, rubric, ordered),
        before=None if then is None else then.scores,
    )


def _check_bands(rubric: RubricSpec, previous_bands: Mapping[str, Band]) -> None:
    known = {node.key for node in rubric.nodes}
    for key in previous_bands:
        if key not in known:
            raise InputProblem(f"There is an earlier band for {key}, not in the rubric.")


def _read(
    parameters: Parameters,
    rubric: RubricSpec,
    sides: Sequence[str],
    raters: Sequence[Rater],
    evidence: Mapping[str, float | None],
    previous_bands: Mapping[str, Band],
) -> _Reading:
    """Return one quarter's scores, and what may be shown of them."""
    check_raters(parameters, rubric, sides, raters)
    check_evidence(rubric, evidence)
    answered = survey(parameters, rubric, sides, raters)
    there = outline(rubric, answered.means)
    found = gather_evidence(rubric, evidence)
    people_say = survey_values(there, answered.means)
    values = node_values(there, people_say, found)
    coefficients = node_coefficients(
        there, {dimension: part.share for dimension, part in found.items()}
    )
    return _Reading(
        answered=answered,
        evidence=found,
        there=there,
        people_say=people_say,
        scores={
            key: _score(parameters, value, coefficients[key], answered, previous_bands.get(key))
            for key, value in values.items()
        },
        publications=publications(parameters, rubric, there, answered, raters),
    )


def _score(
    parameters: Parameters,
    value: float,
    coefficients: Coefficients,
    answered: Survey,
    previous: Band | None,
) -> Score:
    spreads = {
        side: side_spread(parameters, own, answered.sides[side], answered.means[side])
        for side, own in coefficients.items()
    }
    error = combine((spread.se2, spread.df) for spread in spreads.values())
    shown = score_interval(value, error, parameters.confidence)
    band = band_after(parameters.bands, value, previous)
    probability = band_probability(parameters.bands, band, value, error)
    return Score(
        value=value,
        se=error.se,
        df=error.df,
        shown=shown,
        band_without_history=plain_band(parameters.bands, value),
        band=band,
        band_probability=probability,
        is_provisional=is_provisional(probability, shown),
        coefficients=coefficients,
        spreads=spreads,
    )


def _status(found: Score | None, *, is_complete: bool) -> Status:
    if found is None:
        return Status.INSUFFICIENT
    return Status.OK if is_complete else Status.INCOMPLETE


def _complete(rubric: RubricSpec, sides: Sequence[str], there: Outline) -> set[str]:
    """Return the keys of the nodes that lack neither a side nor a dimension."""
    complete = set()
    for pillar in rubric.pillars:
        whole = {
            dimension.id
            for dimension in pillar.dimensions
            if len(there.sides.get(dimension.id, ())) == len(sides)
        }
        complete |= {dimension_key(dimension) for dimension in whole}
        if len(whole) == len(pillar.dimensions):
            complete.add(pillar_key(pillar.id))
    if all(pillar_key(pillar.id) in complete for pillar in rubric.pillars):
        complete.add(OVERALL.key)
    return complete


def _lacking_evidence(rubric: RubricSpec, now: _Reading) -> set[str]:
    """Return the keys of the nodes in which evidence that the rubric asks for is missing."""
    lacking = set()
    for pillar in rubric.pillars:
        for dimension in pillar.dimensions:
            if dimension.evidence is not None and dimension.id not in now.evidence:
                lacking |= {dimension_key(dimension.id), pillar_key(pillar.id), OVERALL.key}
    return lacking


def _side_views(
    parameters: Parameters, rubric: RubricSpec, sides: Sequence[str], now: _Reading
) -> dict[str, dict[str, SideView]]:
    """Return each side's own view, by node key and side."""
    views: dict[str, dict[str, SideView]] = {node.key: {} for node in rubric.nodes}
    for side in sides:
        means = now.answered.means[side]
        # Upwards only with what the alliance has too, so that a view can be set beside it.
        common = {name: mean for name, mean in means.items() if name in now.there.sides}
        own = outline(rubric, {side: common}, fewest_sides=1)
        values = node_values(own, common, {})
        coefficients = dict(node_coefficients(own, {}))
        for dimension in means.keys() - common.keys():
            values[dimension_key(dimension)] = means[dimension]
            coefficients[dimension_key(dimension)] = {side: {dimension: 1.0}}
        partial = _partial(own, now.there)
        for key, value in values.items():
            spread = side_spread(
                parameters, coefficients[key][side], now.answered.sides[side], means
            )
            error = Error(se=math.sqrt(spread.se2), df=spread.df)
            views[key][side] = SideView(
                value=value,
                se=error.se,
                df=error.df,
                shown=score_interval(value, error, parameters.confidence),
                n=spread.n,
                is_hidden=side in now.publications[key].sides_hidden,
                is_incomplete=key in partial,
            )
    return views


def _partial(own: Outline, alliance: Outline) -> set[str]:
    """Return the keys of a side's pillars that lack a dimension that the alliance's have."""
    partial = {
        pillar_key(pillar)
        for pillar, shares in own.pillars.items()
        if shares.keys() != alliance.pillars[pillar].keys()
    }
    return partial | {OVERALL.key} if partial else partial


def _dimension_evidence(rubric: RubricSpec, now: _Reading) -> dict[str, DimensionEvidence]:
    told = {}
    for dimension in rubric.dimensions:
        if dimension.evidence is None:
            continue
        people_say = now.people_say.get(dimension.id)
        found = now.evidence.get(dimension.id)
        told[dimension.id] = DimensionEvidence(
            people_say=people_say,
            evidence_says=found.value if found else None,
            disagree=found is not None and disagrees(people_say, found.value),
            metrics=found.metrics
            if found
            else dict.fromkeys(metric.id for metric in dimension.evidence.metrics),
        )
    return told
