"""Receipts: by hand, with parts that are missing or hidden, and for any assessment."""

import math
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings

from alliance_health.alliances.models import Alliance
from assessments import scoring
from assessments.models import (
    Assessment,
    Cycle,
    Dimension,
    EvidenceMeasure,
    NodeKind,
    Pillar,
    Reason,
    RubricVersion,
    Score,
    ScoreRun,
)
from assessments.operations import scores
from assessments.queries import figures, movements, receipts, trees, why
from assessments.queries.figures import OVERALL, Node
from assessments.queries.movements import Movement, Unmoved
from assessments.queries.receipts import Term
from assessments.queries.rules import rules_of
from assessments.queries.stored_runs import StoredRun
from tests.assessments.quarters import (
    CLOSED_ON,
    NOON,
    closed,
    on,
    promise,
    staffed,
    two_dimensions,
)
from tests.assessments.scoring.examples import PARAMETERS, near
from tests.assessments.scoring.test_properties import SIDES, TREE, evidence, people
from tests.factories.alliances import CheckInFactory, ObjectiveFactory, PlanFactory
from tests.factories.assessments import (
    CycleFactory,
    DimensionFactory,
    EvidenceMeasureFactory,
    PillarFactory,
    QuestionFactory,
    RubricVersionFactory,
    ScoreFactory,
    alliance_of,
    publish,
    scored,
    side_of,
)


def assert_adds_up(line: Term) -> None:
    """Assert that a line is exactly what its terms add, as numbers and as they are shown."""
    if line.terms:
        assert math.fsum(term.contribution for term in line.terms) == line.points
        assert math.fsum(term.share for term in line.terms) == pytest.approx(1, abs=1e-12)
        assert sum(term.adds for term in line.terms) == figures.whole_points(line.points)
        assert sum(term.percent for term in line.terms) == 100
        assert {term.of for term in line.terms} == {figures.whole_points(line.points)}
    for term in line.terms:
        assert term.contribution == pytest.approx(term.share * term.points, abs=1e-9)
        assert_adds_up(term)


def page_of(alliance: Alliance, *node: str, run: int | None = None) -> why.WhyPage:
    kind, key = node or OVERALL
    found = why.why_page(alliance, (kind, key), run)
    assert found is not None
    return found


def term_of(alliance: Alliance, *node: str) -> Term:
    term = page_of(alliance, *node).receipt.term
    assert term is not None
    assert_adds_up(term)
    return term


def told(line: Term) -> dict[str, tuple[float, float, int, int]]:
    """A line's terms by name: points, share, what they add in whole points, and whole per cent."""
    return {
        term.label: (near(term.points), near(term.share), term.adds, term.percent)
        for term in line.terms
    }


# --- by hand ----------------------------------------------------------------------------------


@pytest.fixture
def cobalt(db: None) -> Alliance:  # noqa: ARG001  the tables
    """Arno says 5 and 4: 100 and 75; Brix 3 and 2: 50 and 25; of one objective nothing is done."""
    made = staffed("Cobalt")
    promise(made)
    closed(two_dimensions(), made)
    scores.score_due(now=NOON)
    return made


def test_receipt_by_hand(cobalt: Alliance) -> None:
    """Objectives 75, counting 3 of 4; delivery .75 x 50 + .25 x 0 = 37.5: in all 65.625."""
    whole = term_of(cobalt)

    assert (whole.label, whole.points) == ("Overall score", 65.625)
    [pillar] = whole.terms
    objectives, delivery = pillar.terms
    assert [(t.points, t.share, t.contribution) for t in pillar.terms] == [
        (75.0, 0.75, 56.25),
        (37.5, 0.25, 9.375),
    ]
    assert [(t.adds, t.of, t.percent) for t in pillar.terms] == [(56, 66, 75), (10, 66, 25)]
    assert told(objectives) == {"What people say": (75, 1, 75, 100)}
    assert told(delivery) == {
        "What people say": (50, 0.75, 38, 75),
        "What the records say": (0, 0.25, 0, 25),
    }
    assert told(delivery.terms[0]) == {"Arno": (75, 0.5, 38, 50), "Brix": (25, 0.5, 12, 50)}
    [measure] = delivery.terms[1].terms
    assert (measure.points, measure.share) == (0.0, 1.0)
    [record] = measure.records
    assert (record.says, record.points) == ("0 % of the way, 32 % expected by then", 0.0)
    assert record.objective == cobalt.objectives.get().pk


