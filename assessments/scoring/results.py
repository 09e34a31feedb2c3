"""What a scoring returns: plain values, ready to be stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from assessments.scoring.aggregate import Coefficients
from assessments.scoring.agreement import Agreement
from assessments.scoring.answers import Survey
from assessments.scoring.bands import Band
from assessments.scoring.change import Change
from assessments.scoring.confidentiality import Publication
from assessments.scoring.gaps import Gap, SideView
from assessments.scoring.quality import Quality
from assessments.scoring.spec import Node
from assessments.scoring.uncertainty import Interval, SideSpread


class Status(StrEnum):
    """Whether a node has a number.

    Incomplete: it has one, but a side or a dimension is missing in it. Insufficient: too little is
    there for a number.
    """

    OK = "ok"
    INCOMPLETE = "incomplete"
    INSUFFICIENT = "insufficient"


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
