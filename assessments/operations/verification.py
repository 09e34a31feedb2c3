"""Stored runs made again and compared, to the last bit; nothing is written."""

import struct
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db.models import QuerySet

from assessments import scoring
from assessments.models import Score, ScoreRun
from assessments.models.words import WordField
from assessments.operations import score_rows, scores
from assessments.operations.copying import Table, Values
from assessments.queries import batches
from assessments.queries.batches import Gathered

CHUNK = 500  # runs that are made again together
BLOCK = 20_000  # runs whose keys are held at once

_COLUMNS = [field for field in Score._meta.concrete_fields if field.attname not in ("id", "run_id")]
_NODE = ("node_kind", "node_key")
_BESIDE = [field.name for field in fields(scores.Beside)]


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored value that differs from what it comes to now.

    Attributes:
        alliance: its name.
        as_of: day of the run.
        reason: of the run.
        node: what the number is about; empty where it is of the run itself.
        field: which value.
        stored: as it is kept.
        recomputed: as it comes to.
    """

    alliance: str
    as_of: date
    reason: str
    node: str
    field: str
    stored: object
    recomputed: object


@dataclass(frozen=True, slots=True)
class Checked:
    """Some runs that were made again.

    Attributes:
        runs: how many.
        rows: how many scores they hold.
        differing: how many of the runs differ.
        differences: all that differs.
    """

    runs: int
    rows: int
    differing: int
    differences: tuple[Difference, ...]


def comparable(since: date | None = None) -> QuerySet[ScoreRun]:
    """Return the runs that this code made, of a day on or after `since`."""
    return _runs(since).filter(code_version=scoring.CODE_VERSION)


def not_comparable(since: date | None = None) -> int:
    """Return how many runs another version of the code made: their digits may differ."""
    return _runs(since).exclude(code_version=scoring.CODE_VERSION).count()


def _runs(since: date | None) -> QuerySet[ScoreRun]:
    return ScoreRun.objects.filter(as_of__gte=since) if since else ScoreRun.objects.all()


def verify(since: date | None = None) -> Iterator[Checked]:
    """Make stored runs again, a chunk at a time, and yield what was found in each.

    A fixed number of queries for each chunk, and no more than a chunk of runs is held at once.

    Args:
        since: runs as of an earlier day are left out.
    """
    for keys in _chunks(since):
        yield _check(keys)


def _chunks(since: date | None) -> Iterator[list[int]]:
    """Yield the keys of runs, in each chunk no alliance twice: so they can be made together."""
    runs = comparable(since).order_by("pk").values_list("pk", "assessment__alliance")
    last = 0
    while block := list(runs.filter(pk__gt=last)[:BLOCK]):
        last = block[-1][0]
        rounds: list[list[int]] = []
        seen: dict[int, int] = defaultdict(int)
        for key, alliance in block:
            if seen[alliance] == len(rounds):
                rounds.append([])
            rounds[seen[alliance]].append(key)
            seen[alliance] += 1
        for together in rounds:
            yield from (together[at : at + CHUNK] for at in range(0, len(together), CHUNK))


def _check(keys: Sequence[int]) -> Checked:
    runs = list(
        ScoreRun.objects.filter(pk__in=keys)
        .select_related(
            "assessment__cycle", "assessment__alliance", "before__assessment__cycle", "bands_from"
        )
        .order_by("pk")
    )
    stored = _stored(keys)
    differences: list[Difference] = []
    for run, found in _made_again(runs):
        differences += _compared(run, stored.get(run.pk, {}), found)
    differing = {(one.alliance, one.as_of, one.reason) for one in differences}
    return Checked(
        runs=len(runs),
        rows=sum(map(len, stored.values())),
        differing=len(differing),
        differences=tuple(differences),
    )


_Row = dict[str, Any]
_Node = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Again:
    """A run made again: its digest, what it keeps beside its numbers, and its rows by node."""

    digest: str
    beside: scores.Beside
    rows: Mapping[_Node, _Row]


def _made_again(runs: Sequence[ScoreRun]) -> Iterator[tuple[ScoreRun, _Again | str]]:
    """Yield each run as it is made again, or why it cannot be."""
    try:
        groups = batches.gather_again(runs)
    except (scoring.InputProblem, scoring.SpecProblem) as problem:
        if len(runs) == 1:
            yield runs[0], str(problem)
            return
        for run in runs:
            yield from _made_again([run])
        return
    by_assessment = {run.assessment_id: run for run in runs}
    for group in groups:
        own = [by_assessment[assessment.pk] for assessment in group.assessments]
        yield from zip(own, _group_again(group, [run.pk for run in own]), strict=True)


def _group_again(group: Gathered, keys: Sequence[int]) -> Iterator[_Again]:
    digests = scoring.digests(group.batch, group.side_ids)
    columns = score_rows.columns(keys, scoring.score_batch(group.batch))
    rows: dict[int, dict[_Node, _Row]] = {key: {} for key in keys}
    for run, row in zip(columns["run_id"].values.tolist(), _rows(columns), strict=True):
        rows[run][row["node_kind"], row["node_key"]] = row
    for key, digest, beside in zip(keys, digests, scores.kept_beside(group), strict=True):
        yield _Again(digest, beside, rows[key])


def _rows(columns: Mapping[str, Values | Table]) -> Iterator[_Row]:
    """Yield rows as the table's model reads them from the database."""
    size = len(columns["run_id"].values)
    told = {
        field.attname: _read(field, columns[field.attname])
        if field.attname in columns
        else ["" if isinstance(field, WordField) else None] * size
        for field in _COLUMNS
    }
    for row in zip(*told.values(), strict=True):
        yield dict(zip(told, row, strict=True))


