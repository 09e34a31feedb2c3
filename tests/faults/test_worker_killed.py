"""A worker that is killed in the middle of a scoring: the score still comes, and once."""

from datetime import UTC, datetime

import psycopg
from django.db import connection

from assessments.models import Reason, Score, ScoreRun, ScoringJob
from assessments.operations import cycles
from tests.factories.scenes import answer_all, open_cycle, shipped_rubric, staffed_alliance
from tests.running import Site, database_url, wait_for


def _somebody_waits_for(holder: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))",
            [holder],
        )
        return bool(cursor.fetchone()[0])


def test_score_arrives_once_though_the_worker_is_killed_in_mid_task(site: Site) -> None:
    cycle = open_cycle(shipped_rubric(), [staffed_alliance()])
    answer_all(cycle)
    cycles.close_cycle(cycle=cycle, by=None, now=datetime.now(UTC))
    assessment = cycle.assessments.get()

    with psycopg.connect(database_url()) as holder:
        # The worker takes the job, and then waits here for the assessment.
        holder.execute(
            "SELECT FROM assessments_assessment WHERE id = %s FOR UPDATE", [assessment.pk]
        )
        site.start("worker", "beat")
        wait_for(lambda: _somebody_waits_for(holder.info.backend_pid))
        site.kill("worker")
        holder.rollback()

    assert ScoreRun.objects.count() == 0
    assert ScoringJob.objects.filter(done_at__isnull=True, reason=Reason.CLOSE).count() == 1

    site.start("worker")
    wait_for(lambda: ScoringJob.objects.filter(done_at__isnull=False, reason=Reason.CLOSE).exists())

    assert ScoreRun.objects.filter(reason=Reason.CLOSE).count() == 1
    assert Score.objects.filter(node_kind="overall").count() == 1