def test_receipt_of_a_part_is_that_part_of_the_whole(cobalt: Alliance) -> None:
    [pillar] = term_of(cobalt).terms

    assert term_of(cobalt, "pillar", "alignment").terms == pillar.terms
    assert term_of(cobalt, "dimension", "delivery").terms == pillar.terms[1].terms


def test_receipt_tells_how_sure_it_is(cobalt: Alliance) -> None:
    found = page_of(cobalt, "dimension", "objectives").certainty

    assert found is not None
    assert found.workings is not None
    row = Score.objects.get(node_key="objectives")
    assert (found.workings.se, found.workings.df) == (row.standard_error, row.degrees_of_freedom)
    # Two raters a side who say the same: V is the prior alone, 4 (.5 x 20)^2 / 5 = 80.
    assert [
        (one.name, one.found.coefficient, one.found.raters, one.found.variance, one.found.df)
        for one in found.sides
    ] == [("Arno", 0.5, 2, near(80), 5), ("Brix", 0.5, 2, near(80), 5)]
    assert [one.found.se2 for one in found.sides] == [near(40), near(40)]
    assert found.workings.se == near(math.sqrt(80))
    assert found.workings.t * found.workings.se == near((row.high or 0) - 75)


def test_receipt_says_where_it_comes_from(cobalt: Alliance) -> None:
    run = ScoreRun.objects.get()

    found = page_of(cobalt).provenance

    assert (found.as_of, found.computed_at, found.reason) == (CLOSED_ON, NOON, "the cycle closed")
    assert (found.code_version, found.digest) == (scoring.CODE_VERSION, run.inputs_digest[:12])
    assert (found.again, found.is_same) == (
        "Scored again just now, it gives the same digits.",
        True,
    )


@pytest.mark.django_db
def test_receipt_of_another_code_is_told_without_workings() -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    scored(cobalt, CycleFactory(closed=True), 61.0, {}, code_version="1")

    page = page_of(cobalt)

    assert page.certainty is not None
    assert page.certainty.workings is None
    assert "it was version 1" in page.certainty.why_none
    assert not page.provenance.is_same


def test_receipt_says_when_records_were_mended_later(cobalt: Alliance) -> None:
    CheckInFactory(objective=cobalt.objectives.get(), on=date(2026, 9, 20), value=100)

    [_people, records] = term_of(cobalt, "dimension", "delivery").terms

    [measure] = records.terms
    assert measure.points == 0.0
    assert measure.records[0].points == 100
    assert "give 100 now, and gave 0 when this was scored" in measure.notes[-1]
    assert page_of(cobalt).provenance.is_same  # the run keeps its evidence


def test_receipt_tells_the_band_and_the_one_before(cobalt: Alliance) -> None:
    first = page_of(cobalt).band
    scores.score_assessment(
        assessment=ScoreRun.objects.get().assessment,
        as_of=CLOSED_ON + timedelta(days=40),
        reason=Reason.NIGHTLY,
        now=NOON,
    )

    second = page_of(cobalt).band

    assert first is not None
    assert second is not None
    assert first.rule == "Watch from 50, Healthy from 70. There was no band before."
    assert "The band before was Watch" in second.rule


# --- what is missing, and what is hidden --------------------------------------------------------


def part(run: ScoreRun, kind: NodeKind, key: str, value: float | None, **row: Any) -> Score:
    if value is None:
        row = {"status": "insufficient", "low": None, "high": None, "band": "", **row}
    made: Score = ScoreFactory(run=run, node_kind=kind, node_key=key, value=value, **row)
    return made


