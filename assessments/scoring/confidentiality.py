"""What may leave the scoring, so that nobody can work out a confidential answer (part 11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.scoring.aggregate import Outline
from assessments.scoring.answers import Survey
from assessments.scoring.inputs import Rater
from assessments.scoring.spec import (
    FEWEST_SIDES,
    OVERALL,
    Parameters,
    RubricSpec,
    dimension_key,
    pillar_key,
)


@dataclass(frozen=True, slots=True)
class Publication:
    """What may be shown of a node.

    Attributes:
        meets_limits: whether there are sides and raters enough for the alliance's number.
        is_shown: whether the alliance's number may be shown: it meets the limits, and so does each
            number that it is made of; one that is held back would follow from the others.
        sides_hidden: sides whose own numbers stay inside, in order of id.
        n_by_side: raters that contribute.
    """

    meets_limits: bool
    is_shown: bool
    sides_hidden: tuple[str, ...]
    n_by_side: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Heads:
    """How many raters of a side contribute, and how many of them in confidence."""

    raters: int
    protected: int


def publications(
    parameters: Parameters,
    rubric: RubricSpec,
    there: Outline,
    answered: Survey,
    raters: Sequence[Rater],
) -> dict[str, Publication]:
    """Return what may be shown, by node key.

    Args:
        parameters: how many raters a number needs.
        rubric: the tree.
        there: which parts of it have a number.
        answered: who contributes to what.
        raters: who of them is protected.
    """
    protected = {rater.id for rater in raters if rater.protected}

    def heads(dimensions: Sequence[str]) -> dict[str, _Heads]:
        found = {}
        for side, points in answered.sides.items():
            names = {name for dimension in dimensions for name in points.get(dimension, ())}
            if names:
                found[side] = _Heads(raters=len(names), protected=len(names & protected))
        return found

    def decide(
        dimensions: Sequence[str], parts: Sequence[Publication], *, has_number: bool
    ) -> Publication:
        by_side = heads(dimensions)
        meets_limits = has_number and _enough(parameters, by_side)
        inherited = {side for part in parts for side in part.sides_hidden}
        return Publication(
            meets_limits=meets_limits,
            is_shown=meets_limits and all(part.is_shown for part in parts),
            sides_hidden=hidden_sides(parameters, by_side, inherited),
            n_by_side={side: found.raters for side, found in by_side.items()},
        )

    found: dict[str, Publication] = {}
    for pillar in rubric.pillars:
        available = []
        for dimension in pillar.dimensions:
            key = dimension_key(dimension.id)
            has_number = dimension.id in there.sides
            found[key] = decide([dimension.id], (), has_number=has_number)
            if has_number:
                available.append(dimension.id)
        found[pillar_key(pillar.id)] = decide(
            available,
            [found[dimension_key(dimension)] for dimension in available],
            has_number=pillar.id in there.pillars,
        )
    found[OVERALL.key] = decide(
        list(there.sides),
        [found[pillar_key(pillar.id)] for pillar in rubric.pillars],
        has_number=bool(there.overall),
    )
    return found


def _enough(parameters: Parameters, by_side: Mapping[str, _Heads]) -> bool:
    if len(by_side) < FEWEST_SIDES:
        return False
    if not any(heads.protected for heads in by_side.values()):
        return True
    return sum(heads.raters for heads in by_side.values()) >= parameters.min_total_raters_shown


def hidden_sides(
    parameters: Parameters, by_side: Mapping[str, _Heads], inherited: set[str]
) -> tuple[str, ...]:
    """Return the sides whose own numbers stay inside.

    A side with too few protected raters is hidden. One hidden side alone would follow from the
    alliance's number and the others', so the next smallest is hidden with it.

    Args:
        parameters: how many protected raters a side needs.
        by_side: who contributes; a side that nobody speaks for has nothing to hide.
        inherited: sides hidden in a part of the node.
    """
    hidden = inherited | {
        side
        for side, heads in by_side.items()
        if 0 < heads.protected < parameters.min_side_raters_shown
    }
    others = [(heads.raters, side) for side, heads in by_side.items() if side not in hidden]
    if len(hidden) == 1 and others:
        hidden |= {min(others)[1]}
    return tuple(sorted(hidden))
