"""The arithmetic of the health check: numbers in, numbers out; no database, no clock."""

from assessments.scoring.agreement import AgreementWord
from assessments.scoring.bands import LADDER as BANDS
from assessments.scoring.bands import Band
from assessments.scoring.batch import (
    BLANK,
    CANNOT_TELL,
    NO_BAND,
    NO_CAP,
    Batch,
    Quarters,
    Shape,
    Sheets,
    shape_of,
    side_order,
)
from assessments.scoring.cases import CaseProblem, score_cases
from assessments.scoring.change import ChangeVerdict
from assessments.scoring.columns import Levels
from assessments.scoring.digest import CODE_VERSION, digests, inputs_digest
from assessments.scoring.engine import Scored, score_batch
from assessments.scoring.gaps import VERDICTS as GAP_VERDICTS
from assessments.scoring.gaps import GapVerdict
from assessments.scoring.gates import (
    GATES,
    Gate,
    has_vacant_sponsor,
    held_back,
    lacks_confirmed_objective,
    shown_band,
)
from assessments.scoring.gather import Countable, countable
from assessments.scoring.inputs import (
    NOT_APPLICABLE,
    Answer,
    InputProblem,
    Quarter,
    Rater,
    check_sides,
)
from assessments.scoring.portfolio import FEWEST_ALLIANCES, Ranking, ranking
from assessments.scoring.quality import quality
from assessments.scoring.reliability import Asked, Reliability, Use, reliability, use
from assessments.scoring.results import NodeResult, Result, Status
from assessments.scoring.single import batch_of_one, result_of, score
from assessments.scoring.spec import (
    FEWEST_SIDES,
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
from assessments.scoring.veil import Veiled, veil

__all__ = [
    "BANDS",
    "BLANK",
    "CANNOT_TELL",
    "CODE_VERSION",
    "FEWEST_ALLIANCES",
    "FEWEST_SIDES",
    "GAP_VERDICTS",
    "GATES",
    "NOT_APPLICABLE",
    "NO_BAND",
    "NO_CAP",
    "OVERALL",
    "AgreementWord",
    "Answer",
    "Asked",
    "Band",
    "BandLimits",
    "Batch",
    "CaseProblem",
    "ChangeVerdict",
    "Countable",
    "DimensionSpec",
    "EvidenceSpec",
    "GapVerdict",
    "Gate",
    "InputProblem",
    "ItemSpec",
    "Levels",
    "MetricSpec",
    "Node",
    "NodeKind",
    "NodeResult",
    "Parameters",
    "PillarSpec",
    "Quarter",
    "Quarters",
    "Ranking",
    "Rater",
    "Reliability",
    "Result",
    "RubricSpec",
    "Scored",
    "Shape",
    "Sheets",
    "SpecProblem",
    "Status",
    "Use",
    "Veiled",
    "batch_of_one",
    "check_sides",
    "countable",
    "digests",
    "has_vacant_sponsor",
    "held_back",
    "inputs_digest",
    "lacks_confirmed_objective",
    "quality",
    "ranking",
    "reliability",
    "result_of",
    "score",
    "score_batch",
    "score_cases",
    "shape_of",
    "shown_band",
    "side_order",
    "use",
    "veil",
]