def three_dimensions() -> RubricVersion:
    version = RubricVersionFactory()
    pillar = PillarFactory(version=version, key="alignment", name="Alignment")
    for key, weight in (("a", 1), ("b", 2), ("c", 5)):
        dimension = DimensionFactory(
            pillar=pillar, key=key, name=key.upper(), weight=weight, evidence_percent=20
        )
        QuestionFactory(dimension=dimension)
        EvidenceMeasureFactory(dimension=dimension, key="attainment", name="Attainment")
    return publish(version)


@pytest.mark.django_db
def test_receipt_of_an_incomplete_tree_gives_the_share_to_the_others() -> None:
    """A 60 counts 1 of 3, B 30 counts 2 of 3; C has no number: 40."""
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    cycle = CycleFactory(closed=True, rubric_version=three_dimensions())
    run = scored(cobalt, cycle, 40.0, {}, whole={"status": "incomplete"})
    part(run, NodeKind.PILLAR, "alignment", 40.0, status="incomplete")
    part(run, NodeKind.DIMENSION, "a", 60.0, survey_value=60.0, side_values=[70.0, 50.0])
    part(run, NodeKind.DIMENSION, "b", 30.0, survey_value=30.0, side_values=[20.0, 40.0])
    part(run, NodeKind.DIMENSION, "c", None)

    [pillar] = term_of(cobalt).terms

    assert told(pillar) == {"A": (60, 1 / 3, 20, 33), "B": (30, 2 / 3, 20, 67)}
    assert pillar.notes == ("C has no number and counts nothing; the others count for it.",)
    assert pillar.terms[0].notes == (
        "Nothing is recorded for its evidence, so the answers count alone.",
    )
    none = page_of(cobalt, "dimension", "c").receipt
    assert none.term is None
    [said] = none.why_none
    assert said.startswith("There is no number: too few people answered, or showing one could")


@pytest.mark.django_db
def test_receipt_of_a_pillar_without_a_number_names_what_lacks_one() -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    cycle = CycleFactory(closed=True, rubric_version=three_dimensions())
    run = scored(cobalt, cycle, 40.0, {})
    part(run, NodeKind.PILLAR, "alignment", None)
    part(run, NodeKind.DIMENSION, "a", 60.0, survey_value=60.0)
    part(run, NodeKind.DIMENSION, "b", None)
    part(run, NodeKind.DIMENSION, "c", None)

    found = page_of(cobalt, "pillar", "alignment")

    assert found.receipt.why_none[1] == "Without a number: B, C."
    assert (found.band, found.certainty, found.movement) == (None, None, None)


@pytest.mark.django_db
def test_receipt_shows_no_side_where_one_is_hidden() -> None:
    """Of three sides two are hidden; the one that is shown would tell how high the others are."""
    cobalt = alliance_of("Cobalt", "Arno", "Brix", "Cass")
    cycle = CycleFactory(closed=True, rubric_version=three_dimensions())
    run = scored(cobalt, cycle, 50.0, {})
    part(run, NodeKind.PILLAR, "alignment", 50.0)
    for key in "abc":
        part(
            run,
            NodeKind.DIMENSION,
            key,
            50.0,
            survey_value=50.0,
            raters=9,
            sides=[side_of(80.0), side_of(None), side_of(None)],
        )

    whole = term_of(cobalt)

    labels = {term.label for _depth, term in whole.rows}
    assert labels & {"Arno", "Brix", "Cass"} == set()
    people = term_of(cobalt, "dimension", "a").terms
    assert [(term.label, term.points) for term in people] == [
        ("What people of all sides say together", 50.0)
    ]
    assert people[0].notes == ("Too few answers to show the sides apart.",)


@pytest.mark.django_db
def test_receipt_of_three_sides_of_which_one_is_silent() -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix", "Cass")
    cycle = CycleFactory(closed=True, rubric_version=three_dimensions())
    run = scored(cobalt, cycle, 50.0, {})
    part(
        run,
        NodeKind.DIMENSION,
        "a",
        60.0,
        status="incomplete",
        survey_value=60.0,
        raters=6,
        sides=[side_of(80.0), side_of(None), side_of(40.0)],
    )

    line = term_of(cobalt, "dimension", "a")

    assert told(line.terms[0]) == {"Arno": (80, 0.5, 40, 50), "Cass": (40, 0.5, 20, 50)}
    assert line.notes[-1] == ("Nobody of Brix counts in it; the other sides count for them.")


