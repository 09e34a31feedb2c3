"""Score a batch of assessments: the whole way from answers to results, in columns."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assessments.scoring.aggregate import (
    Outline,
    coefficients,
    node_values,
    outline,
    people_say,
)
from assessments.scoring.agreement import Agreement, agreement
from assessments.scoring.answers import Points, points
from assessments.scoring.bands import (
    Steps,
    band_after,
    band_probability,
    is_provisional,
    plain_band,
)
from assessments.scoring.batch import NO_BAND, Batch, Shape, Sheets
from assessments.scoring.change import Changes, Said, changes
from assessments.scoring.columns import Floats, Marks, Segments
from assessments.scoring.confidentiality import Publication, publication
from assessments.scoring.evidence import Evidence, gather_evidence
from assessments.scoring.gaps import Gaps, gaps
from assessments.scoring.uncertainty import (
    Error,
    Heads,
    Interval,
    Spreads,
    combine,
    heads,
    interval,
    spreads,
)


@dataclass(frozen=True, slots=True)
class Scores:
    """The numbers of every node, by node and assessment; not a number where there is none.

    Attributes:
        value: from 0 to 100.
        error: standard error in points, and degrees of freedom.
        shown: the interval, cut to 0 and 100.
        band_without_history: the band that the value alone gives, as a place in the ladder.
        band: the band after the earlier band.
        band_probability: how probable it is that the true value lies in the band, from 0 to 1.
        is_provisional: whether the band is too unsure to be shown as settled.
        coefficients: by node, for each of its dimensions by segment: how much the mean moves it.
        spreads: by node and segment, what makes the value uncertain.
    """

    value: Floats
    error: Error
    shown: Interval
    band_without_history: Steps
    band: Steps
    band_probability: Floats
    is_provisional: Marks
    coefficients: tuple[Floats, ...]
    spreads: Spreads


@dataclass(frozen=True, slots=True)
class Reading:
    """One quarter, read.

    Attributes:
        points: what its raters said.
        evidence: what its records say.
        there: what has a number.
        people_say: by dimension and assessment, the survey's value.
        who: which raters contribute to which node.
        scores: the numbers.
        publication: what of them may be shown.
    """

    points: Points
    evidence: Evidence
    there: Outline
    people_say: Floats
    who: Heads
    scores: Scores
    publication: Publication


@dataclass(frozen=True, slots=True)
class Views:
    """What each side's own people say, without evidence; by node, assessment and side.

    Attributes:
        value: from 0 to 100; not a number where the side has no view.
        error: standard error in points, and degrees of freedom.
        shown: the interval, cut to 0 and 100.
        raters: how many contribute.
        is_incomplete: whether a dimension is missing of those that the alliance has.
    """

    value: Floats
    error: Error
    shown: Interval
    raters: Floats
    is_incomplete: Marks


@dataclass(frozen=True, slots=True)
class Scored:
    """The results of a batch. Everything, also what must stay inside: see `publication`.

    Attributes:
        batch: what was scored.
        now: the quarter that was scored.
        then: the earlier quarter; None if the batch has none.
        views: each side's own.
        gaps: between the sides, the sides first.
        changes: since the earlier quarter.
        change_is_shown: by node and assessment, whether both quarters' numbers may be shown.
        agreement: by dimension.
        is_complete: by node and assessment, whether neither a side nor a dimension is missing.
        lacks_evidence: whether evidence that the rubric asks for is missing in it.
    """

    batch: Batch
    now: Reading
    then: Reading | None
    views: Views
    gaps: Gaps
    changes: Changes | None
    change_is_shown: Marks
    agreement: Agreement
    is_complete: Marks
    lacks_evidence: Marks


def score_batch(batch: Batch) -> Scored:
    """Return the scorings of a batch.

    An assessment has the same digits whatever batch it is in, and whatever order the rows came in.

    Args:
        batch: checked inputs, sheets in order.
    """
    # What is not there is not a number, and stays so through the arithmetic without a word.
    with np.errstate(divide="ignore", invalid="ignore"):
        return _scored(batch)


def _scored(batch: Batch) -> Scored:
    shape = batch.shape
    segments = batch.segments(batch.sheets)
    now = _read(batch, batch.sheets, segments, batch.evidence, batch.previous_bands)
    views = _views(batch, now, segments)
    then, moved = None, None
    change_is_shown = np.zeros(now.there.there.shape, dtype=np.bool_)
    if batch.before is not None:
        sheets = batch.before.sheets
        earlier = batch.segments(sheets)
        none = np.full_like(batch.previous_bands, NO_BAND)
        then = _read(batch, sheets, earlier, batch.before.evidence, none)
        moved = changes(
            batch,
            Said(sheets, then.points, then.evidence, earlier),
            Said(batch.sheets, now.points, now.evidence, segments),
        )
        change_is_shown = (
            np.isfinite(moved.value)
            & now.publication.is_shown
            & then.publication.is_shown
            & moved.compares_alike
        )
    return Scored(
        batch=batch,
        now=now,
        then=then,
        views=views,
        gaps=gaps(
            shape.parameters,
            *(
                np.moveaxis(column, -1, 0)
                for column in (views.value, views.error.se * views.error.se, views.error.df)
            ),
        ),
        changes=moved,
        change_is_shown=change_is_shown,
        agreement=agreement(shape, batch.size, batch.sheets),
        is_complete=_complete(shape, now.there),
        lacks_evidence=_lacking_evidence(shape, now.evidence),
    )


def _read(
    batch: Batch,
    sheets: Sheets,
    segments: Segments,
    evidence: Mapping[str, Floats],
    previous_bands: Steps,
) -> Reading:
    """Return one quarter's scores, and what may be shown of them."""
    shape = batch.shape
    found = points(shape, sheets, segments)
    records = gather_evidence(shape.rubric, evidence, batch.size)
    there = outline(shape, batch.by_side(found.raters) > 0)
    who = heads(shape, found, (there.sides > 0).reshape(shape.dimensions, -1), segments)
    survey = people_say(there, batch.by_side(found.means))
    weights = coefficients(shape, there, records.share)
    return Reading(
        points=found,
        evidence=records,
        there=there,
        people_say=survey,
        who=who,
        scores=_scores(
            batch,
            node_values(shape, there, survey, records),
            weights,
            spreads(shape, weights, found, who, segments),
            previous_bands,
        ),
        publication=publication(
            shape,
            there.there,
            batch.by_side(who.raters),
            batch.by_side(segments.count(who.counts & sheets.protected)),
            batch.side_order,
        ),
    )


