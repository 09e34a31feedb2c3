"""Bringing in a survey made elsewhere: all of it or nothing; then it is scored like any other."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Membership, Organisation, Role
from assessments.models import (
    Answer,
    AnswerSheet,
    Assessment,
    Cycle,
    Response,
    RubricVersion,
    Score,
    ScoreRun,
    ScoringJob,
    Side,
    rater_key,
)
from assessments.operations import answer_files, imports, scores
from assessments.operations.answer_files import Alliances, FileRater
from assessments.operations.cycles import CycleRefused
from assessments.operations.imports import ImportRefused
from tests import survey
from tests.factories.assessments import RubricVersionFactory, alliance_of, small_rubric
from tests.factories.rubrics import varied_rubric
from tests.factories.scenes import shipped_rubric

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 5, 10, tzinfo=UTC)
FIRST, LAST = date(2026, 7, 1), date(2026, 9, 30)
COBALT: Alliances = {
    "Cobalt": {
        "R1": FileRater("Arno Group", Role.MANAGER, {"A-1": 4, "A-2": None}),
        "R2": FileRater("Brix Group", Role.TEAM, {"A-1": 2, "A-2": 5}),
    }
}


def bring_in(
    answers: Alliances,
    version: RubricVersion | None = None,
    by: User | None = None,
    starts_on: date = FIRST,
) -> Cycle:
    return imports.import_answers(
        answers=answers,
        rubric_version=version or small_rubric(),
        name="Survey",
        starts_on=starts_on,
        ends_on=LAST,
        by=by,
        now=NOW,
    )


def counts() -> tuple[int, ...]:
    models = (Organisation, Alliance, Cycle, Assessment, Side, AnswerSheet, Answer, ScoringJob)
    return tuple(model.objects.count() for model in models)


def test_import_answers_makes_a_closed_cycle_whose_scoring_is_due() -> None:
    version = small_rubric()

    bring_in(COBALT, version)

    cycle = Cycle.objects.get()
    assert (cycle.name, cycle.rubric_version, cycle.question_set) == ("Survey", version, "full")
    assert (cycle.starts_on, cycle.ends_on, cycle.opens_on, cycle.closes_on) == (
        FIRST,
        LAST,
        FIRST,
        LAST,
    )
    assert (cycle.state, cycle.opened_at, cycle.closed_at) == ("closed", NOW, NOW)
    assert cycle.is_imported
    assert [(job.assessment.cycle, job.reason, job.due_at) for job in ScoringJob.objects.all()] == [
        (cycle, "close", NOW)
    ]
    assert counts() == (2, 1, 1, 1, 2, 2, 4, 1)


def test_import_answers_adds_to_the_register_what_it_does_not_have() -> None:
    bring_in(COBALT)

    cobalt = Alliance.objects.get()
    assert (cobalt.name, cobalt.starts_on) == ("Cobalt", FIRST)
    members = Membership.objects.order_by("organisation__name")
    assert [(m.organisation.name, m.organisation.short_name, m.starts_on) for m in members] == [
        ("Arno Group", "Arno Group", FIRST),
        ("Brix Group", "Brix Group", FIRST),
    ]
    assert [side.organisation.name for side in Side.objects.all()] == ["Arno Group", "Brix Group"]


def test_import_answers_takes_what_the_register_has_whatever_its_case() -> None:
    cobalt = alliance_of("COBALT", "Arno", "Brix", "Cass")

    bring_in(COBALT)

    assert (Alliance.objects.get(), Organisation.objects.count()) == (cobalt, 3)
    assert Assessment.objects.get().alliance == cobalt
    assert [side.organisation.short_name for side in Side.objects.all()] == ["Arno", "Brix"]


def test_import_answers_keeps_them_under_pseudonyms_and_makes_no_person() -> None:
    bring_in(COBALT)

    cobalt = Alliance.objects.get()
    sheets = AnswerSheet.objects.order_by("role")
    assert [
        (sheet.rater_key, sheet.organisation.name, sheet.role, sheet.is_protected)
        for sheet in sheets
    ] == [
        (rater_key(cobalt.pk, "file:R1"), "Arno Group", "manager", False),
        (rater_key(cobalt.pk, "file:R2"), "Brix Group", "team", True),
    ]
    assert all(sheet.is_submitted for sheet in sheets)
    answers = Answer.objects.order_by("sheet__role", "question__key")
    assert list(answers.values_list("question__key", "level", "no_level", "about")) == [
        ("A-1", 4, "", None),
        ("A-2", None, "cannot_tell", None),
        ("A-1", 2, "", None),
        ("A-2", 5, "", None),
    ]
    assert Response.objects.count() == 0


def test_import_answers_of_the_same_respondents_twice_matches_them() -> None:
    version = small_rubric()
    bring_in(COBALT, version)

    imports.import_answers(
        answers=COBALT,
        rubric_version=version,
        name="Survey again",
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 12, 31),
        by=None,
        now=NOW,
    )

    keys = AnswerSheet.objects.values_list("rater_key", flat=True)
    assert (len(keys), len(set(keys))) == (4, 2)
    assert Alliance.objects.count() == 1


# --- refusals, and nothing written ------------------------------------------------------------


def test_import_answers_is_refused_to_who_is_no_administrator() -> None:
    version = small_rubric()
    before = counts()

    with pytest.raises(PermissionDenied, match="Only an administrator of the site can do this"):
        bring_in(COBALT, version, by=User.objects.create_user("sam@example.com", name="Sam"))

    assert counts() == before


def test_import_answers_needs_a_published_rubric() -> None:
    version = RubricVersionFactory()

    with pytest.raises(ImportRefused, match="is not published"):
        bring_in(COBALT, version)

    assert counts() == (0,) * 8


def test_import_answers_under_a_name_that_is_taken_is_refused() -> None:
    version = small_rubric()
    bring_in(COBALT, version)
    before = counts()

    with pytest.raises(CycleRefused, match="There is a cycle called Survey"):
        bring_in(COBALT, version)

    assert counts() == before


def test_import_answers_of_a_quarter_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(CycleRefused, match="The last day of the quarter is after its first day"):
        bring_in(COBALT, starts_on=date(2026, 10, 1))

    assert counts() == (0,) * 8


def test_import_answers_of_a_stranger_to_the_alliance_is_refused_whole() -> None:
    alliance_of("Cobalt", "Arno", "Cass")
    before = counts()
    delta = {"Another": dict(COBALT["Cobalt"])}

    with pytest.raises(ImportRefused, match="Brix Group is not a member of Cobalt in the register"):
        bring_in({**delta, **COBALT})

    assert counts() == before


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            {
                "Cobalt": {
                    "R1": FileRater("Arno Group", Role.TEAM, {"A-1": 4}),
                    "R2": FileRater("ARNO GROUP", Role.TEAM, {"A-1": 4}),
                }
            },
            "“ARNO GROUP” and “Arno Group” are one name to the register",
        ),
        (
            {"Cobalt": COBALT["Cobalt"], "cobalt": COBALT["Cobalt"]},
            "“Cobalt” and “cobalt” are one name to the register",
        ),
    ],
)
def test_import_answers_with_a_name_in_two_spellings_is_refused_whole(
    answers: Alliances, said: str
) -> None:
    with pytest.raises(ImportRefused, match=said):
        bring_in(answers)

    assert counts() == (0,) * 8


def test_roles_by_question_are_those_that_the_rubric_asks() -> None:
    everybody = frozenset({"manager", "sponsor", "team"})

    assert imports.roles_by_question(small_rubric()) == {"A-1": everybody, "A-2": everybody}


def test_roles_by_question_of_a_rubric_that_asks_about_organisations_are_refused() -> None:
    with pytest.raises(ImportRefused, match="Use a rubric that asks about the alliance only"):
        imports.roles_by_question(varied_rubric())


# --- a whole survey ---------------------------------------------------------------------------


def test_survey_is_brought_in_whole_and_scored_as_by_hand() -> None:
    version = shipped_rubric("leadership_climate")
    answers = answer_files.read(survey.FILE, imports.roles_by_question(version))

    cycle = bring_in(answers, version)

    found = (Alliance.objects.count(), Organisation.objects.count())
    assert found == (len(survey.ALLIANCES), len(survey.ORGANISATIONS))
    kept = (AnswerSheet.objects.count(), Answer.objects.count())
    assert kept == (survey.RESPONDENTS, len(survey.ROWS))
    assert cycle.assessments.count() == len(survey.ALLIANCES)
    assert scores.score_due(now=NOW) == len(survey.ALLIANCES)
    assert ScoreRun.objects.count() == len(survey.ALLIANCES)
    stored = {
        score.run.assessment.alliance.name: score.value
        for score in Score.objects.filter(node_kind="overall").select_related(
            "run__assessment__alliance"
        )
    }
    assert stored == {
        name: pytest.approx(survey.overall(name), abs=1e-9) for name in survey.ALLIANCES
    }
