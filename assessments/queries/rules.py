"""A rubric version's rules beside its tree: gates, expiry, early warnings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments import scoring
from assessments.models import RubricVersion, SignalKind

CYCLES_TO_EXPIRY = 1.5


@dataclass(frozen=True, slots=True)
class GateRule:
    """What keeps a pillar from showing more than a band.

    Attributes:
        gate: when it is closed.
        pillar: key of the pillar that it holds back.
        highest: the best band shown while it is closed.
        limits: numbers by name.
        about: what it demands, in words.
    """

    gate: scoring.Gate
    pillar: str
    highest: scoring.Band
    limits: Mapping[str, float]
    about: str


@dataclass(frozen=True, slots=True)
class WarningRule:
    """When an early warning is raised.

    Attributes:
        kind: which condition.
        name: what the rubric calls it.
        limits: numbers by name.
        about: when it is raised, in words.
    """

    kind: SignalKind
    name: str
    limits: Mapping[str, float]
    about: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All of them.

    Attributes:
        gates: in the rubric's order.
        warnings: in the rubric's order.
        cycles_to_expiry: a score older than so many cycles is out of date.
    """

    gates: tuple[GateRule, ...]
    warnings: tuple[WarningRule, ...]
    cycles_to_expiry: float


def rules_of(version: RubricVersion) -> Rules:
    """Return the rules of a version, as its checked document has them; no query of its own.

    Args:
        version: with its document.
    """
    told: Mapping[str, Any] = version.document
    return Rules(
        gates=tuple(
            GateRule(
                gate=scoring.Gate(rule["key"]),
                pillar=rule["pillar"],
                highest=scoring.Band(rule["highest_band"]),
                limits=_limits(rule),
                about=rule["about"],
            )
            for rule in told.get("gates", ())
        ),
        warnings=tuple(
            WarningRule(
                kind=SignalKind(rule["key"]),
                name=rule["name"],
                limits=_limits(rule),
                about=rule["about"],
            )
            for rule in told.get("warnings", ())
        ),
        cycles_to_expiry=float(told.get("expiry", {}).get("cycles", CYCLES_TO_EXPIRY)),
    )


def _limits(rule: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in rule.get("limits", {}).items() if value is not None}