@pytest.mark.django_db
def test_receipt_of_what_is_stored_wrongly_fails_loudly() -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    cycle = CycleFactory(closed=True, rubric_version=three_dimensions())
    run = scored(cobalt, cycle, 50.0, {})
    part(run, NodeKind.DIMENSION, "a", 61.0, survey_value=60.0)

    with pytest.raises(ValueError, match="and not 61"):
        why.why_page(cobalt, ("dimension", "a"))


@pytest.mark.django_db
def test_measures_become_points_by_their_floor_and_target() -> None:
    """A measure of 40 on a scale from 20 to 60 is worth 50 points; the one without a value none."""
    version = RubricVersionFactory()
    pillar = PillarFactory(version=version, key="p")
    dimension = DimensionFactory(pillar=pillar, key="a", evidence_percent=25)
    QuestionFactory(dimension=dimension)
    EvidenceMeasureFactory(dimension=dimension, key="advocacy", name="Advocacy", weight=3)
    EvidenceMeasureFactory(
        dimension=dimension, key="attainment", name="Attainment", floor=20, target=60
    )
    EvidenceMeasureFactory(dimension=dimension, key="sponsor_match", name="Match")
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    told_ = {"advocacy": 10.0, "attainment": 40.0, "sponsor_match": None}
    run = scored(
        cobalt,
        CycleFactory(closed=True, rubric_version=publish(version)),
        50.0,
        {},
        evidence=told_,
    )
    part(run, NodeKind.DIMENSION, "a", 50.0, survey_value=60.0, evidence_value=20.0)

    [_people, records] = term_of(cobalt, "dimension", "a").terms

    assert told(records) == {"Advocacy": (10, 0.75, 8, 75), "Attainment": (50, 0.25, 12, 25)}
    assert records.terms[1].notes[0] == (
        "It stands at 40; 20 is worth 0 points and 60 is worth 100."
    )


# --- why it changed -----------------------------------------------------------------------------


def two_quarters(*, is_rebased: bool = False) -> Alliance:
    """All say 3 in spring; then Arno 5 and 4, Brix 3 and 2, with an objective nobody moved."""
    first, cobalt = two_dimensions(), staffed("Cobalt")
    closed(first, cobalt, day=date(2026, 6, 30), levels={"Arno": (3, 3), "Brix": (3, 3)})
    scores.score_due(now=on(date(2026, 6, 30)))
    promise(cobalt)
    closed(two_dimensions(number=2, earlier=first) if is_rebased else first, cobalt)
    scores.score_due(now=NOON)
    return cobalt


def moved(alliance: Alliance, *node: str) -> Movement:
    found = page_of(alliance, *node).movement
    assert found is not None
    assert math.fsum(found.parts) == found.total.points
    assert sum(row.together for row in found.rows) + (
        found.rubric.shown if found.rubric else 0
    ) == pytest.approx(found.total.shown)
    return found


@pytest.mark.django_db
def test_movement_by_hand() -> None:
    """Delivery 50 to .75 x 50 + .25 x 0 = 37.5: 12.5 down; m = 43.75.

    Arno 50 to 75 at (.5 + .375) / 2: 10.9375 up. Brix 50 to 25: as much down. The records count a
    quarter more and lie 43.75 below: -10.9375. People count a quarter less: each side's -.125 x
    (its mean of both quarters - 43.75): 62.5 gives -2.34375, 37.5 gives .78125.
    """
    cobalt = two_quarters()

    found = moved(cobalt, "dimension", "delivery")

    assert (found.then, found.now, found.total.points) == (50, 37.5, -12.5)
    [row] = found.rows
    assert dict(zip(found.columns, [cell and cell.points for cell in row.cells], strict=True)) == {
        "Arno says": near(10.9375),
        "Brix says": near(-10.9375),
        "What counts": near(-10.9375 - 2.34375 + 0.78125),
    }
    assert row.note == "its records are new"
    assert found.rubric is None
    [said] = found.sentences
    assert said.startswith(
        "The change that is tested against chance is 0.0: it compares only what both quarters have."
    )


