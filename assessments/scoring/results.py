"""What one scoring returns: plain values, for a receipt or a sheet of paper beside it.

A view of what the columns hold of one assessment; nothing is worked out here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from assessments.scoring.agreement import AgreementWord
from assessments.scoring.bands import Band
from assessments.scoring.change import ChangeVerdict
from assessments.scoring.gaps import GapVerdict
from assessments.scoring.spec import Node

Coefficients = Mapping[str, Mapping[str, float]]
"""How much each side's mean in each dimension moves a score, by side and dimension."""


class Status(StrEnum):
    """Whether a node has a number.

    Incomplete: it has one, but a side or a dimension is missing in it. Insufficient: too little is
    there for a number.
    """

    OK = "ok"
    INCOMPLETE = "incomplete"
    INSUFFICIENT = "insufficient"


@dataclass(frozen=True, slots=True)
class Interval:
    """From where to where the true value probably lies."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Survey:
    """What the raters of one quarter said, in points from 0 to 100.

    Attributes:
        raters: points by rater and dimension; only where the rater counts.
        sides: points by side, dimension and rater; only where a side has a rater.
        means: the plain mean by side and dimension; only where a side has a rater.
    """

    raters: Mapping[str, Mapping[str, float]]
    sides: Mapping[str, Mapping[str, Mapping[str, float]]]
    means: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class SideSpread:
    """How one side's raters make a score uncertain: the workings of a receipt.

    Attributes:
        coefficient_sum: A, the sum of the side's coefficients.
        z: by rater, how far the rater moves the score, in points; they add up to 0.
        variance: V, of one rater's part, moderated by the prior.
        se2: V / n, the side's part of the squared standard error.
        df: degrees of freedom of V.
    """

    coefficient_sum: float
    z: Mapping[str, float]
    variance: float
    se2: float
    df: float

    @property
    def n(self) -> int:
        """Return how many raters contribute."""
        return len(self.z)


@dataclass(frozen=True, slots=True)
class Score:
    """A node's number, how sure it is, and its workings.

    Attributes:
        value: from 0 to 100.
        se: standard error, in points.
        df: degrees of freedom.
        shown: the interval, cut to 0 and 100.
        band_without_history: the band that the value alone gives.
        band: the band after the earlier band.
        band_probability: how probable it is that the true value lies in the band, from 0 to 1.
        is_provisional: whether the band is too unsure to be shown as settled.
        coefficients: how much each side's mean in each dimension moves the value.
        spreads: by side, what makes the value uncertain.
    """

    value: float
    se: float
    df: float
    shown: Interval
    band_without_history: Band
    band: Band
    band_probability: float
    is_provisional: bool
    coefficients: Coefficients
    spreads: Mapping[str, SideSpread]


@dataclass(frozen=True, slots=True)
class SideView:
    """What one side's own people say, without evidence.

    Attributes:
        value: from 0 to 100.
        se: standard error, in points.
        df: degrees of freedom.
        shown: the interval, cut to 0 and 100.
        n: raters that contribute.
        is_hidden: whether this must stay inside.
        is_incomplete: whether a dimension is missing of those that the alliance has.
    """

    value: float
    se: float
    df: float
    shown: Interval
    n: int
    is_hidden: bool
    is_incomplete: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """One side's view less another's, or less the mean of the others.

    Attributes:
        side: whose view.
        other: the other side; None for the mean of the others.
        value: points, from -100 to 100.
        se: standard error, in points.
        df: degrees of freedom.
        interval: of the gap, not cut.
        p: how often chance alone would bring such a gap.
        p_holm: the same, allowing for as many looks as there are sides; None for two sides.
        verdict: what may be said of it.
        is_shown: whether no side in it is hidden.
    """

    side: str
    other: str | None
    value: float
    se: float
    df: float
    interval: Interval
    p: float
    p_holm: float | None
    verdict: GapVerdict
    is_shown: bool

    @property
    def name(self) -> str:
        return f"{self.side} minus {self.other or 'others'}"


@dataclass(frozen=True, slots=True)
class SideChange:
    """How far one side's own people moved.

    Attributes:
        value: points, of the side's own view.
        n_before: raters of the side then.
        n_after: raters of the side now.
        n_both: raters of the side who answered both times.
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
class NodeResult:
    """All that is known of a node.

    Attributes:
        node: where in the rubric.
        status: whether it has a number.
        score: None if insufficient.
        lacks_evidence: whether evidence that the rubric asks for is missing in it.
        sides: each side's own view, in the order of the sides.
        gaps: between the sides.
        change: since the earlier quarter; None if there is nothing to compare.
        change_is_shown: whether both quarters' numbers may be shown.
        change_sides_hidden: sides whose own change stays inside, in order of id.
        publication: what of it may be shown.
    """

    node: Node
    status: Status
    score: Score | None
    lacks_evidence: bool
    sides: Mapping[str, SideView]
    gaps: tuple[Gap, ...]
    change: Change | None
    change_is_shown: bool
    change_sides_hidden: tuple[str, ...]
    publication: Publication

    @property
    def is_incomplete(self) -> bool:
        return self.status is Status.INCOMPLETE

    @property
    def n_by_side(self) -> Mapping[str, int]:
        return self.publication.n_by_side

    @property
    def n(self) -> int:
        return sum(self.n_by_side.values())


