"""What may leave the scoring, so that nobody can work out a confidential answer (part 11)."""

from dataclasses import dataclass

import numpy as np

from assessments.scoring.batch import Shape
from assessments.scoring.columns import Floats, Marks, Whole
from assessments.scoring.spec import FEWEST_SIDES, Parameters


@dataclass(frozen=True, slots=True)
class Publication:
    """What may be shown, by node and assessment.

    Attributes:
        meets_limits: whether there are sides and raters enough for the alliance's number.
        is_shown: whether the alliance's number may be shown: it meets the limits, and so does each
            number that it is made of; one that is held back would follow from the others.
        hidden: by side too, whether its own number stays inside.
        raters: by side too, how many contribute.
    """

    meets_limits: Marks
    is_shown: Marks
    hidden: Marks
    raters: Floats


def publication(
    shape: Shape, there: Marks, raters: Floats, protected: Floats, side_order: Whole
) -> Publication:
    """Return what may be shown.

    Args:
        shape: the tree, and how many raters a number needs.
        there: which nodes have a number, by assessment.
        raters: who contributes, by node, assessment and side.
        protected: how many of them in confidence.
        side_order: by assessment and side, which of equally small sides is hidden first.
    """
    meets_limits = there & _enough(shape.parameters, raters, protected)
    is_shown: Marks = meets_limits.copy()
    hidden = np.empty(raters.shape, dtype=np.bool_)
    nobody = np.zeros(raters.shape[1:], dtype=np.bool_)
    for node, parts in enumerate(shape.dimensions_of):
        inherited: Marks = nobody
        if node >= shape.dimensions:
            is_overall = node == len(there) - 1
            below = list(shape.pillars if is_overall else parts)
            # A dimension without a number has no part in what is above it; each pillar has.
            counts = there[below] | is_overall
            inherited = np.logical_or.reduce(hidden[below] & counts[..., np.newaxis], axis=0)
            parts_shown: Marks = np.all(is_shown[below] | ~counts, axis=0)
            is_shown[node] = np.logical_and(is_shown[node], parts_shown)
        hidden[node] = hidden_sides(
            shape.parameters, raters[node], protected[node], inherited, side_order
        )
    return Publication(meets_limits=meets_limits, is_shown=is_shown, hidden=hidden, raters=raters)


def _enough(parameters: Parameters, raters: Floats, protected: Floats) -> Marks:
    sides = (raters > 0).sum(axis=-1)
    in_confidence = (protected > 0).any(axis=-1)
    total = raters.sum(axis=-1)
    found: Marks = (sides >= FEWEST_SIDES) & (
        ~in_confidence | (total >= parameters.min_total_raters_shown)
    )
    return found


def hidden_sides(
    parameters: Parameters, raters: Floats, protected: Floats, inherited: Marks, side_order: Whole
) -> Marks:
    """Return which sides' own numbers stay inside, by assessment and side.

    A side with too few protected raters is hidden. One hidden side alone would follow from the
    alliance's number and the others', so the next smallest is hidden with it.

    Args:
        parameters: how many protected raters a side needs.
        raters: who contributes; a side that nobody speaks for has nothing to hide.
        protected: how many of them in confidence.
        inherited: sides hidden in a part of the node.
        side_order: decides between sides of the same size.
    """
    hidden = inherited | ((protected > 0) & (protected < parameters.min_side_raters_shown))
    others = (raters > 0) & ~hidden
    smallest = np.where(others, raters * raters.shape[-1] + side_order, np.inf).argmin(axis=-1)
    is_next = others & (np.arange(raters.shape[-1]) == smallest[..., np.newaxis])
    is_alone = hidden.sum(axis=-1, keepdims=True) == 1
    found: Marks = hidden | (is_alone & is_next)
    return found