@pytest.mark.django_db
def test_movement_of_the_whole_has_a_row_for_each_dimension() -> None:
    cobalt = two_quarters()

    found = moved(cobalt)

    assert found.since.startswith("Cycle")
    assert found.total.points == 65.625 - 50
    assert {row.label for row in found.rows} == {
        dimension.name for dimension in Dimension.objects.all()
    }
    assert sum(found.totals) == pytest.approx(found.total.shown)


@pytest.mark.django_db
def test_movement_tells_who_stayed_where_that_is_stored() -> None:
    cobalt = two_quarters()
    row = Score.objects.get(run=ScoreRun.objects.latest("as_of"), node_key="objectives")

    found = moved(cobalt, "dimension", "objectives")

    assert row.change_returning == row.change_points == 25
    assert found.both is not None
    assert (found.both.stayed.points, found.both.came_and_went.points) == (25, 0)


@pytest.mark.django_db
def test_movement_under_a_new_version_of_the_rubric_names_it() -> None:
    """The new version weighs alike, so it makes nothing; its sides are told together."""
    cobalt = two_quarters(is_rebased=True)

    found = moved(cobalt)

    assert found.rubric is not None
    assert found.rubric.points == pytest.approx(0)
    assert found.columns[0] == "People say"


@pytest.mark.django_db
def test_movement_says_what_a_rubric_made_of_the_earlier_answers() -> None:
    """Objectives 100, delivery 50 in both; weights 3 : 1 give 87.5, weights 1 : 1 give 75."""
    levels = {"Arno": (5, 3), "Brix": (5, 3)}
    first, cobalt = two_dimensions(), staffed("Cobalt")
    closed(first, cobalt, day=date(2026, 6, 30), levels=levels)
    scores.score_due(now=on(date(2026, 6, 30)))
    second = RubricVersionFactory(rubric=first.rubric, number=2)
    pillar = PillarFactory(version=second, key="alignment")
    for key, question in (("objectives", "A-1"), ("delivery", "A-2")):
        QuestionFactory(dimension=DimensionFactory(pillar=pillar, key=key), key=question)
    closed(publish(second), cobalt, levels=levels)
    scores.score_due(now=NOON)

    found = moved(cobalt)

    assert found.total.points == -12.5
    assert found.rubric is not None
    assert found.rubric.points == near(-12.5)
    assert found.totals == (0.0,)
    assert "scores the earlier answers by today's rubric" in found.sentences[-1]


@pytest.mark.django_db
def test_movement_of_a_dimension_that_the_rubric_of_then_did_not_have() -> None:
    first, cobalt = two_dimensions(), staffed("Cobalt")
    levels = {"Arno": (4, 4), "Brix": (2, 4)}
    closed(first, cobalt, day=date(2026, 6, 30), levels=levels)
    scores.score_due(now=on(date(2026, 6, 30)))
    second = RubricVersionFactory(rubric=first.rubric, number=2)
    pillar = PillarFactory(version=second, key="alignment")
    for key, question in (("objectives", "A-1"), ("trust", "A-9")):
        QuestionFactory(dimension=DimensionFactory(pillar=pillar, key=key), key=question)
    closed(publish(second), cobalt, levels=levels)
    scores.score_due(now=NOON)

    page = page_of(cobalt, "dimension", "trust")

    assert page.receipt.term is not None
    assert page.movement is None
    assert page.why_unmoved.endswith("has no number for it to compare with.")


@pytest.mark.django_db
def test_first_quarter_has_nothing_to_compare_with(cobalt: Alliance) -> None:
    assert page_of(cobalt).why_unmoved == (
        "There is no earlier quarter by this rubric to compare with."
    )


