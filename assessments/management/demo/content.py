"""What the demo tells, as its YAML files have it, read and checked.

Quarters are numbered from today's: 0 is the open one, -1 to -8 are closed. A day is written
`quarter/day`: `-3/20` is the 20th day of the quarter three back. What lies after today is left out,
so a record of the open quarter is there once its day has come.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, RootModel

from alliance_health.alliances.models import ActionKind, Role, TouchpointKind

FOLDER = Path(__file__).with_name("content")

Day = Annotated[str, Field(pattern=r"^-?\d+/\d+$")]
Plan = tuple[float, float]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Curve(RootModel[float | dict[int, float]]):
    """A number over the quarters: always the same, or given at some and between them by line."""

    def at(self, place: float) -> float:
        """Return its value at a place between quarters; outside what is given, the nearest."""
        if not isinstance(self.root, dict):
            return self.root
        known = sorted(self.root.items())
        before = [point for point in known if point[0] <= place] or known[:1]
        after = [point for point in known if point[0] > place] or known[-1:]
        (left, low), (right, high) = before[-1], after[0]
        way = (place - left) / (right - left) if left < place < right else 0
        return low + (high - low) * way

    def since(self, quarter: int) -> float:
        """Return the value that holds in a quarter: the last one given at or before it."""
        if not isinstance(self.root, dict):
            return self.root
        given = [value for start, value in sorted(self.root.items()) if start <= quarter]
        return given[-1] if given else 0


FLAT = Curve(0)


class OrganisationPart(_Part):
    """An organisation, and where its people's names come from."""

    short_name: str
    name: str
    country: str
    sector: str
    domain: str
    people: dict[str, int]


class NamePool(_Part):
    """Names that go together."""

    given: list[str]
    family: list[str]


class Names(_Part):
    """All names, and what people of a function do."""

    pools: dict[str, NamePool]
    functions: dict[str, list[str]]


class Holder(_Part):
    """Somebody with a name in a seat; without days from the alliance's first day on, for good."""

    name: str
    title: str
    level: Literal["board", "c_level", "senior_vp", "vp", "director", "manager"] | None = None
    starts: Day | None = None
    ends: Day | None = None


class SidePart(_Part):
    """An organisation in an alliance: its seats. Whoever leaves a team is replaced the next day."""

    organisation: str
    managers: list[Holder]
    sponsors: list[Holder]
    members: list[Holder] = []
    team: int
    functions: list[str]
    leavers: list[Day] = []


class AnswersPart(_Part):
    """What people think, in points from 0 to 100, and who of them says so.

    Attributes:
        health: of the whole.
        dimensions: added in a dimension.
        sides: added for everybody of a side.
        side_dimensions: added for a side in a dimension.
        spread: how far the people of one side differ (standard deviation).
        answering: the share of a side's team that answers.
        silent: quarters in which a named seat's holder does not answer.
        halfway: the side whose manager has begun and not finished in the open quarter.
    """

    health: Curve
    dimensions: dict[str, Curve] = {}
    sides: dict[str, Curve] = {}
    side_dimensions: dict[str, dict[str, Curve]] = {}
    spread: float
    answering: dict[str, Curve]
    silent: dict[str, dict[Role, list[int]]] = {}
    halfway: str = ""


class RebasedPart(_Part):
    """A new plan for an objective."""

    day: Day
    plan: Plan
    starts: Day
    due: Day
    reason: str


class ObjectivePart(_Part):
    """An objective; `course` is what is measured, `until` the last day somebody does so."""

    owner: str
    statement: str
    measure: str
    unit: str
    weight: int = 1
    starts: Day
    due: Day
    plan: Plan
    course: Curve
    notes: dict[Day, str] = {}
    until: Day | None = None
    rebased: RebasedPart | None = None


class ConfirmationsPart(_Part):
    """Who confirms the objectives each year, and until when."""

    sides: list[str]
    until: Day | None = None


class PromisesPart(_Part):
    """Actions or commitments that come again each quarter, and the share done in time."""

    a_quarter: int
    on_time: Curve
    titles: list[str]


class RoutinePart(_Part):
    """What happens each quarter without a story of its own; numbers hold from a quarter on."""

    meetings: Curve
    advocacy: dict[str, Curve]
    stakeholders: dict[str, list[str]]
    actions: PromisesPart
    commitments: PromisesPart


class TouchpointPart(_Part):
    """A touchpoint with a note; a meeting without `with` is one of all sponsors."""

    day: Day
    kind: TouchpointKind
    by: str = ""
    among: list[str] = Field(default=[], alias="with")
    to: str = ""
    note: str
    internal: bool = False


class EscalationPart(_Part):
    """To which side's sponsor, and when."""

    to: str
    day: Day


class ObstaclePart(_Part):
    """An obstacle and what became of it."""

    title: str
    by: str
    raised: Day
    severity: Literal[1, 2, 3]
    escalate: EscalationPart | None = None
    resolved: Day | None = None
    note: str = ""
    internal: bool = False


class ActionPart(_Part):
    """An action or commitment with a story of its own."""

    title: str
    by: str
    who: Role
    agreed: Day
    due: Day
    done: Day | None = None
    kind: ActionKind = ActionKind.ACTION
    dimension: str = ""
    points: int | None = None


class Voice(_Part):
    """A comment: given by somebody of a side who took that question well, or badly."""

    quarter: int
    question: str
    side: str
    mood: Literal["high", "low", "any"]
    text: str


class AlliancePart(_Part):
    """One alliance and its story."""

    story: str
    name: str
    purpose: str
    stage: str
    region: str
    starts: Day
    ends: Day | None = None
    meetings_a_quarter: int
    advocacy_a_quarter: int
    sides: list[SidePart]
    answers: AnswersPart
    objectives: list[ObjectivePart]
    confirmations: ConfirmationsPart | None = None
    routine: RoutinePart
    touchpoints: list[TouchpointPart]
    obstacles: list[ObstaclePart]
    actions: list[ActionPart]
    voices: list[Voice]

    @property
    def members(self) -> list[str]:
        """The short names of its organisations."""
        return [side.organisation for side in self.sides]


class Content(_Part):
    """All that the demo tells."""

    organisations: list[OrganisationPart]
    names: Names
    alliances: list[AlliancePart]


def _yaml(path: Path) -> Any:  # noqa: ANN401  checked by the models
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@cache
def read() -> Content:
    """Read the content of the demo.

    Raises:
        ValidationError: a file does not fit.
    """
    names = _yaml(FOLDER / "names.yaml")
    functions = names.pop("functions")
    return Content.model_validate(
        {
            "organisations": _yaml(FOLDER / "organisations.yaml"),
            "names": {"pools": names, "functions": functions},
            "alliances": [_yaml(path) for path in sorted(FOLDER.glob("alliances/*.yaml"))],
        }
    )
