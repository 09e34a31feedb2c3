"""Why a score changed since the cycle before: what of it came from whom, adding up exactly."""

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessments.models import NodeKind, Score
from assessments.queries import figures
from assessments.queries.figures import Node
from assessments.queries.receipts import label_of
from assessments.queries.stored_runs import Said, SideSaid, StoredRun
from assessments.queries.workings import MadeAgain
from assessments.scoring.parts import exact_parts, whole_parts
from assessments.scoring.split import Split, Weighed, split

TENTHS = 10
TOLD = 0.05  # points by which two numbers differ that look different with one decimal


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a move: its points, and the same in tenths as shown; None where there is none."""

    points: float
    tenths: int

    @property
    def shown(self) -> float:
        return self.tenths / TENTHS


@dataclass(frozen=True, slots=True)
class Row:
    """What a dimension adds to a move, by column; `note` says what only one quarter has."""

    label: str
    columns: tuple[str, ...]
    cells: tuple[Cell | None, ...]
    note: str = ""

    @property
    def named(self) -> tuple[tuple[str, Cell | None], ...]:
        return tuple(zip(self.columns, self.cells, strict=True))

    @property
    def together(self) -> float:
        return sum(cell.tenths for cell in self.cells if cell) / TENTHS


@dataclass(frozen=True, slots=True)
class CameAndWent:
    """What of people's part comes from those who answered both times, and from the others."""

    stayed: Cell
    came_and_went: Cell


@dataclass(frozen=True, slots=True)
class Movement:
    """Why a number changed. Its cells and the rubric's part add up exactly to `total`.

    Attributes:
        since: the cycle before.
        now: the number as it is stored now.
        then: as it was stored then.
        total: now less then.
        columns: who or what the parts come from.
        rows: the dimensions, the largest part first.
        rubric: what scoring the earlier answers by today's rubric made; None where it is the same.
        both: people's part, told apart; None where that may not be told.
        sentences: what it comes to, and how it is to be read.
    """

    since: str
    now: float
    then: float
    total: Cell
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    rubric: Cell | None
    both: CameAndWent | None
    sentences: tuple[str, ...]

    @property
    def totals(self) -> tuple[float, ...]:
        """The columns' sums, as they are shown."""
        return tuple(
            sum(cell.tenths for row in self.rows if (cell := row.cells[place])) / TENTHS
            for place in range(len(self.columns))
        )

    @property
    def named_totals(self) -> tuple[tuple[str, float], ...]:
        return tuple(zip(self.columns, self.totals, strict=True))

    @property
    def reach(self) -> float:
        """The largest row's points, either way: what a picture of the rows must have room for."""
        told = [row.together for row in self.rows]
        return max(abs(points) for points in [*told, self.rubric.shown if self.rubric else 0.0])

    @property
    def tells_what_counts(self) -> bool:
        return any(row.columns[-1:] == (_("What counts"),) for row in self.rows)

    @property
    def parts(self) -> tuple[float, ...]:
        """All parts, not rounded."""
        cells = [cell.points for row in self.rows for cell in row.cells if cell]
        return (*cells, self.rubric.points) if self.rubric else tuple(cells)


@dataclass(frozen=True, slots=True)
class Unmoved:
    """Why there is no split."""

    sentence: str


PEOPLE, EVIDENCE, COUNTS = "people", "evidence", "counts"
_Part = tuple[str, str]  # a dimension, and a side's key or one of the three above


def movement(
    now: StoredRun,
    then: StoredRun | None,
    node: Node,
    sides: Mapping[int, str],
    again: MadeAgain | None,
) -> Movement | Unmoved:
    """Return why a node's number differs from that of the cycle before; no query of its own.

    Args:
        now: the run.
        then: the run that it is compared with.
        node: which number.
        sides: short names of the organisations of both, by key.
        again: the run made again, for the earlier answers by today's rubric.

    Raises:
        PartsDoNotAddUp: what is stored does not make the numbers.
    """
    if then is None:
        return Unmoved(_("There is no earlier quarter by this rubric to compare with."))
    score, before = now.scores.get(node), then.scores.get(node)
    if score is None or score.value is None:
        return Unmoved(_("There is no number to compare."))
    since = then.run.assessment.cycle.name
    if before is None or before.value is None:
        return Unmoved(_("%(since)s has no number for it to compare with.") % {"since": since})
    if score.change_points is None:
        return Unmoved(
            _("The two quarters have too little in common to tell a change that gives nobody away.")
        )
    earlier = _quarter(then, node, before.value)
    if now.run.is_rebased:
        if again is None or not again.agrees(score):
            return Unmoved(
                _(
                    "The rubric changed since %(since)s, and the earlier answers cannot be scored "
                    "again as they were."
                )
                % {"since": since}
            )
        earlier = _rebased(node, again)
    return _told(now, node, score, before.value, earlier, sides, since)