def _read(field: Any, column: Values | Table) -> list[Any]:  # noqa: ANN401
    if isinstance(column, Table):
        return [
            None
            if all(empty)
            else [
                [None] * len(line) if is_empty else line
                for line, is_empty in zip(lines, empty, strict=True)
            ]
            for lines, empty in zip(column.values.tolist(), column.missing.tolist(), strict=True)
        ]
    values = column.values.tolist()
    missing = [False] * len(values) if column.missing is None else column.missing.tolist()
    if isinstance(field, WordField):
        return [
            "" if is_empty else field.words[int(value)]
            for value, is_empty in zip(values, missing, strict=True)
        ]
    as_read: Callable[[Any], Any] = _AS_READ.get(column.type, float)
    return [
        None if is_empty else as_read(value)
        for value, is_empty in zip(values, missing, strict=True)
    ]


_AS_READ: Mapping[str, Callable[[Any], Any]] = {
    "smallint": int,
    "boolean": bool,
    "text": bytes.decode,
}


def _stored(keys: Sequence[int]) -> dict[int, dict[_Node, _Row]]:
    names = [field.attname for field in _COLUMNS]
    found: dict[int, dict[_Node, _Row]] = defaultdict(dict)
    for run, *values in Score.objects.filter(run__in=keys).values_list("run", *names):
        row = dict(zip(names, values, strict=True))
        found[run][row["node_kind"], row["node_key"]] = row
    return found


def _compared(
    run: ScoreRun, stored: Mapping[_Node, _Row], found: _Again | str
) -> Iterator[Difference]:
    def differs(node: str, field: str, kept: object, now: object) -> Difference:
        alliance = run.assessment.alliance.name
        return Difference(alliance, run.as_of, run.reason, node, field, kept, now)

    if isinstance(found, str):
        yield differs("", "inputs", "scored", found)
        return
    if run.inputs_digest != found.digest:
        yield differs("", "inputs_digest", run.inputs_digest, found.digest)
    for name in _BESIDE:
        kept, now = getattr(run, name), getattr(found.beside, name)
        if kept != now:
            yield differs("", name, kept, now)
    for kind, key in sorted({*stored, *found.rows}):
        node = f"{kind} {key}".strip()
        row, again = stored.get((kind, key)), found.rows.get((kind, key))
        if row is None or again is None:
            there, missing = "there", "not there"
            yield differs(
                node, "row", missing if row is None else there, there if again else missing
            )
            continue
        for name in row:
            if not _is_same(row[name], again[name]):
                yield differs(node, name, row[name], again[name])


def _is_same(stored: Any, found: Any) -> bool:  # noqa: ANN401
    """Whether two values are the same to the last bit; 0.0 and -0.0 are not."""
    if isinstance(stored, list) and isinstance(found, list):
        return len(stored) == len(found) and all(map(_is_same, stored, found))
    if isinstance(stored, float) and isinstance(found, float):
        return struct.pack(">d", stored) == struct.pack(">d", found)
    return bool(stored == found)
