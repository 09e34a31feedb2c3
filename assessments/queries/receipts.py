"""Why this score: what a stored number is made of, down to the records, adding up exactly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from django.utils.translation import gettext as _

from alliance_health.alliances.models import Alliance
from assessments import scoring
from assessments.models import EvidenceMeasure, NodeKind, Pillar
from assessments.queries import evidence_records, figures
from assessments.queries.evidence_records import Measured, Record
from assessments.queries.figures import OVERALL, Node
from assessments.queries.stored_runs import Said, StoredRun
from assessments.scoring.evidence import metric_points
from assessments.scoring.parts import exact_parts, whole_parts

MOST_RECORDS = 12
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Term:
    """A line of a receipt.

    Attributes:
        kind: overall, pillar, dimension, people, side, evidence or measure.
        key: of the node or measure.
        label: its name.
        points: its own number.
        share: how much it counts in the line it belongs to, from 0 to 1.
        contribution: the points it adds to that line; those of all its terms are exactly that line.
        percent: the share in whole per cent; those of a line's terms add up to 100.
        adds: the contribution in whole points; those of a line's terms add up to what is shown.
        of: what the line it belongs to shows.
        terms: what it is made of.
        raters: whose answers are in it; 0 where that is not told.
        notes: what has to be said about it.
        records: what it rests on in the register.
        more_records: how many of them are not in the list.
    """

    kind: str
    key: str
    label: str
    points: float
    share: float = 1.0
    contribution: float = 0.0
    percent: int = 100
    adds: int = 0
    of: int = 0
    terms: tuple["Term", ...] = ()
    raters: int = 0
    notes: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    more_records: int = 0

    @property
    def is_node(self) -> bool:
        """Whether it has a receipt of its own."""
        return self.kind in _NODES

    @property
    def rows(self) -> tuple[tuple[int, "Term"], ...]:
        """The lines below it, each with its depth, as a table shows them."""
        return tuple(_below(self, 1))

    @property
    def outline(self) -> tuple[tuple[int, "Term"], ...]:
        """Of the lines below it the pillars and dimensions."""
        return tuple((depth, term) for depth, term in self.rows if term.is_node)


_NODES = (NodeKind.PILLAR.value, NodeKind.DIMENSION.value)


def _below(line: Term, depth: int) -> Iterator[tuple[int, Term]]:
    for term in line.terms:
        yield depth, term
        yield from _below(term, depth + 1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a number is made of; `why_none` says why there is no number where there is none."""

    label: str
    term: Term | None
    why_none: tuple[str, ...] = ()

    @property
    def measures(self) -> tuple[Term, ...]:
        """The measures in it whose records are known, each once."""
        rows = self.term.rows if self.term else ()
        found = {term.key: term for _depth, term in rows if term.kind == "measure"}
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Told:
    """What a receipt is made from."""

    stored: StoredRun
    sides: Mapping[int, str]
    records: Mapping[str, Measured] = field(default_factory=dict)


def receipt(stored: StoredRun, node: Node, sides: Mapping[int, str], alliance: Alliance) -> Receipt:
    """Return the receipt of a node; at most 9 queries, for the records of its evidence.

    Args:
        stored: the run; it asks the node.
        node: which.
        sides: short names of the organisations, by key.
        alliance: the run's, taken from the reader's scope.

    Raises:
        PartsDoNotAddUp: what is stored does not make the number.
    """
    label = label_of(stored, node)
    score = stored.scores.get(node)
    if score is None or score.value is None:
        return Receipt(label, None, _why_none(stored, node, sides))
    records = evidence_records.records_of(alliance, stored.run.as_of, _measures(stored, node))
    told = _Told(stored, sides, records)
    return Receipt(label, _node_term(told, node, label, score.value))


def label_of(stored: StoredRun, node: Node) -> str:
    """Return the name of a node of the run's rubric version; nothing where it is not in it."""
    kind, key = node
    if kind == NodeKind.OVERALL:
        return _("Overall score")
    if kind == NodeKind.PILLAR:
        return next((p.name for p in _pillars(stored) if p.key == key), "")
    return next((d.name for d in stored.tree.dimensions if d.key == key), "")


def _pillars(stored: StoredRun) -> list[Pillar]:
    return [dimension.pillar for dimension in stored.tree.dimensions]


def _measures(stored: StoredRun, node: Node) -> set[str]:
    """Return the keys of the measures that count in a node."""
    return {
        measure.key
        for key in stored.dimension_shares(node)
        if (said := stored.said(key)) and said.evidence is not None
        for measure in _measures_of(stored, key)
        if stored.run.evidence.get(measure.key) is not None
    }


def _measures_of(stored: StoredRun, dimension: str) -> Sequence[EvidenceMeasure]:
    [key] = [d.pk for d in stored.tree.dimensions if d.key == dimension]
    return stored.tree.measures.get(key, ())


def _node_term(told: _Told, node: Node, label: str, value: float) -> Term:
    kind, key = node
    score = told.stored.scores[node]
    if kind == NodeKind.DIMENSION:
        said = told.stored.said(key)
        terms = _dimension_terms(told, key, said) if said else ()
        notes = _dimension_notes(told, key, said)
    else:
        terms, notes = _part_terms(told, node)
    return _added_up(Term(kind, key, label, value, raters=score.raters, notes=notes), terms)