@dataclass(frozen=True, slots=True)
class _Quarter:
    """A node in one quarter: its value, and its dimensions with their shares of it."""

    value: float
    dimensions: Mapping[str, tuple[float, Said]]


def _quarter(stored: StoredRun, node: Node, value: float) -> _Quarter:
    return _Quarter(
        value,
        {
            key: (share, said)
            for key, share in stored.dimension_shares(node).items()
            if (said := stored.said(key)) is not None
        },
    )


def _rebased(node: Node, again: MadeAgain) -> _Quarter:
    """Return the earlier quarter by today's rubric; its sides together, since none is stored."""
    then = again.scored.then
    assert then is not None  # noqa: S101  a rebased run has an earlier quarter; tells the checker
    shape, place = again.scored.batch.shape, again.place(node)
    dimensions = {}
    for number, at in enumerate(shape.dimensions_of[place]):
        share = float(then.there.shares[place][number, 0])
        if share > 0:
            weight = float(then.evidence.share[at, 0])
            dimensions[shape.rubric.dimensions[at].id] = (
                share,
                Said(
                    value=float(then.scores.value[at, 0]),
                    people=float(then.people_say[at, 0]),
                    evidence=float(then.evidence.value[at, 0]) if weight else None,
                    evidence_share=weight,
                    sides=(),
                    raters=0,
                ),
            )
    return _Quarter(float(then.scores.value[place, 0]), dimensions)


def _terms(own: _Quarter, other: _Quarter) -> dict[_Part, Weighed]:
    """Return what a quarter's number is made of, as finely as both quarters tell it."""
    found: dict[_Part, Weighed] = {}
    for key, (share, said) in own.dimensions.items():
        if key not in other.dimensions:
            found[key, PEOPLE] = Weighed(share, said.value)
            continue
        people = share * (1 - said.evidence_share)
        if _is_apart(said, other.dimensions[key][1]):
            for side in said.sides:
                found[key, str(side.side)] = Weighed(people * side.share, side.points)
        else:
            found[key, PEOPLE] = Weighed(people, said.people)
        if said.evidence is not None:
            found[key, EVIDENCE] = Weighed(share * said.evidence_share, said.evidence)
    return found


def _is_apart(one: Said, other: Said) -> bool:
    return bool(one.sides) and bool(other.sides)


def _told(
    now: StoredRun,
    node: Node,
    score: Score,
    stored_then: float,
    earlier: _Quarter,
    sides: Mapping[int, str],
    since: str,
) -> Movement:
    assert score.value is not None  # noqa: S101  the caller has looked; tells the checker
    later = _quarter(now, node, score.value)
    after, before = _named(_terms(later, earlier)), _named(_terms(earlier, later))
    found = split(later.value, earlier.value, after, before, stored_then=stored_then)
    parts = _by_dimension(found, after.keys() & before.keys())
    points = exact_parts(found.total, [*parts.values(), found.rubric])
    tenths = whole_parts(_tenths(found.total), [TENTHS * part for part in points])
    cells = {
        part: Cell(*cell)
        for part, cell in zip(parts, zip(points, tenths, strict=True), strict=False)
    }
    names = _columns(parts, sides)
    rows = sorted(
        (
            Row(
                label=label_of(now, (NodeKind.DIMENSION.value, key)) or key,
                columns=tuple(names.values()),
                cells=tuple(cells.get((key, name)) for name in names),
                note=_note(key, later, earlier, since),
            )
            for key in dict.fromkeys(key for key, _name in parts)
        ),
        key=lambda row: (-abs(row.together), row.label),
    )
    return Movement(
        since=since,
        now=score.value,
        then=stored_then,
        total=Cell(found.total, _tenths(found.total)),
        columns=tuple(names.values()),
        rows=tuple(rows),
        rubric=Cell(points[-1], tenths[-1]) if now.run.is_rebased else None,
        both=_came_and_went(score, cells),
        sentences=_sentences(found.total, score, rows, is_rebased=now.run.is_rebased),
    )


