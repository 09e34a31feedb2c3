"""The rubric and its parameters as scoring sees them: plain values, checked when built."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from assessments.scoring.weights import whole_shares

FEWEST_SIDE_RATERS_SHOWN = 3
FEWEST_TOTAL_RATERS_SHOWN = 4
FEWEST_SIDES = 2
WEIGHT_DIGITS = 9


class SpecProblem(ValueError):
    """A rubric or its parameters cannot be used for scoring; the message says why."""


class NodeKind(StrEnum):
    DIMENSION = "dimension"
    PILLAR = "pillar"
    OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the rubric's tree that gets a number; the overall node has an empty id."""

    kind: NodeKind
    id: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)


OVERALL = Node(NodeKind.OVERALL)


@dataclass(frozen=True, slots=True)
class BandLimits:
    """Where amber and green begin, and how far past a boundary a score must go to change band."""

    amber_from: float = 50
    green_from: float = 70
    margin: float = 3

    def __post_init__(self) -> None:
        if not 0 < self.amber_from < self.green_from < 100:
            raise SpecProblem(
                f"Amber from {self.amber_from} and green from {self.green_from} must lie "
                "between 0 and 100, amber below green."
            )
        if not 0 <= self.margin < math.inf:
            raise SpecProblem(f"The bands' margin is {self.margin}; it cannot be below 0.")


