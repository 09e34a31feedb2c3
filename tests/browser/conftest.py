"""The demonstration world, served by a real web server, for tests that only look.

Beside it a survey made elsewhere, of so many alliances that the portfolio tells their places.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from assessments.models import Assessment, CycleState, RubricVersion, ScoringJob
from assessments.operations import cycles, quality, scores
from tests import survey
from tests.factories.assessments import alliance_of
from tests.factories.scenes import RUBRICS
from tests.running import Site


def _let_a_night_be_under_way() -> None:
    """Some of tonight's scorings are done, some wait, and two were given up."""
    now = timezone.now()
    today = timezone.localdate(now)
    ScoringJob.objects.all().delete()  # those by which the demonstration was scored
    assessments = list(Assessment.objects.filter(cycle__state=CycleState.CLOSED).order_by("-pk"))
    for number, assessment in enumerate(assessments):
        for days in range(3):
            job = ScoringJob(
                assessment=assessment,
                as_of=today - timedelta(days=days),
                reason="nightly",
                due_at=now,
                attempts=1,
            )
            if days or number % 3:
                job.done_at = now - timedelta(days=days, seconds=number % 40)
            elif number < 4:
                job.attempts = ScoringJob.MAX_ATTEMPTS
                job.last_error = "InputProblem: Rater 5f3a is on the side 39, which is unknown."
            job.save()


def _let_a_draft_not_open_by_itself() -> None:
    now = timezone.now()
    today = timezone.localdate(now)
    alliance_of("Quartz", "Arno", "Brix")  # nobody holds a seat in it
    cycles.draft_cycle(
        name="Pilot",
        rubric_version=RubricVersion.objects.all()[0],
        question_set="core",
        starts_on=today - timedelta(days=4_000),  # the last of the list
        ends_on=today - timedelta(days=3_900),
        opens_on=today - timedelta(days=20),
        closes_on=today - timedelta(days=1),
        opens_itself=True,
        by=None,
        now=now,
    )
    cycles.open_due(now=now)


@pytest.fixture(scope="module")
def demo_site(
    django_db_setup: None,  # noqa: ARG001  the database must be there
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """A running web server over the demonstration; its rows go when the module's tests are done."""
    site = Site(tmp_path_factory.mktemp("site"))
    with django_db_blocker.unblock():
        call_command("load_demo", verbosity=0)
        call_command("load_rubric", str(RUBRICS / "leadership_climate.yaml"), verbosity=0)
        call_command(
            "import_answers", str(survey.FILE), rubric="leadership-climate", cycle="Elsewhere"
        )
        scores.score_due(now=timezone.now())
        quality.measure_due(now=timezone.now())
        _let_a_night_be_under_way()
        _let_a_draft_not_open_by_itself()
        site.start("web")
        yield site
        site.stop()
        call_command("flush", interactive=False, verbosity=0)
        connection.close()  # Playwright's loop gave this context a connection of its own
