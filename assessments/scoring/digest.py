"""A fingerprint of everything that goes into a scoring."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum

from assessments.scoring.bands import Band
from assessments.scoring.inputs import Quarter, Rater, in_order
from assessments.scoring.spec import Parameters, RubricSpec

CODE_VERSION = "1"
"""Raised whenever the same inputs would give other digits."""


def canonical_json(
    parameters: Parameters,
    rubric: RubricSpec,
    sides: Sequence[str],
    raters: Iterable[Rater],
    *,
    evidence: Mapping[str, float | None] | None = None,
    previous_bands: Mapping[str, Band] | None = None,
    before: Quarter | None = None,
) -> str:
    """Return the inputs of a scoring as one text, the same in whatever order rows arrive.

    Takes what `score` takes. Raters and keys are sorted; pillars, dimensions, items and sides keep
    their order, which has a meaning.
    """
    return json.dumps(
        {
            "code": CODE_VERSION,
            "parameters": _plain(parameters),
            "rubric": _plain(rubric),
            "sides": list(sides),
            "raters": _plain(in_order(raters)),
            "evidence": _plain(evidence or {}),
            "previous_bands": _plain(previous_bands or {}),
            "before": None
            if before is None
            else {
                "raters": _plain(in_order(before.raters)),
                "evidence": _plain(before.evidence),
            },
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def inputs_digest(
    parameters: Parameters,
    rubric: RubricSpec,
    sides: Sequence[str],
    raters: Iterable[Rater],
    *,
    evidence: Mapping[str, float | None] | None = None,
    previous_bands: Mapping[str, Band] | None = None,
    before: Quarter | None = None,
) -> str:
    """Return the SHA-256 of the inputs of a scoring and of the code's version, in hexadecimal."""
    text = canonical_json(
        parameters,
        rubric,
        sides,
        raters,
        evidence=evidence,
        previous_bands=previous_bands,
        before=before,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """Return a value as JSON has it; 70 and 70.0, or 0.350 and 0.35, are the same number."""
    if is_dataclass(value):
        return {
            found.name: _plain(getattr(value, found.name)) for found in fields(value) if found.init
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(found) for key, found in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_plain(found) for found in value]
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