@dataclass(frozen=True, slots=True)
class Parameters:
    """How scores are worked out and shown (part 5 of the scoring specification).

    Attributes:
        scale_min: lowest level of an answer, worth 0 points.
        scale_max: highest level of an answer, worth 100 points.
        min_answered_share: a rater counts in a dimension who answered more than this share of it.
        prior_sd: s0, expected spread of raters of one side, in points.
        prior_df: nu0, how many degrees of freedom the expected spread is worth.
        prior_r: r0, expected correlation of a rater's answers in two quarters.
        confidence: level of the intervals; 1 - confidence is the limit of a clear finding.
        material_points: what is a difference worth speaking of, in points.
        bands: boundaries of red, amber and green.
        min_side_raters_shown: protected raters a side needs for a number of its own.
        min_total_raters_shown: raters the alliance needs for a number, where any is protected.
        longstring_share: longest run of one answer, as a share of the answers, that is flagged.
        possible_p_below: a material difference with p below this is possible.
        equivalence_level: level of the interval that must lie within the material points.
    """

    scale_min: int = 1
    scale_max: int = 5
    min_answered_share: Decimal = Decimal("0.5")
    prior_sd: float = 20
    prior_df: float = 4
    prior_r: float = 0.5
    confidence: float = 0.95
    material_points: float = 10
    bands: BandLimits = BandLimits()
    min_side_raters_shown: int = FEWEST_SIDE_RATERS_SHOWN
    min_total_raters_shown: int = FEWEST_TOTAL_RATERS_SHOWN
    longstring_share: float = 0.5
    possible_p_below: float = 0.2
    equivalence_level: float = 0.9
    answered_ratio: tuple[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.scale_min >= self.scale_max:
            raise SpecProblem(
                f"The scale runs from {self.scale_min} to {self.scale_max}; "
                "the highest level must be above the lowest."
            )
        if not 0 <= self.min_answered_share < 1:
            raise SpecProblem(
                f"The answered share is {self.min_answered_share}; it must be from 0 to below 1."
            )
        # Whole numbers, so that exactly half is never taken for more than half.
        ratio = self.min_answered_share.as_integer_ratio()
        object.__setattr__(self, "answered_ratio", ratio)
        for name in ("prior_sd", "prior_df", "material_points"):
            if not 0 < getattr(self, name) < math.inf:
                raise SpecProblem(f"{name} is {getattr(self, name)}; it must be above 0.")
        if not 0 <= self.prior_r <= 1:
            raise SpecProblem(f"prior_r is {self.prior_r}; it must be from 0 to 1.")
        for name in ("confidence", "possible_p_below", "equivalence_level"):
            if not 0 < getattr(self, name) < 1:
                raise SpecProblem(f"{name} is {getattr(self, name)}; it must be between 0 and 1.")
        if not 0 < self.longstring_share <= 1:
            raise SpecProblem(
                f"longstring_share is {self.longstring_share}; it must be above 0, at most 1."
            )
        # Promised to the raters: these limits may be raised, never lowered.
        for name, fewest in (
            ("min_side_raters_shown", FEWEST_SIDE_RATERS_SHOWN),
            ("min_total_raters_shown", FEWEST_TOTAL_RATERS_SHOWN),
        ):
            if getattr(self, name) < fewest:
                raise SpecProblem(
                    f"{name} is {getattr(self, name)}; it may be raised above {fewest}, "
                    "never lowered."
                )


def _check_weight(owner: str, weight: Decimal) -> None:
    # Within bounds, because weights are turned into whole numbers of the same ratio.
    if not weight.is_finite() or weight <= 0 or abs(weight.adjusted()) > WEIGHT_DIGITS:
        raise SpecProblem(
            f"The weight of {owner} is {weight}; it must be above 0, and have no more than "
            f"{WEIGHT_DIGITS} digits before or zeros after the point."
        )


def _check_ids(owner: str, noun: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for identifier in ids:
        if not identifier:
            raise SpecProblem(f"{owner} has a {noun} without an id.")
        if identifier in seen:
            raise SpecProblem(f"{owner} has the {noun} {identifier} twice.")
        seen.add(identifier)
    if not seen:
        raise SpecProblem(f"{owner} has no {noun}.")


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """A question as put to a respondent."""

    id: str
    weight: Decimal = Decimal(1)
    reverse: bool = False

    def __post_init__(self) -> None:
        _check_weight(f"item {self.id}", self.weight)


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """An evidence measure: worth 0 points at its floor, 100 at its target.

    A floor above the target means "less is better".
    """

    id: str
    floor: float
    target: float
    weight: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        _check_weight(f"evidence {self.id}", self.weight)
        if not math.isfinite(self.floor) or not math.isfinite(self.target):
            raise SpecProblem(f"The floor and the target of evidence {self.id} must be numbers.")
        if self.floor == self.target:
            raise SpecProblem(
                f"The floor and the target of evidence {self.id} are both {self.floor}; "
                "they must differ."
            )


@dataclass(frozen=True, slots=True)
class EvidenceSpec:
    """The measures of a dimension, and the share of the dimension that they make up."""

    weight: Decimal
    metrics: tuple[MetricSpec, ...]

    def __post_init__(self) -> None:
        # Evidence never stands in for people, so it can never be the whole.
        if not 0 < self.weight < 1:
            raise SpecProblem(f"The evidence's share is {self.weight}; it must be between 0 and 1.")
        _check_ids("The evidence", "measure", (metric.id for metric in self.metrics))


@dataclass(frozen=True, slots=True)
class DimensionSpec:
    """Items that belong together, with the evidence about the same thing."""

    id: str
    weight: Decimal
    items: tuple[ItemSpec, ...]
    evidence: EvidenceSpec | None = None
    item_shares: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_weight(f"dimension {self.id}", self.weight)
        _check_ids(f"Dimension {self.id}", "item", (item.id for item in self.items))
        shares = whole_shares([item.weight for item in self.items])
        object.__setattr__(self, "item_shares", shares)


@dataclass(frozen=True, slots=True)
class PillarSpec:
    """Dimensions that belong together."""

    id: str
    weight: Decimal
    dimensions: tuple[DimensionSpec, ...]
    dimension_shares: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_weight(f"pillar {self.id}", self.weight)
        ids = [dimension.id for dimension in self.dimensions]
        _check_ids(f"Pillar {self.id}", "dimension", ids)
        shares = whole_shares([dimension.weight for dimension in self.dimensions])
        object.__setattr__(self, "dimension_shares", dict(zip(ids, shares, strict=True)))


@dataclass(frozen=True, slots=True)
class RubricSpec:
    """The tree of pillars, dimensions and items of one rubric version.

    Attributes:
        version: which version of which rubric.
        pillars: in the order in which they are shown.
        side_weights: weight of a side by its id; a side not named here weighs 1.
    """

    version: str
    pillars: tuple[PillarSpec, ...]
    side_weights: Mapping[str, Decimal] = field(default_factory=dict)
    dimensions: tuple[DimensionSpec, ...] = field(init=False, repr=False, compare=False)
    item_ids: frozenset[str] = field(init=False, repr=False, compare=False)
    pillar_shares: Mapping[str, int] = field(init=False, repr=False, compare=False)
    nodes: tuple[Node, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        dimensions = tuple(dimension for pillar in self.pillars for dimension in pillar.dimensions)
        items = [item.id for dimension in dimensions for item in dimension.items]
        pillar_ids = [pillar.id for pillar in self.pillars]
        _check_ids("The rubric", "pillar", pillar_ids)
        _check_ids("The rubric", "dimension", (dimension.id for dimension in dimensions))
        _check_ids("The rubric", "item", items)
        for side, weight in self.side_weights.items():
            _check_weight(f"side {side}", weight)
        shares = whole_shares([pillar.weight for pillar in self.pillars])
        object.__setattr__(self, "dimensions", dimensions)
        object.__setattr__(self, "item_ids", frozenset(items))
        object.__setattr__(self, "pillar_shares", dict(zip(pillar_ids, shares, strict=True)))
        object.__setattr__(
            self,
            "nodes",
            (
                *(Node(NodeKind.DIMENSION, dimension.id) for dimension in dimensions),
                *(Node(NodeKind.PILLAR, pillar) for pillar in pillar_ids),
                OVERALL,
            ),
        )
