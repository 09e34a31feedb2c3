"""What goes into one scoring, by name: for receipts, what-ifs, and checks by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from assessments import scoring
from assessments.models import Assessment, ScoreRun
from assessments.queries.batches import Gathered, gather, is_rebased
from assessments.queries.figures import Node
from assessments.queries.trees import version_trees


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that goes into the scoring of one assessment as of a day.

    Attributes:
        assessment: what is scored, with its cycle and rubric version.
        parameters: of the rubric version.
        rubric: what the cycle asks, with items by question and organisation.
        sides: keys of the organisations as texts, in the order in which they are shown.
        raters: who counts.
        left_out: protected answers that do not count, by side.
        evidence: points by measure.
        previous_bands: the band each node was shown with last, by node key.
        before: the last closed quarter's raters and evidence, on this rubric.
        before_run: the scoring that they stand for.
        is_rebased: whether that quarter was scored by another version of the rubric.
    """

    assessment: Assessment
    parameters: scoring.Parameters
    rubric: scoring.RubricSpec
    sides: tuple[str, ...]
    raters: tuple[scoring.Rater, ...]
    left_out: Mapping[str, int]
    evidence: Mapping[str, float | None]
    previous_bands: Mapping[str, scoring.Band]
    before: scoring.Quarter | None
    before_run: ScoreRun | None
    is_rebased: bool


def node_key(node: Node) -> str:
    """Return a stored node as the arithmetic names it."""
    kind, identifier = node
    return scoring.Node(scoring.NodeKind(kind), identifier).key


def gathered(assessments: Sequence[Assessment], as_of: date) -> list[Inputs]:
    """Return the inputs of assessments that are scored as of a day, in the order given.

    The same columns that are scored in bulk, with everything called by its name.

    Args:
        assessments: closed, each of another alliance, with cycle and rubric version.
        as_of: the day whose evidence counts.

    Raises:
        SpecProblem: a rubric cannot be used for scoring.
        InputProblem: stored answers do not fit the rubric.
    """
    trees = version_trees({assessment.cycle.rubric_version_id for assessment in assessments})
    found = {}
    for group in gather(assessments, as_of):
        for place, assessment in enumerate(group.assessments):
            cycle = assessment.cycle
            spec = trees[cycle.rubric_version_id].spec(cycle.question_set, group.sides[place])
            found[assessment.pk] = _inputs(group, place, spec)
    return [found[assessment.pk] for assessment in assessments]


def _inputs(group: Gathered, place: int, rubric: scoring.RubricSpec) -> Inputs:
    batch, assessment = group.batch, group.assessments[place]
    sides = tuple(group.side_ids[place])
    run = group.before[place]
    return Inputs(
        assessment=assessment,
        parameters=batch.shape.parameters,
        rubric=rubric,
        sides=sides,
        raters=_raters(group, batch.sheets, place, rubric),
        left_out={side: int(n) for side, n in zip(sides, group.left_out[place], strict=True) if n},
        evidence=_values(batch.evidence, place),
        previous_bands={
            node.key: scoring.BANDS[step]
            for node, step in zip(rubric.nodes, batch.previous_bands[:, place], strict=True)
            if step != scoring.NO_BAND
        },
        before=scoring.Quarter(
            raters=_raters(group, batch.before.sheets, place, rubric),
            evidence={
                name: value
                for name, value in _values(batch.before.evidence, place).items()
                if name in run.evidence
            },
        )
        if batch.before is not None and run is not None
        else None,
        before_run=run,
        is_rebased=is_rebased(assessment, run),
    )


def _values(
    evidence: "Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]", place: int
) -> dict[str, float | None]:
    return {
        name: None if np.isnan(values[place]) else float(values[place])
        for name, values in evidence.items()
    }


def _raters(
    group: Gathered, sheets: scoring.Sheets, place: int, rubric: scoring.RubricSpec
) -> tuple[scoring.Rater, ...]:
    """Return an assessment's raters, in order of their keys."""
    shape, ids = group.batch.shape, group.side_ids[place]
    items = [item.id for dimension in rubric.dimensions for item in dimension.items]
    lowest = shape.parameters.scale_min

    def answer(step: int) -> scoring.Answer:
        return scoring.NOT_APPLICABLE if step == scoring.CANNOT_TELL else step + lowest

    found = [
        scoring.Rater(
            id=sheets.key[number].decode(),
            side=ids[sheets.segment[number] % shape.sides],
            answers={
                item: answer(step)
                for item, step in zip(items, sheets.steps[:, number].tolist(), strict=True)
                if step != scoring.BLANK
            },
            protected=bool(sheets.protected[number]),
            asked=frozenset(
                item
                for item, is_asked in zip(items, sheets.patterns[sheets.asked[number]], strict=True)
                if is_asked
            ),
        )
        for number in np.flatnonzero(sheets.segment // shape.sides == place)
    ]
    return tuple(sorted(found, key=lambda rater: rater.id))
