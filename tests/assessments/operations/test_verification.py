"""Stored scores are what they come to, to the last bit; what was changed is found and named."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliance_health.alliances.models import Alliance, Role, Seat
from assessments.models import Reason, RubricVersion, Score, ScoreRun
from assessments.operations import scores, verification
from assessments.operations.verification import Difference
from tests.assessments.quarters import (
    CLOSED_ON,
    NOON,
    closed,
    days,
    on,
    promise,
    staffed,
    two_dimensions,
)
from tests.factories.alliances import CheckInFactory
from tests.factories.assessments import (
    CycleFactory,
    DimensionFactory,
    EvidenceMeasureFactory,
    PillarFactory,
    QuestionFactory,
    RubricVersionFactory,
    alliance_of,
    publish,
    scored,
)

pytestmark = pytest.mark.django_db

SPRING, SUMMER = date(2026, 3, 31), date(2026, 6, 30)
GATED = {
    "gates": [
        {
            "key": "sponsor_seat_vacant",
            "pillar": "alignment",
            "highest_band": "amber",
            "about": "A sponsor's seat is vacant.",
        }
    ]
}


def gated(earlier: RubricVersion) -> RubricVersion:
    """The second version: other weights, and a gate."""
    version = RubricVersionFactory(rubric=earlier.rubric, number=2, document=GATED)
    pillar = PillarFactory(version=version, key="alignment")
    for key, question, weight in (("objectives", "A-1", 1), ("delivery", "A-2", 2)):
        dimension = DimensionFactory(
            pillar=pillar, key=key, weight=weight, evidence_percent=20 if weight == 2 else 0
        )
        QuestionFactory(dimension=dimension, key=question)
        if weight == 2:
            EvidenceMeasureFactory(dimension=dimension, key="attainment")
    return publish(version)


def lived(name: str = "Cobalt", *, team: int = 5) -> Alliance:
    """An alliance with three quarters, the last by another version with a gate, and nights."""
    first, alliance = two_dimensions(), staffed(name, team=team)
    for day, level in ((SPRING, 3), (SUMMER, 4)):
        levels = {"Arno": (level, 5), "Brix": (2, level)}
        closed(first, alliance, day=day, levels=levels)
        scores.score_due(now=on(day))
    promise(alliance)
    closed(gated(first), alliance, levels={"Arno": (5, 5), "Brix": (5, 4)})
    scores.score_due(now=NOON)
    nights(alliance, 1, 2, 3)
    return alliance


def nights(alliance: Alliance, *numbers: int) -> None:
    for night in numbers:
        if night == 2:
            Seat.objects.filter(alliance=alliance, role=Role.SPONSOR).update(
                ends_on=CLOSED_ON + days(1)
            )
        scores.score_assessment(
            assessment=alliance.assessments.latest("cycle__starts_on"),
            as_of=CLOSED_ON + days(10 * night),
            reason=Reason.NIGHTLY,
            now=NOON,
        )


def found(since: date | None = None) -> tuple[int, list[Difference]]:
    """How many runs were checked, and what differs."""
    checked = list(verification.verify(since))
    differences = [one for part in checked for one in part.differences]
    assert sum(part.differing for part in checked) == len(
        {(one.alliance, one.as_of, one.reason) for one in differences}
    )
    return sum(part.runs for part in checked), differences


def tamper(table: str, change: str, *values: Any) -> None:
    """Change what the database protects, as somebody with all rights could."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"UPDATE {table} SET {change}", values)  # noqa: S608  the tests' own words
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_everything_stored_is_what_it_comes_to() -> None:
    lived()
    lived("Dune", team=0)

    runs, differences = found()

    assert differences == []
    assert runs == ScoreRun.objects.count() >= 10
    assert ScoreRun.objects.filter(is_rebased=True).exists()
    assert Score.objects.filter(gate__isnull=False).exists()
    assert Score.objects.filter(change_points__isnull=False).exists()


def test_records_of_later_do_not_matter() -> None:
    cobalt = lived()
    CheckInFactory(objective=cobalt.objectives.get(), on=date(2026, 9, 2), value=100)
    Seat.objects.filter(alliance=cobalt, role=Role.SPONSOR).update(ends_on=SPRING)

    assert found()[1] == []


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("value", "value = value + 1e-13"),
        ("high", "high = NULL"),
        ("raters", "raters = raters + 1"),
        ("band", "band = 0"),
        ("is_provisional", "is_provisional = NOT is_provisional"),
        ("sides", "sides[1][1] = 12.5"),
        ("change_verdict", "change_verdict = 2"),
        ("change_returning", "change_returning = 3.25"),
    ],
)
def test_a_changed_score_is_found_and_named(field: str, change: str) -> None:
    lived()
    run = ScoreRun.objects.latest("as_of", "pk")
    row = Score.objects.get(run=run, node_key="delivery")
    tamper("assessments_score", f"{change} WHERE id = %s", row.pk)
    kept = getattr(Score.objects.get(pk=row.pk), field)

    _runs, [one] = found()

    assert (one.alliance, one.as_of, one.reason) == ("Cobalt", run.as_of, run.reason)
    assert (one.node, one.field) == ("dimension delivery", field)
    assert (one.stored, one.recomputed) == (kept, getattr(row, field))