def _named(terms: Mapping[_Part, Weighed]) -> dict[str, Weighed]:
    return {f"{key}\n{what}": term for (key, what), term in terms.items()}


def _by_dimension(found: Split, in_both: Set[str]) -> dict[_Part, float]:
    """Return what each term's move adds, and by dimension what its counting more or less does."""
    parts: dict[_Part, float] = {}
    counts: dict[str, list[float]] = {}
    for name, move in found.moves.items():
        key, what = name.split("\n")
        if name in in_both:  # what only one quarter has did not move
            parts[key, what] = move
        counts.setdefault(key, []).append(found.counts[name])
    return {
        **parts,
        **{(key, COUNTS): math.fsum(own) for key, own in counts.items()},
    }


def _columns(parts: Mapping[_Part, float], sides: Mapping[int, str]) -> dict[str, str]:
    """Return the columns that hold anything, with their names, in the order in which they stand."""
    there = {what for (_key, what), points in parts.items() if what != COUNTS or abs(points) > 0}
    apart = {
        str(side): _("%(side)s says") % {"side": name}
        for side, name in sides.items()
        if str(side) in there
    }
    names = {
        **apart,
        PEOPLE: _("All sides together say") if apart else _("People say"),
        EVIDENCE: _("The records say"),
        COUNTS: _("What counts"),
    }
    return {what: name for what, name in names.items() if what in there}


def _tenths(points: float) -> int:
    return math.floor(abs(points) * TENTHS + 0.5) * (1 if points > 0 else -1)


def _note(key: str, later: _Quarter, earlier: _Quarter, since: str) -> str:
    """Say what of a dimension only one of the two quarters has."""
    if key not in earlier.dimensions:
        return _("new: it had no number in %(since)s") % {"since": since}
    if key not in later.dimensions:
        return _("gone: it has no number any more")
    now, then = later.dimensions[key][1], earlier.dimensions[key][1]
    if now.evidence is not None and then.evidence is None:
        return _("its records are new")
    if now.evidence is None and then.evidence is not None:
        return _("its records are gone")
    if _is_apart(now, then) and _who(now.sides) != _who(then.sides):
        return _("not the same sides speak in it")
    return ""


def _who(sides: Sequence[SideSaid]) -> set[int]:
    return {side.side for side in sides}


def _came_and_went(score: Score, cells: Mapping[_Part, Cell]) -> CameAndWent | None:
    """Return people's part, told apart by who answered both times, where that is stored."""
    if score.change_returning is None or score.change_points is None:
        return None
    people = [cell for (_key, what), cell in cells.items() if what not in (EVIDENCE, COUNTS)]
    whole = math.fsum(cell.points for cell in people)
    came = score.change_points - score.change_returning
    points = exact_parts(whole, [whole - came, came])
    tenths = whole_parts(sum(cell.tenths for cell in people), [TENTHS * p for p in points])
    return CameAndWent(Cell(points[0], tenths[0]), Cell(points[1], tenths[1]))


def _sentences(
    total: float, score: Score, rows: Sequence[Row], *, is_rebased: bool
) -> tuple[str, ...]:
    said = []
    largest = [row for row in rows if row.together and (row.together > 0) == (total > 0)][:2]
    if len(rows) > 1 and largest:
        said.append(
            _("Most of it: %(parts)s.")
            % {
                "parts": ", ".join(
                    _("%(part)s (%(points)s)")
                    % {"part": row.label, "points": figures.signed(row.together)}
                    for row in largest
                )
            }
        )
    if score.change_points is not None and abs(score.change_points - total) >= TOLD:
        why = (
            _("it scores the earlier answers by today's rubric and compares what both have")
            if is_rebased
            else _("it compares only what both quarters have")
        )
        said.append(
            _(
                "The change that is tested against chance is %(change)s: %(why)s. Here the two "
                "numbers are taken as they were shown."
            )
            % {"change": figures.signed(score.change_points), "why": why}
        )
    return tuple(said)
