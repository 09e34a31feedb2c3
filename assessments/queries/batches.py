"""What goes into many scorings, in columns: a fixed number of queries for thousands of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from assessments import scoring
from assessments.models import Assessment, Cycle, CycleState, Score, ScoreRun, Side
from assessments.queries import among as _among  # noqa: F401  makes the lookup known
from assessments.queries import evidence as records
from assessments.queries.responses import MOST_OTHERS
from assessments.queries.rules import GateRule
from assessments.queries.sheets import submitted
from assessments.queries.trees import (
    VersionTree,
    item_id,
    parameters_of,
    version_trees,
)
from assessments.scoring.columns import Floats, Marks, Segments, Whole

MOST_TABLE_ROWS = 1_000_000

Sides = tuple[int, ...]
"""Keys of an assessment's organisations, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The inputs of assessments of one shape, and what is kept beside their numbers.

    Attributes:
        batch: what the arithmetic takes.
        assessments: what is scored, in the batch's order.
        sides: of each.
        left_out: protected answers that do not count, by assessment and side.
        too_few: by dimension, assessment and side, whether too few could speak in confidence.
        gates: the gates that are closed, of each.
        bands_from: the scoring whose bands each one's move on from, None where there is none.
        before: the scoring that each is compared with, None where there is none.
        latest: the latest scoring up to the day, None where there is none.
    """

    batch: scoring.Batch
    assessments: tuple[Assessment, ...]
    sides: tuple[Sides, ...]
    left_out: Whole
    too_few: Marks
    gates: tuple[tuple[scoring.Gate, ...], ...]
    bands_from: tuple[ScoreRun | None, ...]
    before: tuple[ScoreRun | None, ...]
    latest: tuple[ScoreRun | None, ...]

    @property
    def straight_lining(self) -> Whole:
        """Return how many questionnaires of each repeat one answer."""
        batch = self.batch
        is_straight = scoring.quality(batch.shape, batch.sheets).is_straight
        of_rater = batch.sheets.segment // batch.shape.sides
        return np.bincount(of_rater[is_straight], minlength=batch.size)

    @property
    def side_ids(self) -> list[list[str]]:
        """Return the sides' keys as the arithmetic names them."""
        return [list(map(str, sides)) for sides in self.sides]


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of a chunk of assessments before they are told apart by shape."""

    trees: Mapping[int, VersionTree]
    sides: Mapping[int, Sides]
    answers: "_Answers"
    evidence: Mapping[int, Mapping[str, float | None]]
    gates: Mapping[int, tuple[scoring.Gate, ...]]
    previous: Mapping[int, Assessment]
    before_runs: Mapping[int, ScoreRun]
    bands_from: Mapping[int, ScoreRun]
    bands: Mapping[int, Mapping[str, str]]
    told_returning: Collection[int]
    latest: Mapping[int, ScoreRun]


def gather(assessments: Sequence[Assessment], as_of: date) -> list[Gathered]:
    """Return the inputs of assessments that are scored as of a day, told apart by shape.

    A fixed number of queries for each cycle that they are of, however many they are.

    Args:
        assessments: closed, each of another alliance, with cycle and rubric version.
        as_of: the day whose evidence counts.

    Raises:
        SpecProblem: a rubric cannot be used for scoring.
        InputProblem: stored answers do not fit the rubric.
    """
    previous = _previous(assessments)
    before_runs = _latest([found.pk for found in previous.values()], as_of, with_day=False)
    compared = [found for found in previous.values() if found.pk in before_runs]
    own_runs = _latest([a.pk for a in assessments], as_of, with_day=False)
    trees = version_trees({a.cycle.rubric_version_id for a in [*assessments, *compared]})
    bands_from = {
        **{key: before_runs[one.pk] for key, one in previous.items() if one.pk in before_runs},
        **own_runs,
    }
    told = _Told(
        trees=trees,
        sides=_sides([*assessments, *compared]),
        answers=_Answers([*assessments, *compared]),
        evidence=_evidence(assessments, trees, as_of),
        gates=_closed_gates(assessments, trees, as_of),
        previous=previous,
        before_runs=before_runs,
        bands_from=bands_from,
        bands=_bands(list(bands_from.values())),
        told_returning=_told_returning(before_runs.values()),
        latest=_latest([a.pk for a in assessments], as_of, with_day=True),
    )
    return _by_shape(told, assessments)


def gather_again(runs: Sequence[ScoreRun]) -> list[Gathered]:
    """Return the inputs of stored scorings as they were, from what the runs keep.

    A fixed number of queries, however many they are.

    Args:
        runs: each of another alliance, with the assessment's cycle, the run before with its, and
            the run whose bands it moved on from.

    Raises:
        SpecProblem: a rubric cannot be used for scoring.
        InputProblem: stored answers do not fit the rubric.
    """
    assessments = [run.assessment for run in runs]
    before = {run.assessment_id: run.before for run in runs if run.before is not None}
    bands_from = {run.assessment_id: run.bands_from for run in runs if run.bands_from is not None}
    compared = [run.assessment for run in before.values()]
    told = _Told(
        trees=version_trees({a.cycle.rubric_version_id for a in [*assessments, *compared]}),
        sides=_sides([*assessments, *compared]),
        answers=_Answers([*assessments, *compared]),
        evidence={run.assessment_id: run.evidence for run in runs},
        gates={run.assessment_id: tuple(map(scoring.Gate, run.gates)) for run in runs},
        previous={key: run.assessment for key, run in before.items()},
        before_runs={run.assessment_id: run for run in before.values()},
        bands_from=bands_from,
        bands=_bands(list(bands_from.values())),
        told_returning=_told_returning(before.values()),
        latest={},
    )
    return _by_shape(told, assessments)


def _evidence(
    assessments: Sequence[Assessment], trees: Mapping[int, VersionTree], as_of: date
) -> dict[int, Mapping[str, float | None]]:
    """Return the measures that weigh in a score, by assessment."""
    wanted = {measure.key for tree in trees.values() for measure in tree.scored_measures}
    found = records.measured([one.alliance_id for one in assessments], as_of, only=wanted)
    return {one.pk: found[one.alliance_id] for one in assessments}


def _closed_gates(
    assessments: Sequence[Assessment], trees: Mapping[int, VersionTree], as_of: date
) -> dict[int, tuple[scoring.Gate, ...]]:
    """Return the gates that are closed on the day, by assessment."""
    gated = {
        one.pk: one.alliance_id
        for one in assessments
        if trees[one.cycle.rubric_version_id].rules.gates
    }
    found = records.gate_records(gated.values(), as_of) if gated else {}
    return {
        one.pk: tuple(
            rule.gate
            for rule in trees[one.cycle.rubric_version_id].rules.gates
            if _is_closed(rule, found[one.alliance_id], as_of)
        )
        for one in assessments
    }


def _is_closed(rule: GateRule, found: records.GateRecords, as_of: date) -> bool:
    match rule.gate:
        case scoring.Gate.SPONSOR_SEAT_VACANT:
            return scoring.has_vacant_sponsor(found.sides, found.sponsored)
        case scoring.Gate.NO_OBJECTIVE_CONFIRMED:
            months = int(rule.limits["months"])
            return scoring.lacks_confirmed_objective(found.sides, found.confirmed, as_of, months)


def _by_shape(told: _Told, assessments: Sequence[Assessment]) -> list[Gathered]:
    shapes: dict[tuple[int, str, int], list[Assessment]] = defaultdict(list)
    for assessment in assessments:
        cycle, sides = assessment.cycle, told.sides[assessment.pk]
        scoring.check_sides(list(map(str, sides)))
        like = (cycle.rubric_version_id, cycle.question_set, len(sides))
        shapes[like].append(assessment)
    return [_gathered(told, alike) for alike in shapes.values()]


def _gathered(told: _Told, assessments: Sequence[Assessment]) -> Gathered:
    cycle = assessments[0].cycle
    sides = [told.sides[assessment.pk] for assessment in assessments]
    tree = told.trees[cycle.rubric_version_id]
    # By place: the same for all of them, whoever their organisations are.
    rubric = tree.spec(cycle.question_set, range(len(sides[0])))
    shape = scoring.shape_of(parameters_of(tree.version), rubric, len(sides[0]))
    items = {
        item.id: row
        for row, item in enumerate(i for dimension in rubric.dimensions for i in dimension.items)
    }
    earlier = [told.previous.get(assessment.pk) for assessment in assessments]
    before = [told.before_runs.get(one.pk) if one else None for one in earlier]
    measures = {m.id for d in rubric.dimensions if d.evidence for m in d.evidence.metrics}
    reader = _Reader(told, shape, tree, cycle.question_set, items, sides)
    size = len(assessments)
    segments = size * len(sides[0])
    now = _veiled(
        shape, reader.sheets(_Placed(np.arange(size), tuple(assessments)), is_strict=True), segments
    )
    exists = np.array([run is not None for run in before])
    compared = tuple(
        one for one, run in zip(earlier, before, strict=True) if one is not None and run is not None
    )
    caps, cap_reasons = _caps(told, tree, rubric, assessments)
    return Gathered(
        batch=scoring.Batch(
            shape=shape,
            size=size,
            sheets=now.sheets,
            evidence=_columns(measures, [told.evidence[one.pk] for one in assessments]),
            previous_bands=_band_steps(told, rubric, assessments),
            caps=caps,
            cap_reasons=cap_reasons,
            side_order=scoring.side_order([list(map(str, own)) for own in sides]),
            before=scoring.Quarters(
                exists=exists,
                sheets=_veiled(
                    shape,
                    reader.sheets(_Placed(np.flatnonzero(exists), compared), is_strict=False),
                    segments,
                ).sheets,
                evidence=_columns(measures, [run.evidence if run else {} for run in before]),
                is_rebased=np.array(list(map(is_rebased, assessments, before))),
                is_whole=_is_whole(told, shape, tree, assessments, before),
                told_returning=np.array(
                    [run is not None and run.pk in told.told_returning for run in before]
                ),
            )
            if compared
            else None,
        ),
        assessments=tuple(assessments),
        sides=tuple(sides),
        left_out=told.answers.left_out(assessments, sides),
        too_few=now.too_few.reshape(shape.dimensions, size, len(sides[0])),
        gates=tuple(told.gates[one.pk] for one in assessments),
        bands_from=tuple(told.bands_from.get(one.pk) for one in assessments),
        before=tuple(before),
        latest=tuple(told.latest.get(assessment.pk) for assessment in assessments),
    )


def is_rebased(assessment: Assessment, before: ScoreRun | None) -> bool:
    """Return whether the scoring compared with was made by another version of the rubric."""
    return before is not None and before.rubric_version_id != assessment.cycle.rubric_version_id


def _veiled(shape: scoring.Shape, sheets: scoring.Sheets, segments: int) -> scoring.Veiled:
    return scoring.veil(shape, sheets, Segments(sheets.segment, segments))


def _is_whole(
    told: _Told,
    shape: scoring.Shape,
    tree: VersionTree,
    assessments: Sequence[Assessment],
    before: Sequence[ScoreRun | None],
) -> Marks:
    """Return where everybody in confidence answered all or nothing of what he was asked then.

    Looked at only where it was another version that asked; by dimension of today's.
    """
    found = np.ones((shape.dimensions, len(assessments)), dtype=np.bool_)
    rebased = {
        place: told.previous[now.pk]
        for place, (now, run) in enumerate(zip(assessments, before, strict=True))
        if is_rebased(now, run)
    }
    parted = told.answers.parted(list(rebased.values()), told.trees, told.sides)
    asked_now = [set(tree.question_keys(dimension.id)) for dimension in shape.rubric.dimensions]
    for place, then in rebased.items():
        found[:, place] = [not (keys & parted[then.pk]) for keys in asked_now]
    return found


def _caps(
    told: _Told,
    tree: VersionTree,
    rubric: scoring.RubricSpec,
    assessments: Sequence[Assessment],
) -> "tuple[np.ndarray[tuple[int, ...], np.dtype[np.int8]], ...]":
    """Return the highest band that gates let each node show, and the place of that gate."""
    caps = np.full((len(rubric.nodes), len(assessments)), scoring.NO_CAP, dtype=np.int8)
    reasons = caps.copy()
    row_of = {node.key: row for row, node in enumerate(rubric.nodes)}
    for rule in tree.rules.gates:
        row = row_of.get(scoring.Node(scoring.NodeKind.PILLAR, rule.pillar).key)
        if row is None:
            continue  # the question set asks nothing of that pillar
        closed = np.array([rule.gate in told.gates[one.pk] for one in assessments])
        highest = scoring.BANDS.index(rule.highest)
        holds = closed & (highest < caps[row])
        caps[row, holds], reasons[row, holds] = highest, scoring.GATES.index(rule.gate)
    return caps, reasons


def _columns(
    measures: set[str], evidence: Sequence[Mapping[str, float | None]]
) -> dict[str, Floats]:
    """Return the values of each measure; not a number where it is missing."""
    return {
        measure: np.array([values.get(measure) for values in evidence], dtype=np.float64)
        for measure in sorted(measures)
    }


def _band_steps(
    told: _Told,
    rubric: scoring.RubricSpec,
    assessments: Sequence[Assessment],
) -> "np.ndarray[tuple[int, ...], np.dtype[np.int8]]":
    """Return the band that each node was shown with last: by its own run, or the quarter before."""
    steps = np.full((len(rubric.nodes), len(assessments)), scoring.NO_BAND, dtype=np.int8)
    row_of = {node.key: row for row, node in enumerate(rubric.nodes)}
    for place, assessment in enumerate(assessments):
        shown = told.bands_from.get(assessment.pk)
        for key, band in (told.bands[shown.pk] if shown else {}).items():
            if key in row_of:
                steps[row_of[key], place] = scoring.BANDS.index(scoring.Band(band))
    return steps


class _Answers:
    """Everybody's submitted answers, and who of them counts."""

    def __init__(self, assessments: Sequence[Assessment]) -> None:
        self.read = submitted([assessment.pk for assessment in assessments])
        step = self.read.organisation.max(initial=0) + 1
        pairs, side = np.unique(
            self.read.assessment * step + self.read.organisation, return_inverse=True
        )
        self._sides = np.stack([pairs // step, pairs % step])
        minimum = _Lookup({a.pk: a.cycle.protected_minimum for a in assessments})
        found = scoring.countable(side, self.read.protected, minimum.find(self._sides[0]))
        self.kept: Marks = found.kept
        self._left_out = found.left_out

    def parted(
        self,
        assessments: Sequence[Assessment],
        trees: Mapping[int, VersionTree],
        sides: Mapping[int, Sides],
    ) -> dict[int, set[str]]:
        """Return, by assessment, the questions of dimensions that somebody answered in part.

        Of those in confidence who count. A dimension is that of the version that asked.

        Args:
            assessments: whose sheets are looked at.
            trees: rubric versions by key.
            sides: of the assessments.
        """
        alike: dict[tuple[int, str, int], list[int]] = defaultdict(list)
        for one in assessments:
            cycle = one.cycle
            key = (cycle.rubric_version_id, cycle.question_set, len(sides[one.pk]))
            alike[key].append(one.pk)
        found: dict[int, set[str]] = {one.pk: set() for one in assessments}
        for (version, question_set, number), keys in alike.items():
            tree = trees[version]
            asked = tree.asked_counts(question_set, number)
            is_part = self._parts(tree, asked, keys)
            for place, dimension in np.argwhere(is_part).tolist():
                found[keys[place]].update(tree.question_keys(tree.dimensions[dimension].key))
        return found

    def _parts(
        self, tree: VersionTree, asked: Mapping[str, Sequence[int]], keys: Sequence[int]
    ) -> Marks:
        """Return by assessment and dimension whether somebody answered a part of what was asked."""
        read, dimensions = self.read, len(tree.dimensions)
        place = _Lookup({key: number for number, key in enumerate(keys)}).find(read.assessment)
        chosen = self.kept & read.protected & (place >= 0)
        dimension_of = _Lookup(
            {
                question.pk: number
                for number, dimension in enumerate(tree.dimensions)
                for question in tree.questions.get(dimension.pk, ())
            }
        )
        given = np.flatnonzero(chosen[read.sheet] & (read.level > 0))
        cell = read.sheet[given] * dimensions + dimension_of.find(read.question[given])
        answered = np.bincount(cell, minlength=chosen.size * dimensions)
        answered = answered.reshape(chosen.size, dimensions)
        roles, role = np.unique(read.role, return_inverse=True)
        nothing = [0] * dimensions
        table = np.array([asked.get(str(name), nothing) for name in roles], dtype=np.int64)
        is_part = (answered > 0) & (answered < table.reshape(-1, dimensions)[role])
        found = np.zeros((len(keys), dimensions), dtype=np.bool_)
        sheets = np.flatnonzero(chosen & is_part.any(axis=1))
        np.logical_or.at(found, place[sheets], is_part[sheets])
        return found

    def left_out(self, assessments: Sequence[Assessment], sides: Sequence[Sides]) -> Whole:
        """Return how many protected answers of each side do not count, by assessment and side."""
        found = np.zeros((len(assessments), len(sides[0])), dtype=np.int64)
        row_of = {assessment.pk: row for row, assessment in enumerate(assessments)}
        for side in np.flatnonzero(self._left_out).tolist():
            key, organisation = self._sides[:, side].tolist()
            if key in row_of and organisation in sides[row_of[key]]:
                row = row_of[key]
                found[row, sides[row].index(organisation)] = self._left_out[side]
        return found


class _Lookup:
    """Finds the numbers of keys, for a whole column of keys; -1 for one that is not there."""

    def __init__(self, numbers: Mapping[int, int]) -> None:
        keys = np.fromiter(numbers.keys(), dtype=np.int64, count=len(numbers))
        values = np.fromiter(numbers.values(), dtype=np.int64, count=len(numbers))
        order = np.argsort(keys)
        self._keys, self._values = keys[order], values[order]
        # Keys that lie close together are found by their distance from the first.
        self._first = int(keys.min(initial=0)) if not keys.size else int(keys.min())
        width = int(keys.max(initial=-1)) - self._first + 1
        self._table: Whole | None = None
        if 0 < width < MOST_TABLE_ROWS:
            self._table = np.full(width + 1, -1)
            self._table[keys - self._first] = values

    def find(self, keys: Whole) -> Whole:
        if self._table is not None:
            at = keys - self._first
            beyond = self._table.size - 1
            return self._table[np.where((at < 0) | (at > beyond), beyond, at)]
        if not self._keys.size:
            return np.full(keys.shape, -1)
        at = np.minimum(np.searchsorted(self._keys, keys), self._keys.size - 1)
        return np.where(self._keys[at] == keys, self._values[at], -1)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Assessments whose sheets are read, each with its place in the batch."""

    places: Whole
    assessments: tuple[Assessment, ...]

    def by_place(self, values: Sequence[int], size: int) -> Whole:
        """Return a number of each assessment by its place in the batch; -1 where there is none."""
        found = np.full(size, -1)
        found[self.places] = values
        return found


class _Reader:
    """Turns submitted answers into the sheets of a batch."""

    def __init__(
        self,
        told: _Told,
        shape: scoring.Shape,
        tree: VersionTree,
        question_set: str,
        items: Mapping[str, int],
        sides: Sequence[Sides],
    ) -> None:
        self._told = told
        self._shape = shape
        self._items = items
        self._sides = sides
        self._tree, self._question_set = tree, question_set
        self._names: dict[int, tuple[str, ...]] = {}

    def sheets(self, these: _Placed, *, is_strict: bool) -> scoring.Sheets:
        """Return the sheets that count in some assessments.

        Args:
            these: what is scored, or earlier assessments of the same alliances.
            is_strict: whether an answer that today's rubric or sides do not know is an error; else
                it is passed over.

        Raises:
            InputProblem: an answer does not fit.
        """
        read = self._told.answers.read
        numbers = dict(
            zip((one.pk for one in these.assessments), these.places.tolist(), strict=True)
        )
        place = _Lookup(numbers).find(read.assessment)
        side = self._side(read.organisation, place)
        counts = self._told.answers.kept & (place >= 0)
        if is_strict and (unknown := np.flatnonzero(counts & (side < 0))).size:
            raise scoring.InputProblem(
                f"Rater {read.key[unknown[0]].decode()} is on the side "
                f"{read.organisation[unknown[0]]}, which is unknown."
            )
        chosen = np.flatnonzero(counts & (side >= 0))
        asked, patterns = self._asked(these, chosen, place, side)
        found = scoring.Sheets(
            segment=place[chosen] * self._shape.sides + side[chosen],
            key=read.key[chosen],
            protected=read.protected[chosen],
            asked=asked,
            patterns=patterns,
            steps=self._steps(these, chosen, place, is_strict=is_strict),
        )
        answered = found.steps >= 0
        if (answered & ~found.patterns[found.asked].T).any():
            item, rater = np.argwhere(answered & ~found.patterns[found.asked].T)[0]
            raise scoring.InputProblem(
                f"Rater {found.key[rater].decode()} answered {list(self._items)[item]} "
                "without being asked."
            )
        return found.sorted()

    def _side(self, organisation: Whole, place: Whole) -> Whole:
        """Return the places of organisations among the sides that are scored; -1 for none."""
        found = np.full(organisation.shape, -1)
        own = np.array(self._sides, dtype=np.int64)
        for side in range(self._shape.sides):
            found[(place >= 0) & (own[place, side] == organisation)] = side
        return found

    def _steps(
        self, these: _Placed, chosen: Whole, place: Whole, *, is_strict: bool
    ) -> scoring.Levels:
        """Return the answers of the chosen sheets, by item and sheet."""
        read = self._told.answers.read
        number = np.full(read.assessment.size, -1)
        number[chosen] = np.arange(chosen.size)
        column = number[read.sheet]
        answers: Whole | slice = slice(None)
        if chosen.size < number.size:
            answers = np.flatnonzero(column >= 0)
        column, sheet = column[answers], read.sheet[answers]
        question, about, level = read.question[answers], read.about[answers], read.level[answers]
        if about.any():
            side = np.where(about > 0, self._side(about, place[sheet]), -1)
        else:
            side = np.full(1, -1)
        versions = [one.cycle.rubric_version_id for one in these.assessments]
        of_answer = these.by_place(versions, len(self._sides))[place[sheet]]
        row = np.full(question.size, -1)
        for version in sorted(set(versions)):
            questions, rows = self._rows(version)
            found = questions.find(question)
            own = np.where(found >= 0, rows[found, side + 1], -1)
            row = np.where(of_answer == version, own, row) if len(set(versions)) > 1 else own
        # About an organisation that is none of today's sides.
        row = np.where((about > 0) & (side < 0), -1, row)
        known = row >= 0
        if is_strict and not known.all():
            lost = np.flatnonzero(~known)[0]
            raise scoring.InputProblem(
                f"Rater {read.key[sheet[lost]].decode()} answered question {question[lost]} about "
                f"{about[lost] or 'the alliance'}, not in the rubric."
            )
        said = np.where(level > 0, level - self._shape.parameters.scale_min, scoring.CANNOT_TELL)
        steps = np.full((self._shape.items, chosen.size), scoring.BLANK, dtype=np.int16)
        if known.all():
            steps[row, column] = said
        else:
            steps[row[known], column[known]] = said[known]
        return steps

    def _rows(self, version: int) -> tuple[_Lookup, Whole]:
        """Return which item a question of a version is, by whom it is about; -1 for none."""
        tree = self._told.trees[version]
        questions = [question for asked in tree.questions.values() for question in asked]
        abouts = [None, *range(self._shape.sides)]
        rows = [
            [self._items.get(item_id(question.key, about), -1) for about in abouts]
            for question in questions
        ]
        numbers = _Lookup({question.pk: number for number, question in enumerate(questions)})
        return numbers, np.array(rows, dtype=np.int64).reshape(len(questions), len(abouts))

    def _asked(
        self, these: _Placed, chosen: Whole, place: Whole, side: Whole
    ) -> tuple[Whole, Marks]:
        """Return which pattern of items was put to each rater, and the patterns."""
        read, sides = self._told.answers.read, self._told.sides
        kinds: dict[object, int] = {}
        kind, is_big = [], []
        for number, one in zip(these.places.tolist(), these.assessments, strict=True):
            # The places of its sides among today's: in nearly every assessment the same.
            own, here = sides[one.pk], self._sides[number]
            moved = own != here and tuple(here.index(o) if o in here else -1 for o in own)
            like = (one.cycle_id, len(own), moved)
            kind.append(kinds.setdefault(like, len(kinds)))
            is_big.append(len(own) > MOST_OTHERS + 1)
        size = len(self._sides)
        roles, role = np.unique(read.role[chosen], return_inverse=True)
        alike = these.by_place(kind, size)[place[chosen]] * roles.size + role
        alike = alike * self._shape.sides + side[chosen]
        # With more sides than one is asked about, each rater is asked about others of them.
        by_rater = these.by_place(is_big, size)[place[chosen]] > 0
        alike[by_rater] = alike.max(initial=0) + 1 + np.arange(by_rater.sum())
        _same, first, pattern = np.unique(alike, return_index=True, return_inverse=True)
        at = dict(zip(these.places.tolist(), these.assessments, strict=True))
        patterns = [
            self._pattern(at[int(place[sheet])], int(place[sheet]), sheet)
            for sheet in chosen[first].tolist()
        ]
        return pattern, np.array(patterns, dtype=np.bool_).reshape(first.size, self._shape.items)

    def _pattern(self, assessment: Assessment, place: int, sheet: int) -> list[bool]:
        """Return for each of today's items whether it was put to a rater."""
        read, cycle = self._told.answers.read, assessment.cycle
        asked = self._told.trees[cycle.rubric_version_id].asked_of(
            str(read.role[sheet]),
            int(read.organisation[sheet]),
            read.key[sheet].decode(),
            cycle.question_set,
            self._told.sides[assessment.pk],
        )
        return [name in asked for name in self._named(place)]

    def _named(self, place: int) -> tuple[str, ...]:
        """Return the ids of the items with the organisations of one assessment in them."""
        if place not in self._names:
            rubric = self._tree.spec(self._question_set, self._sides[place])
            self._names[place] = tuple(item.id for d in rubric.dimensions for item in d.items)
        return self._names[place]


def _previous(assessments: Sequence[Assessment]) -> dict[int, Assessment]:
    """Return the assessment before each, by its key: the same alliance, closed, same rubric."""
    by_cycle: dict[int, dict[int, int]] = defaultdict(dict)
    for assessment in assessments:
        by_cycle[assessment.cycle_id][assessment.alliance_id] = assessment.pk
    own_cycles = {assessment.cycle_id: assessment.cycle for assessment in assessments}
    found = {}
    for key, own in by_cycle.items():
        cycle = own_cycles[key]
        earlier = (
            Assessment.objects.filter(
                alliance__among=own,
                cycle__state=CycleState.CLOSED,
                cycle__rubric_version__rubric=cycle.rubric_version.rubric_id,
                cycle__starts_on__lt=cycle.starts_on,
            )
            .order_by("alliance_id", "-cycle__starts_on", "-pk")
            .distinct("alliance_id")
        )
        found.update({own[one.alliance_id]: one for one in earlier})
    wanted = {one.cycle_id for one in found.values()}
    cycles = Cycle.objects.filter(pk__in=wanted).select_related("rubric_version__rubric").in_bulk()
    for one in found.values():
        one.cycle = cycles[one.cycle_id]
    return found


def _latest(assessments: Sequence[int], as_of: date, *, with_day: bool) -> dict[int, ScoreRun]:
    """Return the latest run of each assessment before a day, or up to it, by assessment."""
    until = {"as_of__lte" if with_day else "as_of__lt": as_of}
    rows = (
        ScoreRun.objects.filter(assessment__among=assessments, **until)
        .order_by("assessment_id", "-as_of", "-computed_at", "-pk")
        .distinct("assessment_id")
    )
    return {run.assessment_id: run for run in rows}


def _bands(runs: Sequence[ScoreRun]) -> dict[int, dict[str, str]]:
    """Return the bands that runs gave to numbers, whatever held them back, by run and node key."""
    found: dict[int, dict[str, str]] = {run.pk: {} for run in runs}
    shown = Score.objects.filter(run__among=found, band__isnull=False)
    for run, kind, key, band, by_number in shown.values_list(
        "run", "node_kind", "node_key", "band", "band_by_number"
    ):
        found[run][scoring.Node(scoring.NodeKind(kind), key).key] = by_number or band
    return found


def _told_returning(runs: Iterable[ScoreRun]) -> set[int]:
    """Return the runs that told how those moved who had come back then."""
    told = Score.objects.filter(run__among=[r.pk for r in runs], change_returning__isnull=False)
    return set(told.values_list("run", flat=True).distinct())


def _sides(assessments: Sequence[Assessment]) -> dict[int, Sides]:
    found: dict[int, list[int]] = {assessment.pk: [] for assessment in assessments}
    for key, organisation in (
        Side.objects.filter(assessment__among=found)
        .order_by("assessment", "position")
        .values_list("assessment", "organisation")
    ):
        found[key].append(organisation)
    return {key: tuple(own) for key, own in found.items()}
