"""The arithmetic of the health check: numbers in, numbers out; no database, no clock."""

from assessments.scoring.agreement import AgreementWord
from assessments.scoring.bands import Band
from assessments.scoring.cases import CaseProblem, score_cases
from assessments.scoring.change import ChangeVerdict
from assessments.scoring.digest import CODE_VERSION, canonical_json, inputs_digest
from assessments.scoring.engine import score
from assessments.scoring.gaps import GapVerdict
from assessments.scoring.gather import Gathered, countable
from assessments.scoring.inputs import NOT_APPLICABLE, Answer, InputProblem, Quarter, Rater
from assessments.scoring.results import NodeResult, Result, Status
from assessments.scoring.spec import (
    OVERALL,
    BandLimits,
    DimensionSpec,
    EvidenceSpec,
    ItemSpec,
    MetricSpec,
    Node,
    NodeKind,
    Parameters,
    PillarSpec,
    RubricSpec,
    SpecProblem,
)

__all__ = [
    "CODE_VERSION",
    "NOT_APPLICABLE",
    "OVERALL",
    "AgreementWord",
    "Answer",
    "Band",
    "BandLimits",
    "CaseProblem",
    "ChangeVerdict",
    "DimensionSpec",
    "EvidenceSpec",
    "GapVerdict",
    "Gathered",
    "InputProblem",
    "ItemSpec",
    "MetricSpec",
    "Node",
    "NodeKind",
    "NodeResult",
    "Parameters",
    "PillarSpec",
    "Quarter",
    "Rater",
    "Result",
    "RubricSpec",
    "SpecProblem",
    "Status",
    "canonical_json",
    "countable",
    "inputs_digest",
    "score",
    "score_cases",
]
