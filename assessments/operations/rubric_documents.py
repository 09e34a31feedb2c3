"""A rubric's file: read, checked against its schema, refused with the place of each fault."""

import math
import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from django.utils.translation import gettext as _
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

from alliance_health.alliances.models import Role
from assessments import scoring
from assessments.models import SignalKind, Target
from assessments.queries.evidence import MEASURE_KEYS

LARGEST_FILE = 2_000_000  # bytes
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")
_KEY = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"

Weight = Annotated[Decimal, Field(gt=0, max_digits=7, decimal_places=3)]
Bound = Annotated[Decimal, Field(max_digits=12, decimal_places=4)]
Key = Annotated[str, Field(pattern=_KEY, max_length=60)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class RubricFileRefused(Exception):
    """A rubric's file cannot be used; the message lists every fault with its place."""


class _Loader(yaml.SafeLoader):
    """YAML as far as a rubric needs it; each refusal names line and column.

    No aliases: a few lines of them unfold to more than any memory holds. No key twice in one place:
    YAML would take the last without a word. No text and no number that PostgreSQL cannot store.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise ComposerError(None, None, "a rubric has no aliases (*name)", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable):
                if key in seen:
                    problem = f"the key {key} is there twice"
                    raise ConstructorError(None, None, problem, key_node.start_mark)
                seen.add(key)
        return super().construct_mapping(node, deep=deep)

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> str:
        text = super().construct_scalar(node)
        if _NOT_STORABLE.search(text):
            problem = "there is a character that cannot be stored (NUL, or half of a pair)"
            raise ConstructorError(None, None, problem, node.start_mark)
        return text


def _finite(loader: _Loader, node: yaml.ScalarNode) -> float:
    number = loader.construct_yaml_float(node)
    if not math.isfinite(number):
        raise ConstructorError(None, None, f"{node.value} is no number", node.start_mark)
    return number


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return loader.construct_scalar(node)


def _nothing(loader: _Loader, node: yaml.Node) -> None:
    loader.construct_undefined(node)


_Loader.add_constructor("tag:yaml.org,2002:float", _finite)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)
for _kind in ("binary", "omap", "pairs", "set"):  # what JSON does not have, a rubric has not
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _nothing)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _check_once(noun: str, keys: Iterable[str]) -> None:
    doubled = [key for key, times in Counter(keys).items() if times > 1]
    if doubled:
        raise ValueError(f"the {noun} {doubled[0]} is there twice")


def _check_hundred(noun: str, weights: Sequence[Decimal]) -> None:
    if sum(weights) != 100:
        raise ValueError(f"the weights of the {noun} add up to {sum(weights)}, not to 100")


class QuestionPart(_Part):
    """A question with its five levels."""

    key: Annotated[str, Field(pattern=_KEY, max_length=20)]
    label: Annotated[str, Field(min_length=1, max_length=80)]
    core: bool
    roles: Annotated[list[Role], Field(min_length=1)]
    target: Target
    not_applicable: bool = False
    minimum_organisations: Annotated[int, Field(ge=2, le=100)] = 2
    reverse: bool = False
    weight: Weight = Decimal(1)
    text: Words
    levels: dict[Literal[1, 2, 3, 4, 5], Words]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if len(self.levels) != 5:
            raise ValueError("there must be five levels, 1 to 5")
        _check_once("role", self.roles)
        return self


class MeasureShare(_Part):
    """A measure that counts in a dimension."""

    key: Annotated[str, Field(max_length=40)]
    weight: Weight = Decimal(1)
    floor: Bound = Decimal(0)
    target: Bound = Decimal(100)

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.floor == self.target:
            raise ValueError("the floor and the target must differ")
        return self


class EvidenceShare(_Part):
    """How much of a dimension the evidence makes up."""

    share: Annotated[Decimal, Field(gt=0, le=25, decimal_places=2)]
    measures: Annotated[list[MeasureShare], Field(min_length=1)]

    @model_validator(mode="after")
    def _counts_each_once(self) -> Self:
        _check_once("measure", (measure.key for measure in self.measures))
        return self


class DimensionPart(_Part):
    """A dimension with its questions."""

    key: Key
    name: Annotated[str, Field(min_length=1, max_length=120)]
    weight: Weight
    about: Words
    evidence: EvidenceShare | None = None
    questions: Annotated[list[QuestionPart], Field(min_length=1)]


class PillarPart(_Part):
    """A pillar with its dimensions."""

    key: Key
    name: Annotated[str, Field(min_length=1, max_length=120)]
    weight: Weight
    dimensions: Annotated[list[DimensionPart], Field(min_length=1)]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        _check_hundred(f"dimensions of {self.key}", [d.weight for d in self.dimensions])
        return self


class MeasurePart(_Part):
    """A measure over the register, scored or only shown."""

    key: Annotated[str, Field(max_length=40)]
    code: str
    name: Annotated[str, Field(min_length=1, max_length=120)]
    scored: bool
    pillars: list[str]
    unit: str
    about: Words


class Prior(_Part):
    """What is expected of answers before any is seen."""

    sd: Annotated[float, Field(gt=0, le=100)] = 20
    df: Annotated[float, Field(gt=0, le=100)] = 4
    correlation: Annotated[float, Field(ge=0, le=1)] = 0.5


class Bands(_Part):
    """Where amber and green begin."""

    amber_from: Annotated[float, Field(gt=0, lt=100)] = 50
    green_from: Annotated[float, Field(gt=0, lt=100)] = 70
    margin: Annotated[float, Field(ge=0, lt=50)] = 3


class Shown(_Part):
    """How many raters what is shown needs; promised to them: may be raised, never lowered."""

    side_raters: Annotated[int, Field(ge=3, le=1000)] = 3
    total_raters: Annotated[int, Field(ge=4, le=1000)] = 4
    item_distribution: Annotated[int, Field(ge=5, le=1000)] = 5
    comments: Annotated[int, Field(ge=10, le=1000)] = 10


class Rules(_Part):
    """Parameters of the scoring; what is left out has the specification's value."""

    prior: Prior = Prior()
    min_answered_share: Annotated[float, Field(ge=0, lt=1)] = 0.5
    confidence_level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    equivalence_level: Annotated[float, Field(gt=0, lt=1)] = 0.9
    possible_below: Annotated[float, Field(gt=0, lt=1)] = 0.2
    material_points: Annotated[float, Field(gt=0, lt=100)] = 10
    bands: Bands = Bands()
    shown: Shown = Shown()
    protected_minimum: Annotated[int, Field(ge=3, le=1000)] = 5
    longstring_share: Annotated[float, Field(gt=0, le=1)] = 0.5


class Limits(_Part):
    """Where a rule begins to hold; each rule uses the limits that are its own."""

    days: Annotated[int, Field(ge=1, le=1000)] | None = None
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    cadences: Annotated[float, Field(gt=0, le=100)] | None = None
    points: Annotated[float, Field(gt=0, le=100)] | None = None
    declines: Annotated[int, Field(ge=2, le=8)] | None = None
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    days_before_close: Annotated[int, Field(ge=1, le=100)] | None = None


def _check_limits(rule: str, limits: Limits, wanted: Collection[str]) -> None:
    given = {name for name, value in limits if value is not None}
    if given != set(wanted):
        needed = ", ".join(sorted(wanted)) or "none"
        raise ValueError(f"the rule {rule} takes these limits: {needed}")


class GateRule(_Part):
    """What keeps a pillar from showing more than a band."""

    key: scoring.Gate
    pillar: Key
    highest_band: Literal["red", "amber"]
    limits: Limits = Limits()
    about: Words

    @model_validator(mode="after")
    def _has_its_limits(self) -> Self:
        _check_limits(self.key, self.limits, _GATE_LIMITS[self.key])
        return self


class WarningRule(_Part):
    """When an early warning is raised."""

    key: SignalKind
    name: Annotated[str, Field(min_length=1, max_length=120)]
    limits: Limits = Limits()
    about: Words

    @model_validator(mode="after")
    def _has_its_limits(self) -> Self:
        _check_limits(self.key, self.limits, _WARNING_LIMITS[self.key])
        return self


class Expiry(_Part):
    """After how many cycles a score is out of date."""

    cycles: Annotated[float, Field(ge=1, le=100)] = 1.5


_GATE_LIMITS: dict[scoring.Gate, tuple[str, ...]] = {
    scoring.Gate.SPONSOR_SEAT_VACANT: (),
    scoring.Gate.NO_OBJECTIVE_CONFIRMED: ("months",),
}
_WARNING_LIMITS: dict[SignalKind, tuple[str, ...]] = {
    SignalKind.SPONSOR_SEAT_VACANT: ("days",),
    SignalKind.SPONSOR_SILENCE: ("cadences",),
    SignalKind.ATTAINMENT_FALLING: ("points", "days"),
    SignalKind.OBSTACLE_OPEN: ("days",),
    SignalKind.DECLINES_IN_A_ROW: ("declines",),
    SignalKind.GAP_NEWLY_CLEAR: (),
    SignalKind.LOW_RESPONSE: ("share", "days_before_close"),
}


class RubricDocument(_Part):
    """A whole rubric version, as its file has it."""

    format: Literal[1]
    rubric: Key
    name: Annotated[str, Field(min_length=1, max_length=120)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    description: Words
    parameters: Rules
    named_roles: list[Role]
    roles: dict[Role, str]
    pillars: Annotated[list[PillarPart], Field(min_length=1)]
    measures: list[MeasurePart] = []
    # Kept with the version and shown; what works with them reads them from there.
    unscored: list[dict[str, Any]] = []
    gates: list[GateRule] = []
    expiry: Expiry = Expiry()
    warnings: list[WarningRule] = []

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        dimensions = [d for pillar in self.pillars for d in pillar.dimensions]
        _check_hundred("pillars", [pillar.weight for pillar in self.pillars])
        _check_once("pillar", (pillar.key for pillar in self.pillars))
        _check_once("dimension", (dimension.key for dimension in dimensions))
        _check_once("question", (q.key for d in dimensions for q in d.questions))
        _check_once("measure", (measure.key for measure in self.measures))
        _check_once("gate", (gate.key for gate in self.gates))
        _check_once("warning", (warning.key for warning in self.warnings))
        pillars = {pillar.key for pillar in self.pillars}
        for gate in self.gates:
            if gate.pillar not in pillars:
                raise ValueError(f"the gate {gate.key} holds back {gate.pillar}, no pillar of it")
        scored = {measure.key for measure in self.measures if measure.scored}
        for dimension in dimensions:
            for share in dimension.evidence.measures if dimension.evidence else ():
                if share.key not in scored:
                    raise ValueError(
                        f"the dimension {dimension.key} scores {share.key}, which is not among "
                        "the scored measures"
                    )
                if share.key not in MEASURE_KEYS:
                    raise ValueError(
                        f"nothing measures {share.key}; there are {', '.join(sorted(MEASURE_KEYS))}"
                    )
        return self

    def measure_name(self, key: str) -> str:
        """Return a measure's name."""
        return next(measure.name for measure in self.measures if measure.key == key)


def read(path: Path) -> RubricDocument:
    """Read a rubric's file.

    Args:
        path: a YAML file in UTF-8.

    Returns:
        The rubric, checked.

    Raises:
        RubricFileRefused: it cannot be read, is no YAML, or does not fit the schema.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise RubricFileRefused(_("%(file)s is larger than 2 MB.") % {"file": path})
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise RubricFileRefused(
            _("%(file)s cannot be read: %(reason)s.") % {"file": path, "reason": problem.strerror}
        ) from problem
    except UnicodeDecodeError as problem:
        raise RubricFileRefused(_("%(file)s is not UTF-8 text.") % {"file": path}) from problem
    try:
        content = yaml.load(text, _Loader)  # noqa: S506  a SafeLoader that does less
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        # ValueError: a number of more digits than Python reads.
        raise RubricFileRefused(
            _("%(file)s is not YAML: %(reason)s") % {"file": path, "reason": problem}
        ) from problem
    try:
        return RubricDocument.model_validate(content)
    except ValidationError as problem:
        faults = "\n".join(
            f"- {'.'.join(map(str, fault['loc'])) or '(whole file)'}: {fault['msg']}"
            for fault in problem.errors(include_url=False)
        )
        raise RubricFileRefused(
            _("%(file)s does not fit a rubric:\n%(faults)s") % {"file": path, "faults": faults}
        ) from problem
