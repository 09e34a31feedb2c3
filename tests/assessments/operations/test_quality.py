"""Measuring a questionnaire: when, once, of whom, and what is kept."""

from datetime import UTC, datetime

import numpy as np
import pytest
from django.db import transaction
from django.db.utils import ProgrammingError
from pytest_django.fixtures import DjangoAssertNumQueries

from assessments.models import Answer, AnswerSheet, Cycle, CycleQuality, RubricVersion, ScoringJob
from assessments.operations import quality
from assessments.queries import quality as queries
from assessments.scoring import reliability
from tests.factories.assessments import (
    AnswerFactory,
    AnswerSheetFactory,
    DimensionFactory,
    PillarFactory,
    QuestionFactory,
    RubricVersionFactory,
    ScoringJobFactory,
    answered_cycle,
    publish,
)
from tests.threads import at_once

NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def two_dimensions() -> RubricVersion:
    """Three joint questions, one of them reversed; and one about own and other, of weight 2."""
    version = RubricVersionFactory(rubric__name="Quality")
    pillar = PillarFactory(version=version)
    joint = DimensionFactory(pillar=pillar, key="joint", name="Joint work")
    about = DimensionFactory(pillar=pillar, key="about", name="Each other")
    QuestionFactory(dimension=joint, key="J-1")
    QuestionFactory(dimension=joint, key="J-2", is_reversed=True)
    QuestionFactory(dimension=joint, key="J-3", is_core=False)
    QuestionFactory(dimension=about, key="A-1", target="own_and_other", weight=2)
    return publish(version)


def measured() -> CycleQuality:
    assert quality.measure_due(now=NOW) == 1
    return CycleQuality.objects.get()


def test_measure_keeps_figures_by_dimension_and_question() -> None:
    cycle = answered_cycle()

    found = measured()

    assert (found.cycle, found.computed_at) == (cycle, NOW)
    assert (found.alliances, found.raters) == (12, 120)
    assert found.dimensions.keys() == {"objectives", "delivery"}
    first = found.dimensions["objectives"]
    assert (first["items"], first["raters"], first["sides"]) == (1, 120, 24)
    assert (first["alpha"], first["omega"]) == (None, None)
    assert first["icc1"] is not None
    levels = [answer.level or 0 for answer in Answer.objects.filter(question__key="A-1")]
    assert found.questions["A-1"] == {
        "raters": 120,
        "no_level": 0,
        "mean": pytest.approx(np.mean(levels)),
        "sd": pytest.approx(np.std(levels, ddof=1)),
        "floor": 0,
        "ceiling": pytest.approx(levels.count(5) / 120),
    }