# --- which numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "node",
    [
        ("dimension", "nothing"),
        ("pillar", "delivery"),
        ("overall", "x"),
        ("item", "A-1"),
        ("x", ""),
    ],
)
def test_what_the_rubric_does_not_have_has_no_page(cobalt: Alliance, node: Node) -> None:
    assert why.why_page(cobalt, node) is None


def test_a_run_of_another_alliance_has_no_page(cobalt: Alliance) -> None:
    other = scored(alliance_of("Other", "Arno", "Brix"), CycleFactory(closed=True), 61.0, {})

    assert why.why_page(cobalt, OVERALL, other.pk) is None
    assert why.why_page(cobalt, OVERALL, 10**30) is None


def test_an_earlier_run_has_its_own_page(cobalt: Alliance) -> None:
    first = ScoreRun.objects.get()
    scores.score_assessment(
        assessment=first.assessment,
        as_of=CLOSED_ON + timedelta(days=40),
        reason=Reason.NIGHTLY,
        now=NOON,
    )

    assert page_of(cobalt, run=first.pk).provenance.as_of == CLOSED_ON
    assert page_of(cobalt).provenance.as_of == CLOSED_ON + timedelta(days=40)


@pytest.mark.django_db
def test_page_takes_the_same_queries_for_1_and_3_of_everything() -> None:
    found = []
    for many in (1, 3):
        members = ("Arno", "Brix", "Cass")[: 2 if many == 1 else 3]
        alliance = alliance_of(f"Alliance {many}", *members)
        version = RubricVersionFactory()
        for number in range(many):
            pillar = PillarFactory(version=version, key=f"p{number}")
            for each in range(many):
                dimension = DimensionFactory(
                    pillar=pillar, key=f"d{number}{each}", evidence_percent=20
                )
                QuestionFactory(dimension=dimension)
                for key in ("attainment", "obstacles_in_time"):
                    EvidenceMeasureFactory(dimension=dimension, key=key)
        publish(version)
        values = {"attainment": 50.0, "obstacles_in_time": 50.0}
        before = None
        for day in (date(2026, 3, 31), date(2026, 6, 30)):
            cycle = CycleFactory(
                closed=True, rubric_version=version, starts_on=day, ends_on=day + timedelta(days=89)
            )
            before = scored(
                alliance,
                cycle,
                50.0,
                {},
                whole={"change_points": 0.0},
                before=before,
                evidence=values,
                code_version=scoring.CODE_VERSION,
            )
            for key in Pillar.objects.filter(version=version).values_list("key", flat=True):
                part(before, NodeKind.PILLAR, key, 50.0)
            for key in Dimension.objects.filter(version=version).values_list("key", flat=True):
                part(
                    before,
                    NodeKind.DIMENSION,
                    key,
                    50.0,
                    survey_value=50.0,
                    evidence_value=50.0,
                    raters=3 * len(members),
                    side_values=[50.0] * len(members),
                )
        for _number in range(many):
            objective = ObjectiveFactory(alliance=alliance, plan=None)
            PlanFactory(objective=objective, agreed_on=date(2026, 1, 1))
        with CaptureQueriesContext(connection) as queries:
            page = page_of(alliance)
        assert page.movement is not None
        assert page.receipt.term is not None
        assert_adds_up(page.receipt.term)
        found.append(len(queries))

    assert found[0] == found[1] <= 26


# --- any assessment -----------------------------------------------------------------------------


