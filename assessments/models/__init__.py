"""The health check's records, one noun a file."""

from assessments.models.cycle import Assessment, Cycle, CycleState, QuestionSet, Side
from assessments.models.quality import CycleQuality
from assessments.models.response import (
    Answer,
    AnswerSheet,
    NoLevel,
    Response,
    ResponseState,
    rater_key,
)
from assessments.models.rubric import (
    Dimension,
    EvidenceMeasure,
    Pillar,
    Question,
    Rubric,
    RubricVersion,
    Target,
    VersionState,
)
from assessments.models.score import (
    Gap,
    NodeKind,
    Reason,
    Routine,
    Score,
    ScoreRun,
    ScoringJob,
    SideScore,
)
from assessments.models.signal import Signal, SignalKind

__all__ = [
    "Answer",
    "AnswerSheet",
    "Assessment",
    "Cycle",
    "CycleQuality",
    "CycleState",
    "Dimension",
    "EvidenceMeasure",
    "Gap",
    "NoLevel",
    "NodeKind",
    "Pillar",
    "Question",
    "QuestionSet",
    "Reason",
    "Response",
    "ResponseState",
    "Routine",
    "Rubric",
    "RubricVersion",
    "Score",
    "ScoreRun",
    "ScoringJob",
    "Side",
    "SideScore",
    "Signal",
    "SignalKind",
    "Target",
    "VersionState",
    "rater_key",
]
