"""A fingerprint of everything that goes into a scoring.

The canonical form is bytes, one assessment after the other, the same whatever order rows arrive in
and whatever else is scored with it:

1. the SHA-256 of what the whole batch has in common: the code's version, the parameters, the tree
   with its weights, and the sides' weights, as JSON with sorted keys. Items stand there by their
   place; the rubric's version says what they ask;
2. the sides' ids, in order;
3. how many raters there are, and each of them, in order of side and key: the side's place, whether
   he is protected, one bit an item whether it was put to him, two bytes an item for the steps above
   the lowest level (BLANK, CANNOT_TELL); then the keys;
4. the evidence as 8-byte floating-point numbers, by measure in the rubric's order;
5. one byte a node for the band shown before, one for the highest band that gates let be shown, and
   one for the gate;
6. whether there is an earlier quarter, whether it was published by another version of the rubric,
   whether it told how those moved who had come back then, and where it is compared with as it was
   answered then (one byte a dimension); its raters and evidence in the same form.

Numbers of more than one byte have their highest byte first.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from itertools import pairwise

import numpy as np

from assessments.scoring.bands import Band
from assessments.scoring.batch import Batch, Shape, Sheets
from assessments.scoring.columns import Floats
from assessments.scoring.inputs import Quarter, Rater
from assessments.scoring.single import batch_of_one
from assessments.scoring.spec import Parameters, RubricSpec

CODE_VERSION = "3"
"""Raised whenever the same inputs would give other digits."""


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
    """Return the SHA-256 of the inputs of a scoring and of the code's version, in hexadecimal.

    Takes what `score` takes.
    """
    batch = batch_of_one(
        parameters,
        rubric,
        sides,
        raters,
        evidence=evidence,
        previous_bands=previous_bands,
        before=before,
    )
    [found] = digests(batch, [sides])
    return found


def digests(batch: Batch, sides: Sequence[Sequence[str]]) -> list[str]:
    """Return the digest of every assessment of a batch.

    Args:
        batch: the inputs.
        sides: ids of each assessment's sides, in order.
    """
    common = hashlib.sha256(shape_json(batch.shape).encode()).digest()
    people = _people(batch, batch.sheets)
    evidence = _evidence(batch, batch.evidence)
    bands = np.concatenate([batch.previous_bands, batch.caps, batch.cap_reasons]).T
    bands = np.ascontiguousarray(bands)
    earlier: list[tuple[bytes, ...]] = [(b"\0",)] * batch.size
    if batch.before is not None:
        then = _people(batch, batch.before.sheets)
        values = _evidence(batch, batch.before.evidence)
        whole = np.ascontiguousarray(batch.before.is_whole.T)
        earlier = [
            (bytes([1, *flags]), whole[place].tobytes(), then[place], values[place].tobytes())
            if exists
            else (b"\0",)
            for place, (exists, *flags) in enumerate(
                zip(
                    batch.before.exists.tolist(),
                    batch.before.is_rebased.tolist(),
                    batch.before.told_returning.tolist(),
                    strict=True,
                )
            )
        ]
    found = []
    for place in range(batch.size):
        digest = hashlib.sha256(common)
        digest.update("\n".join(sides[place]).encode())
        digest.update(people[place])
        digest.update(evidence[place].tobytes())
        digest.update(bands[place].tobytes())
        for part in earlier[place]:
            digest.update(part)
        found.append(digest.hexdigest())
    return found


def shape_json(shape: Shape) -> str:
    """Return what the assessments of a batch have in common as one text."""
    return json.dumps(
        {
            "code": CODE_VERSION,
            "parameters": _plain(shape.parameters),
            "rubric": shape.rubric.version,
            "pillars": [
                {
                    "id": pillar.id,
                    "weight": _plain(pillar.weight),
                    "dimensions": [
                        {
                            "id": dimension.id,
                            "weight": _plain(dimension.weight),
                            "items": [[_plain(i.weight), i.reverse] for i in dimension.items],
                            "evidence": _plain(dimension.evidence),
                        }
                        for dimension in pillar.dimensions
                    ],
                }
                for pillar in shape.rubric.pillars
            ],
            "sides": list(shape.side_shares),
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def _people(batch: Batch, sheets: Sheets) -> list[bytes]:
    """Return each assessment's raters as bytes."""
    sides = batch.shape.sides
    asked = np.packbits(sheets.patterns, axis=1)[sheets.asked]
    steps = np.ascontiguousarray(sheets.steps.T.astype(">i2")).view(np.uint8)
    place = (sheets.segment % sides).astype(np.uint8)
    rows = np.concatenate([place[:, np.newaxis], sheets.protected[:, np.newaxis], asked, steps], 1)
    whole, width = rows.tobytes(), rows.shape[1]
    keys = sheets.key.tolist()
    ends = np.searchsorted(sheets.segment, np.arange(batch.size + 1) * sides).tolist()
    return [
        b"%d\n%b%b" % (end - start, whole[start * width : end * width], b"\n".join(keys[start:end]))
        for start, end in pairwise(ends)
    ]


def _evidence(batch: Batch, values: Mapping[str, Floats]) -> Floats:
    """Return each assessment's evidence, by measure in the rubric's order."""
    missing = np.full(batch.size, np.nan)
    columns = [
        values.get(metric.id, missing)
        for dimension in batch.shape.rubric.dimensions
        if dimension.evidence is not None
        for metric in dimension.evidence.metrics
    ]
    found = np.array(columns).reshape(len(columns), batch.size).T
    # One form of nothing and of zero.
    return np.where(np.isnan(found), np.nan, found + 0.0).astype(">f8")


def _plain(value: object) -> object:
    """Return a value as JSON has it; 70 and 70.0, or 0.350 and 0.35, are the same number."""
    if is_dataclass(value):
        return {
            found.name: _plain(getattr(value, found.name)) for found in fields(value) if found.init
        }
    if isinstance(value, list | tuple):
        return [_plain(found) for found in value]
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