@dataclass(frozen=True, slots=True)
class DimensionEvidence:
    """What people say and what the evidence says, apart.

    Attributes:
        people_say: the survey's value; None if there are too few sides.
        evidence_says: the evidence's value; None if it is missing or stale.
        disagree: whether they are 20 points apart or more.
        metrics: points by metric, None where missing.
    """

    people_say: float | None
    evidence_says: float | None
    disagree: bool
    metrics: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much people agree in a dimension, on the levels they chose.

    Attributes:
        within_sides: r*_wg, pooled within sides: do colleagues see the same?
        mean_item_variance: what it is made of, in squared levels.
        all_raters: r*_wg of all raters together; low with `within_sides` high is a gap of sides.
        all_raters_j: r_wg(j), for reference only: it rises with the number of items alone.
        mean_deviation: AD_M, in levels.
        word: for `within_sides`.
        could_be_chance: whether noise alone reaches `all_raters` in more than 5 of 100 cases.
        raters: the fewest that answered one of the items.
        items: how many items had answers enough.
    """

    within_sides: float | None
    mean_item_variance: float | None
    all_raters: float | None
    all_raters_j: float | None
    mean_deviation: float | None
    word: AgreementWord
    could_be_chance: bool
    raters: int
    items: int


@dataclass(frozen=True, slots=True)
class StraightLine:
    """A rater who gave the same answer again and again."""

    rater: str
    longest_run: int
    items: int


@dataclass(frozen=True, slots=True)
class Quality:
    """How the questionnaires were filled in; per rater, so it stays inside.

    Attributes:
        straight_lining: raters with a long run of one answer, in order of id.
        answered: answered items by rater.
        not_applicable: "NA" by rater.
    """

    straight_lining: tuple[StraightLine, ...]
    answered: Mapping[str, int]
    not_applicable: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Result:
    """The scoring of one alliance in one quarter.

    Attributes:
        sides: in the order given.
        survey: points of raters, and of sides by dimension.
        nodes: by node key: dimensions, pillars, overall.
        agreement: by dimension.
        evidence: by dimension, only where the rubric asks for evidence.
        quality: how the questionnaires were filled in.
        before: the earlier quarter's scores by node key; None if none was given.
    """

    sides: tuple[str, ...]
    survey: Survey
    nodes: Mapping[str, NodeResult]
    agreement: Mapping[str, Agreement]
    evidence: Mapping[str, DimensionEvidence]
    quality: Quality
    before: Mapping[str, Score] | None
