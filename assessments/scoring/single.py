"""One assessment: a batch of one, and the view of what the columns hold of it."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import numpy as np

from assessments.scoring.agreement import WORDS, mean_deviation
from assessments.scoring.bands import LADDER, Band, Steps
from assessments.scoring.batch import (
    BLANK,
    CANNOT_TELL,
    NO_BAND,
    NO_CAP,
    Batch,
    Quarters,
    Sheets,
    shape_of,
    side_order,
)
from assessments.scoring.change import VERDICTS as CHANGE_VERDICTS
from assessments.scoring.columns import Floats
from assessments.scoring.engine import Reading, Scored, score_batch
from assessments.scoring.evidence import disagrees
from assessments.scoring.gaps import VERDICTS as GAP_VERDICTS
from assessments.scoring.inputs import (
    NOT_APPLICABLE,
    Answer,
    InputProblem,
    Quarter,
    Rater,
    check_evidence,
    check_raters,
    check_sides,
)
from assessments.scoring.quality import quality
from assessments.scoring.results import (
    Agreement,
    Change,
    DimensionEvidence,
    Gap,
    Interval,
    NodeResult,
    Publication,
    Quality,
    Result,
    Score,
    SideChange,
    SideSpread,
    SideView,
    Status,
    StraightLine,
    Survey,
)
from assessments.scoring.spec import Node, Parameters, RubricSpec


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
    batch = batch_of_one(
        parameters,
        rubric,
        sides,
        raters,
        evidence=evidence,
        previous_bands=previous_bands,
        before=before,
    )
    return result_of(score_batch(batch), sides)


def result_of(scored: Scored, sides: Sequence[str]) -> Result:
    """Return what a batch of one assessment holds, by name.

    Args:
        scored: the batch.
        sides: ids of the assessment's sides, in order.
    """
    return _View(scored, tuple(sides)).result()


def batch_of_one(
    parameters: Parameters,
    rubric: RubricSpec,
    sides: Sequence[str],
    raters: Iterable[Rater],
    *,
    evidence: Mapping[str, float | None] | None = None,
    previous_bands: Mapping[str, Band] | None = None,
    before: Quarter | None = None,
) -> Batch:
    """Return the inputs of one scoring, checked, as the columns that scoring takes.

    Raises:
        InputProblem: sides, raters, evidence or bands do not fit the rubric.
    """
    check_sides(sides)
    _check_bands(rubric, previous_bands or {})
    quarter = Quarter(tuple(raters), evidence or {})
    for one in (quarter, *([before] if before else [])):
        check_raters(parameters, rubric, sides, one.raters)
        check_evidence(rubric, one.evidence)
    weights = tuple(rubric.side_weights.get(side, Decimal(1)) for side in sides)
    return Batch(
        shape=shape_of(parameters, rubric, len(sides), weights if rubric.side_weights else ()),
        size=1,
        sheets=_sheets(parameters, rubric, sides, quarter.raters),
        evidence=_values(quarter.evidence),
        previous_bands=_steps(rubric, previous_bands or {}),
        caps=np.full((len(rubric.nodes), 1), NO_CAP, dtype=np.int8),
        cap_reasons=np.full((len(rubric.nodes), 1), NO_CAP, dtype=np.int8),
        side_order=side_order([sides]),
        before=Quarters(
            exists=np.ones(1, dtype=np.bool_),
            sheets=_sheets(parameters, rubric, sides, before.raters),
            evidence=_values(before.evidence),
            is_rebased=np.zeros(1, dtype=np.bool_),
            is_whole=np.ones((len(rubric.dimensions), 1), dtype=np.bool_),
            told_returning=np.zeros(1, dtype=np.bool_),
        )
        if before
        else None,
    )


def _check_bands(rubric: RubricSpec, previous_bands: Mapping[str, Band]) -> None:
    known = {node.key for node in rubric.nodes}
    for key in previous_bands:
        if key not in known:
            raise InputProblem(f"There is an earlier band for {key}, not in the rubric.")


def _sheets(
    parameters: Parameters, rubric: RubricSpec, sides: Sequence[str], raters: Sequence[Rater]
) -> Sheets:
    items = [item.id for dimension in rubric.dimensions for item in dimension.items]
    steps = np.full((len(items), len(raters)), BLANK, dtype=np.int16)
    asked = np.ones((len(raters), len(items)), dtype=np.bool_)
    for place, rater in enumerate(raters):
        for row, item in enumerate(items):
            steps[row, place] = _step(parameters, rater.answers.get(item))
            asked[place, row] = rater.asked is None or item in rater.asked
    return Sheets(
        segment=np.array([sides.index(rater.side) for rater in raters], dtype=np.int64),
        key=np.array([rater.id.encode() for rater in raters], dtype=np.bytes_),
        protected=np.array([rater.protected for rater in raters], dtype=np.bool_),
        asked=np.arange(len(raters)),
        patterns=asked,
        steps=steps,
    ).sorted()


def _step(parameters: Parameters, answer: Answer) -> int:
    if answer is None:
        return BLANK
    if answer == NOT_APPLICABLE:
        return CANNOT_TELL
    return answer - parameters.scale_min


def _values(evidence: Mapping[str, float | None]) -> dict[str, Floats]:
    return {
        metric: np.array([np.nan if value is None else value], dtype=np.float64)
        for metric, value in evidence.items()
    }


def _steps(rubric: RubricSpec, bands: Mapping[str, Band]) -> Steps:
    found = [
        LADDER.index(bands[node.key]) if node.key in bands else NO_BAND for node in rubric.nodes
    ]
    return np.array(found, dtype=np.int8).reshape(-1, 1)


class _View:
    """What the columns of a batch hold of its only assessment."""

    def __init__(self, scored: Scored, sides: tuple[str, ...]) -> None:
        self._scored = scored
        self._sides = sides
        self._shape = scored.batch.shape
        self._rubric = self._shape.rubric
        self._dimensions = [dimension.id for dimension in self._rubric.dimensions]
        self._raters = _names(scored.batch.sheets)
        self._deviation = mean_deviation(self._shape, 1, scored.batch.sheets)

    def result(self) -> Result:
        then = self._scored.then
        return Result(
            sides=self._sides,
            survey=self._survey(),
            nodes={
                node.key: self._node(place, node) for place, node in enumerate(self._rubric.nodes)
            },
            agreement={name: self._agreement(d) for d, name in enumerate(self._dimensions)},
            evidence=self._evidence(),
            quality=self._quality(),
            before=None if then is None else self._before(then),
        )

    def _before(self, then: Reading) -> dict[str, Score]:
        before = self._scored.batch.before
        sheets = before.sheets if before else self._scored.batch.sheets
        found = {
            node.key: self._score(place, then, sheets)
            for place, node in enumerate(self._rubric.nodes)
        }
        return {key: score for key, score in found.items() if score is not None}

    def _survey(self) -> Survey:
        found = self._scored.now.points
        raters: dict[str, dict[str, float]] = {rater: {} for rater in self._raters}
        sides: dict[str, dict[str, dict[str, float]]] = {side: {} for side in self._sides}
        means: dict[str, dict[str, float]] = {side: {} for side in self._sides}
        for place, dimension in enumerate(self._dimensions):
            for rater in np.flatnonzero(found.counts[place]):
                name = self._raters[rater]
                side = self._sides[self._scored.batch.sheets.segment[rater]]
                points = float(found.of_rater[place, rater])
                raters[name][dimension] = points
                sides[side].setdefault(dimension, {})[name] = points
            for number in np.flatnonzero(found.raters[place]):
                means[self._sides[number]][dimension] = float(found.means[place, number])
        return Survey(raters=raters, sides=sides, means=means)

    def _node(self, place: int, node: Node) -> NodeResult:
        scored = self._scored
        score = self._score(place, scored.now, scored.batch.sheets)
        status = Status.INSUFFICIENT
        if score is not None:
            status = Status.OK if scored.is_complete[place, 0] else Status.INCOMPLETE
        hidden = set(self._hidden(place, scored.now))
        earlier = set(self._hidden(place, scored.then)) if scored.then else set()
        found = scored.now.publication
        return NodeResult(
            node=node,
            status=status,
            score=score,
            lacks_evidence=bool(scored.lacks_evidence[place, 0]),
            sides=self._views(place),
            gaps=self._gaps(place),
            change=self._change(place),
            change_is_shown=bool(scored.change_is_shown[place, 0]),
            change_sides_hidden=tuple(sorted(hidden | earlier)),
            publication=Publication(
                meets_limits=bool(found.meets_limits[place, 0]),
                is_shown=bool(found.is_shown[place, 0]),
                sides_hidden=tuple(sorted(hidden)),
                n_by_side={
                    side: int(n)
                    for side, n in zip(self._sides, found.raters[place, 0], strict=True)
                    if n
                },
            ),
        )

    def _hidden(self, place: int, reading: Reading) -> list[str]:
        marks = reading.publication.hidden[place, 0]
        return [side for side, is_hidden in zip(self._sides, marks, strict=True) if is_hidden]

    def _score(self, place: int, reading: Reading, sheets: Sheets) -> Score | None:
        found = reading.scores
        if not reading.there.there[place, 0]:
            return None
        weights = found.coefficients[place]
        names = [self._dimensions[d] for d in self._shape.dimensions_of[place]]
        spread = found.spreads
        sides = np.flatnonzero(spread.raters[place])
        raters = _names(sheets)
        contributes = np.flatnonzero(reading.who.counts[place]).tolist()
        return Score(
            value=float(found.value[place, 0]),
            se=float(found.error.se[place, 0]),
            df=float(found.error.df[place, 0]),
            shown=Interval(float(found.shown.low[place, 0]), float(found.shown.high[place, 0])),
            band_without_history=LADDER[found.band_without_history[place, 0]],
            band=LADDER[found.band[place, 0]],
            band_probability=float(found.band_probability[place, 0]),
            is_provisional=bool(found.is_provisional[place, 0]),
            coefficients={
                self._sides[side]: {
                    name: float(own[side])
                    for own, name in zip(weights, names, strict=True)
                    if own[side] > 0
                }
                for side in sides
            },
            spreads={
                self._sides[side]: SideSpread(
                    coefficient_sum=float(spread.coefficient_sum[place, side]),
                    z={
                        raters[rater]: float(spread.z[place, rater])
                        for rater in contributes
                        if sheets.segment[rater] == side
                    },
                    variance=float(spread.variance[place, side]),
                    se2=float(spread.se2[place, side]),
                    df=float(spread.df[place, side]),
                )
                for side in sides
            },
        )

    def _views(self, place: int) -> dict[str, SideView]:
        views = self._scored.views
        hidden = self._scored.now.publication.hidden
        return {
            side: SideView(
                value=float(views.value[place, 0, number]),
                se=float(views.error.se[place, 0, number]),
                df=float(views.error.df[place, 0, number]),
                shown=Interval(
                    float(views.shown.low[place, 0, number]),
                    float(views.shown.high[place, 0, number]),
                ),
                n=int(views.raters[place, 0, number]),
                is_hidden=bool(hidden[place, 0, number]),
                is_incomplete=bool(views.is_incomplete[place, 0, number]),
            )
            for number, side in enumerate(self._sides)
            if np.isfinite(views.value[place, 0, number])
        }

    def _gaps(self, place: int) -> tuple[Gap, ...]:
        found = self._scored.gaps
        views = self._views(place)
        is_pair = bool(found.pairs[place, 0])
        return tuple(
            Gap(
                side=self._sides[number],
                other=list(views)[1] if is_pair else None,
                value=float(found.value[number, place, 0]),
                se=float(found.error.se[number, place, 0]),
                df=float(found.error.df[number, place, 0]),
                interval=Interval(
                    float(found.interval.low[number, place, 0]),
                    float(found.interval.high[number, place, 0]),
                ),
                p=float(found.p[number, place, 0]),
                p_holm=None if is_pair else float(found.p_holm[number, place, 0]),
                verdict=GAP_VERDICTS[found.verdict[number, place, 0]],
                is_shown=not any(view.is_hidden for view in views.values()),
            )
            for number in np.flatnonzero(found.is_there[:, place, 0])
        )

    def _change(self, place: int) -> Change | None:
        found = self._scored.changes
        if found is None or not np.isfinite(found.value[place, 0]):
            return None
        sides = found.by_side
        returning = float(found.returning_only[place, 0])
        return Change(
            value=float(found.value[place, 0]),
            evidence=float(found.evidence[place, 0]),
            se=float(found.error.se[place, 0]),
            df=float(found.error.df[place, 0]),
            interval=Interval(
                float(found.interval.low[place, 0]), float(found.interval.high[place, 0])
            ),
            p=float(found.p[place, 0]),
            verdict=CHANGE_VERDICTS[found.verdict[place, 0]],
            by_side={
                self._sides[side]: SideChange(
                    value=float(sides.value[place, 0, side]),
                    n_before=int(sides.n_before[place, 0, side]),
                    n_after=int(sides.n_after[place, 0, side]),
                    n_both=int(sides.n_both[place, 0, side]),
                    covariance=float(sides.covariance[place, 0, side]),
                    se2=float(sides.se2[place, 0, side]),
                    df=float(sides.df[place, 0, side]),
                )
                for side in np.flatnonzero(sides.n_after[place, 0])
            },
            returning_only=returning if np.isfinite(returning) else None,
        )

    def _agreement(self, place: int) -> Agreement:
        found = self._scored.agreement
        return Agreement(
            within_sides=_number(found.within_sides[place, 0]),
            mean_item_variance=_number(found.mean_item_variance[place, 0]),
            all_raters=_number(found.all_raters[place, 0]),
            all_raters_j=_number(found.all_raters_j[place, 0]),
            mean_deviation=_number(self._deviation[place, 0]),
            word=WORDS[found.word[place, 0]],
            could_be_chance=bool(found.could_be_chance[place, 0]),
            raters=int(found.raters[place, 0]),
            items=int(found.items[place, 0]),
        )

    def _evidence(self) -> dict[str, DimensionEvidence]:
        now = self._scored.now
        return {
            name: DimensionEvidence(
                people_say=_number(now.people_say[place, 0]),
                evidence_says=_number(now.evidence.value[place, 0]),
                disagree=bool(disagrees(now.people_say, now.evidence.value)[place, 0]),
                metrics={
                    metric: _number(points[0])
                    for metric, points in now.evidence.metrics[name].items()
                },
            )
            for place, name in enumerate(self._dimensions)
            if name in now.evidence.metrics
        }

    def _quality(self) -> Quality:
        found = quality(self._shape, self._scored.batch.sheets)
        by_id = sorted(range(len(self._raters)), key=self._raters.__getitem__)
        return Quality(
            straight_lining=tuple(
                StraightLine(
                    self._raters[rater], int(found.longest_run[rater]), int(found.answered[rater])
                )
                for rater in by_id
                if found.is_straight[rater]
            ),
            answered={self._raters[rater]: int(found.answered[rater]) for rater in by_id},
            not_applicable={
                self._raters[rater]: int(found.not_applicable[rater]) for rater in by_id
            },
        )


def _names(sheets: Sheets) -> list[str]:
    return [key.decode() for key in sheets.key.tolist()]


def _number(value: np.float64) -> float | None:
    return float(value) if np.isfinite(value) else None