def test_measure_turns_reversed_round_and_tells_own_from_other() -> None:
    cycle = answered_cycle(two_dimensions(), raters=0)
    levels = _answer(cycle)

    found = measured()

    by_hand = reliability(levels[:, :2], np.ones(2), np.arange(120) // 5)
    assert found.dimensions["joint"]["alpha"] == pytest.approx(by_hand.alpha)
    assert found.dimensions["joint"]["icc1"] == pytest.approx(by_hand.icc1)
    about = reliability(levels[:, 2:], np.ones(2), np.arange(120) // 5)
    assert found.dimensions["about"]["items"] == 2
    assert found.dimensions["about"]["alpha"] == pytest.approx(about.alpha)
    assert found.questions.keys() == {"J-1", "J-2", "A-1"}  # the core set does not ask the other
    assert found.questions["J-2"]["mean"] == pytest.approx(6 - levels[:, 1].mean())
    assert found.questions["A-1"]["mean"] == pytest.approx(levels[:, 2:].mean())


def _answer(cycle: Cycle) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Answer J-1, J-2, and A-1 about both, at random; return it with J-2 turned round."""
    random = np.random.default_rng(1)
    base = random.integers(2, 5, 120)
    levels = np.clip(base[:, np.newaxis] + random.integers(-1, 2, (120, 4)), 1, 5)
    questions = {q.key: q for q in cycle.rubric_version.questions.all()}
    sheets, answers = [], []
    sides = [
        (a, side.organisation, next(s.organisation for s in a.sides.all() if s != side))
        for a in cycle.assessments.order_by("pk").prefetch_related("sides__organisation")
        for side in a.sides.all()
    ]
    for number, row in enumerate(levels.tolist()):
        assessment, own, other = sides[number // 5]
        sheet = AnswerSheetFactory.build(
            assessment=assessment,
            organisation=own,
            role="team",
            is_protected=True,
            is_submitted=True,
        )
        sheets.append(sheet)
        asked = [
            (questions["J-1"], None, row[0]),
            (questions["J-2"], None, 6 - row[1]),
            (questions["A-1"], own, row[2]),
            (questions["A-1"], other, row[3]),
        ]
        answers += [
            Answer(sheet=sheet, question=question, about=about, level=level)
            for question, about, level in asked
        ]
    AnswerSheet.objects.bulk_create(sheets)
    Answer.objects.bulk_create(answers)
    return levels.astype(np.float64)


def test_measure_counts_no_level_apart_from_blank() -> None:
    cycle = answered_cycle()
    objectives = Answer.objects.filter(question__key="A-1")
    some = list(objectives.order_by("pk").values_list("pk", flat=True))
    objectives.filter(pk__in=some[:24]).update(level=None, no_level="cannot_tell")
    objectives.filter(pk__in=some[24:30]).update(level=None, no_level="did_not_occur")
    objectives.filter(pk__in=some[100:]).delete()

    found = measured()

    assert found.cycle == cycle
    assert found.questions["A-1"]["raters"] == 120
    assert found.questions["A-1"]["no_level"] == pytest.approx(30 / 100)
    assert found.dimensions["objectives"]["raters"] == 70
    assert found.questions["A-2"]["no_level"] == 0


def test_measure_leaves_out_what_may_not_be_told() -> None:
    """Sides with fewer in confidence than were promised do not count, here either."""
    answered_cycle(alliances=4, name="Few")
    cycle = answered_cycle(alliances=8, name="Many", raters=4, protected_minimum=5)
    sheet = AnswerSheet.objects.filter(assessment__cycle=cycle).first()
    assert sheet is not None
    AnswerFactory(
        sheet=AnswerSheetFactory(
            assessment=sheet.assessment,
            organisation=sheet.organisation,
            role="team",
            is_protected=True,
            is_submitted=True,
        ),
        question=cycle.rubric_version.questions.get(key="A-1"),
    )

    assert quality.measure_due(now=NOW) == 2

    few, many = CycleQuality.objects.order_by("cycle__name")
    assert (few.alliances, few.raters, few.dimensions, few.questions) == (4, 40, {}, {})
    assert (many.alliances, many.raters, many.dimensions, many.questions) == (1, 5, {}, {})


def test_measure_of_named_and_few_in_confidence_tells_nothing_of_questions() -> None:
    cycle = answered_cycle(alliances=6, raters=5)
    first = AnswerSheet.objects.filter(assessment=cycle.assessments.first())
    AnswerSheet.objects.exclude(pk__in=first[:5].values("pk")).update(
        is_protected=False, role="manager"
    )
    sides = first.values_list("organisation", flat=True).distinct()
    assert len(sides) == 2

    found = measured()

    assert found.questions["A-1"] == {
        **dict.fromkeys(("no_level", "mean", "sd", "floor", "ceiling")),
        "raters": found.raters,
    }
    assert found.dimensions["objectives"]["raters"] == found.raters


def test_measure_tells_nothing_of_a_question_that_all_in_confidence_answered_alike() -> None:
    """Whatever those who answer by name said, which they themselves may tell."""
    answered_cycle(alliances=6)
    named = AnswerSheet.objects.order_by("pk")[:6].values("pk")
    AnswerSheet.objects.filter(pk__in=named).update(is_protected=False, role="manager")
    Answer.objects.filter(question__key="A-1", sheet__is_protected=True).update(level=5)

    found = measured()

    assert found.questions["A-1"]["mean"] is None
    assert found.questions["A-2"]["mean"] is not None


def test_cycle_with_too_few_is_not_due() -> None:
    cycle = answered_cycle(alliances=3, raters=5)
    assert AnswerSheet.objects.count() == 30
    assert quality.is_due()

    one = AnswerSheet.objects.order_by("pk")[:1].values("pk")
    AnswerSheet.objects.filter(pk__in=one).update(is_submitted=False)

    assert not quality.is_due()
    assert quality.measure_due(now=NOW) == 0
    assert not CycleQuality.objects.filter(cycle=cycle).exists()


def test_cycle_waits_for_the_scorings_of_its_close() -> None:
    cycle = answered_cycle(alliances=6)
    assessment = cycle.assessments.first()
    job = ScoringJobFactory(assessment=assessment)
    ScoringJobFactory(assessment=assessment, reason="nightly")

    assert not quality.is_due()
    assert quality.measure_due(now=NOW) == 0

    ScoringJob.objects.filter(pk=job.pk).update(done_at=NOW)
    assert quality.is_due()


def test_cycle_does_not_wait_for_a_scoring_that_was_given_up() -> None:
    cycle = answered_cycle(alliances=6)
    ScoringJobFactory(assessment=cycle.assessments.first(), attempts=ScoringJob.MAX_ATTEMPTS)

    assert quality.measure_due(now=NOW) == 1


def test_open_cycle_is_not_due() -> None:
    cycle = answered_cycle(alliances=6)
    Cycle.objects.filter(pk=cycle.pk).update(state="open", closed_at=None)

    assert not quality.is_due()


def test_measure_again_changes_nothing() -> None:
    answered_cycle(alliances=6)
    found = measured()

    assert quality.measure_due(now=datetime(2026, 10, 2, tzinfo=UTC)) == 0
    assert CycleQuality.objects.get().computed_at == found.computed_at


def test_what_was_measured_is_a_fact() -> None:
    answered_cycle(alliances=6)
    found = measured()
    found.raters = 1

    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        found.save()


@pytest.mark.django_db(transaction=True)
def test_two_workers_measure_a_cycle_once() -> None:
    answered_cycle(alliances=6)

    found = at_once(lambda: quality.measure_due(now=NOW), workers=2)

    assert sorted(found) == [0, 1]  # type: ignore[type-var]
    assert CycleQuality.objects.count() == 1


@pytest.mark.parametrize("alliances", [5, 11])
def test_measure_takes_the_same_queries_for_5_and_11_alliances(
    alliances: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    answered_cycle(alliances=alliances)

    with django_assert_num_queries(9):
        quality.measure_due(now=NOW)


def test_chunks_add_up_to_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    answered_cycle(alliances=7)
    whole = measured()

    monkeypatch.setattr(queries, "CHUNK", 2)
    again = queries.answers_of(whole.cycle)

    assert (again.alliances, again.side.size) == (7, 70)
    assert again.given.sum(axis=1).tolist() == [70, 70]
    levels, weights = again.columns_of(again.questions[:1])
    assert reliability(levels, weights, again.side).icc1 == pytest.approx(
        whole.dimensions["objectives"]["icc1"]
    )