def stored(result: scoring.Result, changed: bool) -> StoredRun:
    """What a scoring would be kept as."""
    version = RubricVersion(pk=1, document={})
    pillars = {p.id: Pillar(pk=n, key=p.id, name=p.id) for n, p in enumerate(TREE.pillars, 1)}
    dimensions = [
        Dimension(pk=10 * n + m, key=d.id, name=d.id, pillar=pillars[p.id])
        for n, p in enumerate(TREE.pillars)
        for m, d in enumerate(p.dimensions)
    ]
    measures = {
        dimension.pk: tuple(
            EvidenceMeasure(key=metric.id, name=metric.id)
            for metric in (spec.evidence.metrics if spec.evidence else ())
        )
        for dimension, spec in zip(dimensions, TREE.dimensions, strict=True)
    }
    sides = list(range(len(SIDES)))
    rows = {}
    for node in result.nodes.values():
        shown = node.score if node.publication.is_shown else None
        apart = result.evidence.get(node.node.id) if node.node.kind == "dimension" else None
        rows[str(node.node.kind), node.node.id] = Score(
            node_kind=node.node.kind.value,
            node_key=node.node.id,
            status=node.status,
            value=shown.value if shown else None,
            raters=node.n if shown else 0,
            survey_value=(apart.people_say if apart else shown.value) if shown else None,
            evidence_value=apart.evidence_says if apart and shown else None,
            sides=[
                [view.value, view.shown.low, view.shown.high, view.n, 0]
                if (view := node.sides.get(side)) and not view.is_hidden
                else [None] * 5
                for side in SIDES
            ],
            change_points=0.0 if changed else None,
        )
    run = ScoreRun(
        pk=1,
        sides=sides,
        as_of=CLOSED_ON,
        evidence={
            metric: value
            for own in result.evidence.values()
            for metric, value in own.metrics.items()
        },
        assessment=Assessment(cycle=Cycle(name="2026 Q2", question_set="core")),
    )
    tree = trees.VersionTree(version, tuple(dimensions), {}, measures, rules_of(version))
    return StoredRun(run, tree, TREE, rows)


NAMES = dict(enumerate(SIDES))


@given(people(), evidence)
@settings(max_examples=150, deadline=None)
def test_receipts_of_any_assessment_add_up(
    raters: list[scoring.Rater], found: dict[str, float | None]
) -> None:
    # The points of a measure, 0 to 100, are its value where its scale is 0 to 100.
    kept = stored(scoring.score(PARAMETERS, TREE, SIDES, raters, evidence=found), changed=False)

    for node, row in kept.scores.items():
        receipt = receipts.receipt(kept, node, NAMES, Alliance())
        if row.value is None:
            assert receipt.term is None
            assert receipt.why_none
            continue
        assert receipt.term is not None
        assert receipt.term.points == row.value
        assert_adds_up(receipt.term)
        hidden = [name for name, own in zip(SIDES, row.sides or (), strict=True) if own[0] is None]
        if row.node_kind == "dimension":
            assert not {term.label for _depth, term in receipt.term.rows} & set(hidden)


@given(people(), people(), evidence, evidence)
@settings(max_examples=150, deadline=None)
def test_movements_of_any_two_quarters_add_up(
    raters: list[scoring.Rater],
    before: list[scoring.Rater],
    found: dict[str, float | None],
    found_before: dict[str, float | None],
) -> None:
    now = stored(scoring.score(PARAMETERS, TREE, SIDES, raters, evidence=found), changed=True)
    then = stored(
        scoring.score(PARAMETERS, TREE, SIDES, before, evidence=found_before), changed=True
    )

    for node, row in now.scores.items():
        movement = movements.movement(now, then, node, NAMES, None)
        earlier = then.scores[node]
        if row.value is None or earlier.value is None:
            assert isinstance(movement, Unmoved)
            continue
        assert isinstance(movement, Movement)
        assert movement.total.points == row.value - earlier.value
        assert abs(math.fsum(movement.parts) - movement.total.points) < 1e-13
        assert round(10 * sum(r.together for r in movement.rows)) == movement.total.tenths


def test_hidden_change_is_not_split() -> None:
    raters = [
        scoring.Rater(f"{side}{n}", side, dict.fromkeys(TREE.item_ids, 3), protected=False)
        for side in SIDES[:2]
        for n in range(3)
    ]
    result = scoring.score(PARAMETERS, TREE, SIDES, raters)

    found = movements.movement(
        stored(result, changed=False), stored(result, changed=False), OVERALL, NAMES, None
    )

    assert isinstance(found, Unmoved)
    assert "gives nobody away" in found.sentence