def _part_terms(told: _Told, node: Node) -> tuple[tuple[Term, ...], tuple[str, ...]]:
    """Return the pillars of the whole, or the dimensions of a pillar."""
    below = NodeKind.PILLAR if node == OVERALL else NodeKind.DIMENSION
    terms, missing = [], []
    for key, share in told.stored.shares(node).items():
        part = (below.value, key)
        label = label_of(told.stored, part)
        value = told.stored.value(below, key)
        if value is None:
            missing.append(label)
        else:
            terms.append(replace(_node_term(told, part, label, value), share=share))
    notes = [
        _("%(part)s has no number and counts nothing; the others count for it.") % {"part": label}
        for label in missing
    ]
    return tuple(terms), tuple(notes)


def _dimension_terms(told: _Told, key: str, said: Said) -> tuple[Term, ...]:
    people = _added_up(
        Term(
            "people",
            key,
            _("What people say") if said.sides else _("What people of all sides say together"),
            said.people,
            share=1 - said.evidence_share,
            raters=said.raters,
            notes=() if said.sides else (_("Too few answers to show the sides apart."),),
        ),
        tuple(
            Term(
                "side",
                str(one.side),
                told.sides[one.side],
                one.points,
                one.share,
                raters=one.raters,
            )
            for one in said.sides
        ),
    )
    if said.evidence is None:
        return (people,)
    records = Term("evidence", key, _("What the records say"), said.evidence, said.evidence_share)
    return people, _added_up(records, _measure_terms(told, key))


def _dimension_notes(told: _Told, key: str, said: Said | None) -> tuple[str, ...]:
    stored = told.stored
    notes = []
    [spec] = [found for found in stored.spec.dimensions if found.id == key]
    if said and spec.evidence is not None and said.evidence is None:
        notes.append(_("Nothing is recorded for its evidence, so the answers count alone."))
    if said and 0 < len(said.sides) < len(stored.run.sides):
        spoke = {one.side for one in said.sides}
        silent = [told.sides[side] for side in stored.run.sides if side not in spoke]
        notes.append(
            _("Nobody of %(sides)s counts in it; the other sides count for them.")
            % {"sides": ", ".join(silent)}
        )
    return (*notes, *_left_out(stored, key, told.sides))


def _left_out(stored: StoredRun, key: str, sides: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(
        _("Too few people of %(side)s could speak in confidence about it: they are left out.")
        % {"side": sides[side]}
        for side in stored.run.too_few.get(key, ())
        if side in sides
    )


def _measure_terms(told: _Told, key: str) -> tuple[Term, ...]:
    stored = told.stored
    [spec] = [found for found in stored.spec.dimensions if found.id == key]
    names = {measure.key: measure.name for measure in _measures_of(stored, key)}
    found = [
        (metric, stored.run.evidence[metric.id])
        for metric in (spec.evidence.metrics if spec.evidence else ())
        if stored.run.evidence.get(metric.id) is not None
    ]
    whole = sum(metric.weight for metric, _value in found)
    return tuple(
        _with_records(
            Term(
                "measure",
                metric.id,
                names[metric.id],
                float(metric_points(metric, np.array([value]))[0]),
                float(metric.weight / whole),
                notes=_scaled(metric, value),
            ),
            told.records.get(metric.id),
            value,
        )
        for metric, value in found
    )


def _scaled(metric: scoring.MetricSpec, value: float) -> tuple[str, ...]:
    """Say how a measure became points, where its scale is not simply 0 to 100."""
    if (metric.floor, metric.target) == (0, 100):
        return ()
    return (
        _("It stands at %(value)d; %(floor)g is worth 0 points and %(target)g is worth 100.")
        % {"value": round(value), "floor": metric.floor, "target": metric.target},
    )


def _with_records(term: Term, measured: Measured | None, stored: float) -> Term:
    """Return a measure with the records it rests on, as the register has them now."""
    if measured is None:
        return term
    notes = [*term.notes, measured.summary]
    if measured.value is None or abs(measured.value - stored) > SAME:
        given = "–" if measured.value is None else str(figures.whole_points(measured.value))
        notes.append(
            _(
                "The records of that day give %(given)s now, and gave %(stored)s when this was "
                "scored: some were entered or mended later."
            )
            % {"given": given, "stored": figures.whole_points(stored)}
        )
    return replace(
        term,
        notes=tuple(notes),
        records=measured.records[:MOST_RECORDS],
        more_records=max(0, len(measured.records) - MOST_RECORDS),
    )


def _added_up(line: Term, terms: tuple[Term, ...]) -> Term:
    """Return a line with its terms, whose contributions are made to be exactly the line."""
    if not terms:
        return line
    parts = exact_parts(line.points, [term.share * term.points for term in terms])
    shown = figures.whole_points(line.points)
    rounded = whole_parts(shown, parts)
    percents = whole_parts(100, [100 * term.share for term in terms])
    return replace(
        line,
        terms=tuple(
            replace(term, contribution=part, adds=adds, of=shown, percent=percent)
            for term, part, adds, percent in zip(terms, parts, rounded, percents, strict=True)
        ),
    )


def _why_none(stored: StoredRun, node: Node, sides: Mapping[int, str]) -> tuple[str, ...]:
    """Say why a node has no number, as far as that may be said."""
    kind, key = node
    if node not in stored.scores:
        return (_("The questions of this cycle do not ask about it."),)
    said = [
        _(
            "There is no number: too few people answered, or showing one could give away "
            "somebody's answer."
        )
    ]
    if kind == NodeKind.DIMENSION:
        return (*said, *_left_out(stored, key, sides))
    below = NodeKind.PILLAR if node == OVERALL else NodeKind.DIMENSION
    missing = [
        label_of(stored, (below.value, part))
        for part in stored.shares(node)
        if stored.value(below, part) is None
    ]
    if missing:
        said.append(_("Without a number: %(parts)s.") % {"parts": ", ".join(missing)})
    return tuple(said)
