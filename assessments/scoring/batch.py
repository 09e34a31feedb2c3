"""What is scored together: many assessments of one shape, as columns.

Assessments have the same shape when all but who the organisations are is the same: parameters,
rubric, number of sides. Side 1 of one is no more side 1 of another than its place says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from assessments.scoring.columns import Floats, Levels, Marks, Number, Segments, Texts, Whole
from assessments.scoring.spec import Parameters, RubricSpec
from assessments.scoring.weights import whole_shares

BLANK = -1
CANNOT_TELL = -2
"""Stand where there is no level; a level stands as its steps above the scale's lowest."""

NO_BAND = -1

NO_CAP = 127
"""Stands where no gate holds a band back."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What all assessments of a batch have in common.

    Attributes:
        parameters: how scores are worked out and shown.
        rubric: the tree; its items, in its order, are the rows of the answers.
        sides: how many sides each assessment has.
        side_shares: whole numbers in the ratio of the sides' weights, by place.
        dimensions_of: by node, the places of the dimensions that it is made of.
    """

    parameters: Parameters
    rubric: RubricSpec
    sides: int
    side_shares: tuple[int, ...]
    items_of: tuple[slice, ...] = field(init=False, repr=False)
    dimensions_of: tuple[tuple[int, ...], ...] = field(init=False, repr=False)
    pillars: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        items, first = [], 0
        for dimension in self.rubric.dimensions:
            items.append(slice(first, first + len(dimension.items)))
            first += len(dimension.items)
        places, first = [], 0
        for pillar in self.rubric.pillars:
            places.append(tuple(range(first, first + len(pillar.dimensions))))
            first += len(pillar.dimensions)
        alone = tuple((place,) for place in range(first))
        object.__setattr__(self, "items_of", tuple(items))
        object.__setattr__(self, "dimensions_of", (*alone, *places, tuple(range(first))))
        object.__setattr__(self, "pillars", tuple(range(first, first + len(places))))

    @property
    def dimensions(self) -> int:
        """Return how many dimensions there are: they are the first nodes."""
        return len(self.rubric.dimensions)

    @property
    def items(self) -> int:
        return sum(len(dimension.items) for dimension in self.rubric.dimensions)


def shape_of(
    parameters: Parameters, rubric: RubricSpec, sides: int, weights: tuple[Decimal, ...] = ()
) -> Shape:
    """Return a shape.

    Args:
        parameters: how scores are worked out and shown.
        rubric: with items by place of the organisation.
        sides: how many.
        weights: of the sides, by place; none: all alike.
    """
    shares = whole_shares(weights) if weights else (1,) * sides
    return Shape(parameters, rubric, sides, shares)


def side_order(sides: Sequence[Sequence[str]]) -> Whole:
    """Return each side's rank by id among the sides of its assessment.

    Args:
        sides: ids of each assessment's sides, in order.
    """
    return np.argsort(np.argsort(np.array(sides), axis=1), axis=1)


@dataclass(frozen=True, slots=True)
class Sheets:
    """The raters of one quarter, in order of assessment, side and key.

    Attributes:
        segment: assessment times number of sides plus the side's place, ascending.
        key: the same, pseudonymous key in every quarter; ascending within a segment.
        protected: whether the rater answered in confidence.
        asked: which row of `patterns` says what was put to the rater.
        patterns: by pattern and item, whether it was put.
        steps: by item and rater, steps above the scale's lowest level, BLANK or CANNOT_TELL.
    """

    segment: Whole
    key: Texts
    protected: Marks
    asked: Whole
    patterns: Marks
    steps: Levels

    def sorted(self) -> "Sheets":
        """Return the sheets in the one order that scoring uses, whatever order they came in."""
        return self.only(np.lexsort((self.key, self.segment)))

    def only(self, which: NDArray[np.generic]) -> "Sheets":
        """Return some of the sheets, by mark or by place."""
        return Sheets(
            segment=self.segment[which],
            key=self.key[which],
            protected=self.protected[which],
            asked=self.asked[which],
            patterns=self.patterns,
            steps=self.steps[:, which],
        )


@dataclass(frozen=True, slots=True)
class Quarters:
    """An earlier quarter of every assessment that has one.

    Attributes:
        exists: which assessments have one.
        sheets: of those assessments; the others have none.
        evidence: by measure, a value for each assessment.
        is_rebased: which were published by another version of the rubric before.
        is_whole: by dimension and assessment, whether everybody in confidence answered all or
            nothing of what that other version asked about it.
        told_returning: which told, when they were scored, how those moved who had come back then.
    """

    exists: Marks
    sheets: Sheets
    evidence: Mapping[str, Floats]
    is_rebased: Marks
    is_whole: Marks
    told_returning: Marks


@dataclass(frozen=True, slots=True)
class Batch:
    """The inputs of many scorings of one shape.

    Attributes:
        shape: what they have in common.
        size: how many assessments.
        sheets: who counts.
        evidence: by measure, a value for each assessment; not a number where it is missing.
        previous_bands: by node and assessment, place in the ladder of bands, or NO_BAND.
        caps: by node and assessment, the highest band that gates let be shown, or NO_CAP.
        cap_reasons: by node and assessment, the place of that gate among the gates.
        side_order: by assessment and place, the side's rank by id: it decides between equals.
        before: the quarter to compare with.
    """

    shape: Shape
    size: int
    sheets: Sheets
    evidence: Mapping[str, Floats]
    previous_bands: NDArray[np.int8]
    caps: NDArray[np.int8]
    cap_reasons: NDArray[np.int8]
    side_order: Whole
    before: Quarters | None = None

    def segments(self, sheets: Sheets) -> Segments:
        """Return the segments of this batch as one quarter's sheets fill them."""
        return Segments(sheets.segment, self.size * self.shape.sides)

    def only(self, places: Whole) -> "Batch":
        """Return some of the assessments, as a batch of their own.

        Args:
            places: of the assessments, ascending.
        """
        return Batch(
            shape=self.shape,
            size=places.size,
            sheets=self._sheets_of(self.sheets, places),
            evidence={name: values[places] for name, values in self.evidence.items()},
            previous_bands=self.previous_bands[:, places],
            caps=self.caps[:, places],
            cap_reasons=self.cap_reasons[:, places],
            side_order=self.side_order[places],
            before=Quarters(
                exists=self.before.exists[places],
                sheets=self._sheets_of(self.before.sheets, places),
                evidence={name: v[places] for name, v in self.before.evidence.items()},
                is_rebased=self.before.is_rebased[places],
                is_whole=self.before.is_whole[:, places],
                told_returning=self.before.told_returning[places],
            )
            if self.before
            else None,
        )

    def _sheets_of(self, sheets: Sheets, places: Whole) -> Sheets:
        sides = self.shape.sides
        moved_to = np.full(self.size, -1)
        moved_to[places] = np.arange(places.size)
        target = moved_to[sheets.segment // sides]
        kept = sheets.only(target >= 0)
        return replace(kept, segment=target[target >= 0] * sides + kept.segment % sides)

    def by_side(self, values: NDArray[Number]) -> NDArray[Number]:
        """Unfold the last axis, of segments, into assessments and sides."""
        return values.reshape(*values.shape[:-1], self.size, self.shape.sides)
