"""How long it takes to score a portfolio, beside what PostgreSQL needs to group the same answers.

a is PostgreSQL's own GROUP BY assessment, organisation, question over all answers, the best of
eight tries with little and with much memory; b hands the same rows out by COPY; c is the whole
scoring by one worker process, from the due jobs to stored scores.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from alliance_health.local import paths
from assessments.models import Score, ScoreRun, ScoringJob
from assessments.tasks import HANDS
from tests.benchmarks.rows import Size, closed_cycle, make_due_again, settle
from tests.running import database_url, environment_with

MOST_TIMES_A = 2.5
MOST_MEGABYTES = 1_000
GROUPED = """
    SELECT sheet.assessment_id, sheet.organisation_id, answer.question_id,
        count(answer.level) AS number, sum(answer.level) AS total
    FROM assessments_answer answer JOIN assessments_answersheet sheet ON sheet.id = answer.sheet_id
    GROUP BY 1, 2, 3
"""
ROWS = """
    COPY (
        SELECT sheet.assessment_id, sheet.organisation_id, sheet.rater_key,
            answer.question_id, answer.about_id, answer.level
        FROM assessments_answer answer
            JOIN assessments_answersheet sheet ON sheet.id = answer.sheet_id
    ) TO STDOUT
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What the workers of one run say."""

    seconds: float
    scored: int
    megabytes: float
    cpu_seconds: float


def timed(work: Callable[[], object]) -> float:
    began_at = time.monotonic()
    work()
    return time.monotonic() - began_at


def grouped() -> Iterator[float]:
    """Let PostgreSQL group the answers: as it is set, and with all the memory it can use."""
    with connection.cursor() as cursor:
        for memory in ("4MB", "1GB"):
            cursor.execute(f"SET work_mem = '{memory}'")
            for _time in range(2):
                yield timed(
                    lambda: cursor.execute(f"SELECT sum(number), sum(total) FROM ({GROUPED}) x")  # noqa: S608
                )
        cursor.execute("RESET work_mem")


def copied_out() -> None:
    with connection.cursor() as cursor:
        wrapped: Any = cursor
        with wrapped.copy(ROWS) as copy:
            for _row in copy:
                pass


def work(number: int, folder: Path, *, hands: int = 1) -> Run:
    """Let so many worker processes score what is due, each with so many hands."""
    command = [sys.executable, "-m", "tests.benchmarks.worker", str(hands)]
    env = environment_with(DATABASE_URL=database_url())
    log = (folder / "workers.log").open("a")
    processes = [
        subprocess.Popen(
            command,
            env=env,
            cwd=paths.PROJECT_DIR,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        for _worker in range(number)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    began_at = time.monotonic()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    log.close()
    told = [json.loads(process.communicate()[0]) for process in processes]
    return Run(
        seconds=time.monotonic() - began_at,
        scored=sum(one["scored"] for one in told),
        megabytes=max(one["megabytes"] for one in told),
        cpu_seconds=sum(one["cpu_seconds"] for one in told),
    )


@pytest.mark.timeout(0)
@pytest.mark.django_db(transaction=True)
def test_scoring_takes_little_longer_than_grouping(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    size = Size(request.config.getoption("--alliances"))
    closed_cycle(size)
    settle()

    grouping = [*grouped()]
    b = timed(copied_out)
    c = work(1, tmp_path, hands=HANDS)
    grouping += grouped()
    a = min(grouping)

    print(f"\n{size.alliances:,} alliances, {size.answers:,} answers")
    print(f"a  PostgreSQL groups them               {a:7.1f} s")
    print(f"b  COPY hands them out                  {b:7.1f} s")
    print(
        f"c  one worker of {HANDS} hands scores them   {c.seconds:7.1f} s"
        f"   c/a {c.seconds / a:.2f}   c/b {c.seconds / b:.2f}"
    )
    print(
        f"   {c.scored / c.seconds:,.0f} alliances a second, {c.megabytes:,.0f} MB at most,"
        f" {c.cpu_seconds:.1f} s of the worker's own"
    )
    assert_all_scored(c, size)
    assert c.megabytes < MOST_MEGABYTES

    if request.config.getoption("--workers"):
        seconds = []
        for workers in (1, 2):
            make_due_again()
            run = work(workers, tmp_path)
            assert_all_scored(run, size)
            seconds.append(run.seconds)
        print(
            f"   with one hand each: 1 worker {seconds[0]:.1f} s, 2 workers {seconds[1]:.1f} s,"
            f" {seconds[0] / seconds[1]:.2f} times as fast"
        )
    assert c.seconds <= MOST_TIMES_A * a


def assert_all_scored(run: Run, size: Size) -> None:
    assert run.scored == size.alliances == ScoreRun.objects.count()
    assert not ScoringJob.objects.filter(done_at__isnull=True).exists()
    assert Score.objects.filter(value__isnull=False, node_kind="overall").count() == run.scored