def _scores(
    batch: Batch, value: Floats, weights: tuple[Floats, ...], found: Spreads, previous_bands: Steps
) -> Scores:
    parameters = batch.shape.parameters
    error = combine(
        np.moveaxis(batch.by_side(found.se2), -1, 0), np.moveaxis(batch.by_side(found.df), -1, 0)
    )
    shown = interval(value, error, parameters.confidence).cut()
    band = band_after(parameters.bands, value, previous_bands)
    probability = band_probability(parameters.bands, band, value, error)
    return Scores(
        value=value,
        error=error,
        shown=shown,
        band_without_history=plain_band(parameters.bands, value),
        band=band,
        band_probability=probability,
        is_provisional=is_provisional(probability, shown),
        coefficients=weights,
        spreads=found,
    )


def _views(batch: Batch, now: Reading, segments: Segments) -> Views:
    """Return each side's own view: every side is here an alliance of one."""
    shape = batch.shape
    means = now.points.means
    # Upwards only with what the alliance has too, so that a view can be set beside it.
    common = (now.there.sides > 0).reshape(shape.dimensions, -1)
    own = outline(shape, common[..., np.newaxis], side_shares=(1,), fewest_sides=1)
    has_any = now.points.raters > 0
    value = node_values(shape, own, np.where(common, means, np.nan))
    value[: shape.dimensions] = np.where(has_any, means, np.nan)
    alone = [has_any[place : place + 1].astype(np.float64) for place in range(shape.dimensions)]
    weights = (*alone, *coefficients(shape, own)[shape.dimensions :])
    found = spreads(shape, weights, now.points, now.who, segments)
    error = Error(se=np.sqrt(found.se2), df=found.df)
    partial = np.zeros(value.shape, dtype=np.bool_)
    for node in shape.pillars:
        there = now.there.there[list(shape.dimensions_of[node])]
        has_all = (common[list(shape.dimensions_of[node])] == there.repeat(shape.sides, -1)).all(0)
        partial[node] = own.there[node] & ~has_all
    partial[-1] = partial[list(shape.pillars)].any(axis=0)
    shown = interval(value, error, shape.parameters.confidence).cut()
    return Views(
        value=batch.by_side(value),
        error=Error(se=batch.by_side(error.se), df=batch.by_side(error.df)),
        shown=Interval(low=batch.by_side(shown.low), high=batch.by_side(shown.high)),
        raters=batch.by_side(found.raters),
        is_incomplete=partial.reshape(*partial.shape[:-1], batch.size, shape.sides),
    )


def _complete(shape: Shape, found: Outline) -> Marks:
    """Return which nodes lack neither a side nor a dimension."""
    complete = np.empty(found.there.shape, dtype=np.bool_)
    complete[: shape.dimensions] = (found.sides > 0).all(axis=-1)
    for node in (*shape.pillars, -1):
        complete[node] = complete[list(shape.dimensions_of[node])].all(axis=0)
    return complete


def _lacking_evidence(shape: Shape, found: Evidence) -> Marks:
    """Return in which nodes evidence that the rubric asks for is missing."""
    lacking = np.zeros((len(shape.dimensions_of), found.share.shape[1]), dtype=np.bool_)
    for place, dimension in enumerate(shape.rubric.dimensions):
        lacking[place] = (dimension.evidence is not None) & (found.share[place] == 0)
    for node in (*shape.pillars, -1):
        lacking[node] = lacking[list(shape.dimensions_of[node])].any(axis=0)
    return lacking