@pytest.mark.parametrize(
    ("fields", "change"),
    [
        (["inputs_digest"], "inputs_digest = repeat('0', 64)"),
        (["left_out"], """left_out = '{"1": 3}'"""),
        (["too_few"], """too_few = '{"delivery": [1]}'"""),
        (["straight_lining"], "straight_lining = straight_lining + 1"),
        (["is_rebased"], "is_rebased = NOT is_rebased"),
    ],
)
def test_a_changed_run_is_found_and_named(fields: list[str], change: str) -> None:
    lived()
    run = ScoreRun.objects.latest("as_of", "pk")
    tamper("assessments_scorerun", f"{change} WHERE id = %s", run.pk)

    assert [(one.node, one.field) for one in found()[1]] == [("", field) for field in fields]


def test_changed_evidence_is_found_by_the_digest_and_the_numbers() -> None:
    lived()
    run = ScoreRun.objects.latest("as_of", "pk")
    tamper("assessments_scorerun", """evidence = '{"attainment": 99}' WHERE id = %s""", run.pk)

    fields = {(one.node, one.field) for one in found()[1]}

    assert {("", "inputs_digest"), ("overall", "value"), ("dimension delivery", "value")} <= fields


def test_a_lost_row_and_one_too_many_are_found() -> None:
    lived()
    run = ScoreRun.objects.latest("as_of", "pk")
    tamper(
        "assessments_score",
        "node_key = 'other' WHERE run_id = %s AND node_key = 'delivery'",
        run.pk,
    )

    assert [(one.node, one.field, one.stored) for one in found()[1]] == [
        ("dimension delivery", "row", "not there"),
        ("dimension other", "row", "there"),
    ]


def test_a_changed_answer_is_found() -> None:
    lived()
    tamper("assessments_answer", "level = 1 WHERE level = 5")

    assert {one.field for one in found()[1]} >= {"inputs_digest", "value"}


def test_runs_of_another_code_are_counted_and_left_alone() -> None:
    lived()
    tamper("assessments_scorerun", "code_version = '1' WHERE as_of = %s", SPRING)

    runs, differences = found()

    assert (verification.not_comparable(), differences) == (1, [])
    assert runs == ScoreRun.objects.count() - 1


def test_since_leaves_out_earlier_days() -> None:
    lived()

    assert found(CLOSED_ON)[0] == ScoreRun.objects.filter(as_of__gte=CLOSED_ON).count()


def test_a_run_that_cannot_be_made_again_is_told_and_keeps_no_other() -> None:
    lived()
    broken = lived("Dune")
    tamper(
        "assessments_side",
        "organisation_id = %s WHERE assessment_id = %s AND position = 1",
        alliance_of("Else", "Cass", "Dorn").organisations.all()[0].pk,
        broken.assessments.earliest("cycle__starts_on").pk,
    )

    runs, differences = found()

    assert runs == ScoreRun.objects.count()
    assert {(one.alliance, one.as_of) for one in differences} >= {("Dune", SPRING)}
    assert "inputs" in {one.field for one in differences}
    assert {one.alliance for one in differences} == {"Dune"}


@pytest.mark.parametrize("chunk", [1, 500])
def test_chunks_hold_each_alliance_once(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "CHUNK", chunk)
    monkeypatch.setattr(verification, "BLOCK", 4)
    cycle = CycleFactory(closed=True)
    for number in range(3):
        alliance = alliance_of(f"Alliance {number}", "Arno", "Brix")
        run = scored(alliance, cycle, 50.0, {}, code_version="3")
        for night in range(2):
            ScoreRun.objects.create(
                assessment=run.assessment,
                rubric_version=run.rubric_version,
                as_of=run.as_of + days(night + 1),
                reason=Reason.NIGHTLY,
                computed_at=NOON,
                code_version=run.code_version,
                inputs_digest=run.inputs_digest,
                evidence={},
                left_out={},
            )

    chunks = list(verification._chunks(None))

    assert sorted(key for keys in chunks for key in keys) == sorted(
        ScoreRun.objects.values_list("pk", flat=True)
    )
    for keys in chunks:
        assert len(keys) <= chunk
        alliances = ScoreRun.objects.filter(pk__in=keys).values_list("assessment__alliance")
        assert len(set(alliances)) == len(keys)


def test_verify_takes_the_same_queries_for_1_and_3_alliances() -> None:
    version, taken = two_dimensions(), []
    for names in (["Cobalt"], ["Dune", "Ember", "Fjord"]):
        alliances = [staffed(name) for name in names]
        day = CLOSED_ON + days(len(names))
        closed(version, *alliances, day=day)
        scores.score_due(now=on(day))
        with CaptureQueriesContext(connection) as queries:
            assert found(day) == (len(names), [])
        taken.append(len(queries))

    assert taken[0] == taken[1]
