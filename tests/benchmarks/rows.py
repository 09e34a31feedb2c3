"""A portfolio of any size, written by the database itself: what a year of use would have left."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from assessments.models import Cycle, RubricVersion
from tests.factories.assessments import (
    CycleFactory,
    DimensionFactory,
    EvidenceMeasureFactory,
    PillarFactory,
    QuestionFactory,
    RubricVersionFactory,
    publish,
)

DIMENSIONS = 10
PILLARS = 3
MEASURED = 3  # dimensions that evidence weighs in


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to score.

    Attributes:
        alliances: of two organisations each.
        respondents: of an alliance, half of them a side.
        items: answered by each, spread over ten dimensions.
    """

    alliances: int
    respondents: int = 8
    items: int = 30

    @property
    def answers(self) -> int:
        return self.alliances * self.respondents * self.items


def closed_cycle(size: Size, *, starts_on: date = date(2026, 7, 1)) -> Cycle:
    """Return a closed cycle, all of whose scorings are due.

    Organisations are in ten alliances each. Sheets lie in no order, as people answer in none; the
    answers of one sheet lie together. One answer in twenty has no level.
    """
    cycle: Cycle = CycleFactory(
        closed=True,
        rubric_version=_rubric(size.items),
        starts_on=starts_on,
        protected_minimum=3,
        named_roles=[],
    )
    with connection.cursor() as cursor:
        # The rows are right by construction; checking each reference would take minutes.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SELECT pg_get_indexdef('answer_once'::regclass)")
        [answer_once] = cursor.fetchone()
        cursor.execute("DROP INDEX answer_once")
        cursor.execute("ALTER TABLE assessments_answer DROP CONSTRAINT assessments_answer_pkey")
        for statement in _STATEMENTS:
            cursor.execute(
                statement,
                {
                    "alliances": size.alliances,
                    "respondents": size.respondents,
                    "organisations": max(size.alliances // 5, 2),
                    "cycle": cycle.pk,
                    "version": cycle.rubric_version_id,
                    "as_of": cycle.ends_on,
                },
            )
        # Built afterwards, from sorted rows: row by row it takes ten times as long.
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("ALTER TABLE assessments_answer ADD PRIMARY KEY (id)")
        cursor.execute(answer_once)
        cursor.execute("SET session_replication_role = origin")
    return cycle


def settle() -> None:
    """Do what the server would do in a quiet hour: count the rows and mark the settled pages."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def make_due_again() -> None:
    """Forget all scores, so that the same can be measured again."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE assessments_score, assessments_scorerun")
        cursor.execute(
            "UPDATE assessments_scoringjob SET done_at = NULL, attempts = 0, due_at = '2026-10-01'"
        )
    settle()


def _rubric(items: int) -> RubricVersion:
    version = RubricVersionFactory()
    pillars = [PillarFactory(version=version) for _number in range(PILLARS)]
    dimensions = [
        DimensionFactory(
            pillar=pillars[number * PILLARS // DIMENSIONS],
            evidence_percent=20 * (number < MEASURED),
        )
        for number in range(DIMENSIONS)
    ]
    for number in range(items):
        QuestionFactory(dimension=dimensions[number % DIMENSIONS])
    for dimension in dimensions[:MEASURED]:
        EvidenceMeasureFactory(dimension=dimension, key="attainment")
    return publish(version)


_STATEMENTS = (
    """
    INSERT INTO alliances_organisation (name, short_name, country, sector)
    SELECT 'Organisation ' || n, 'O' || n, 'FR', 'energy'
    FROM generate_series(1, %(organisations)s) n
    """,
    """
    INSERT INTO alliances_alliance (name, purpose, stage, region, starts_on,
        sponsor_meetings_per_quarter, advocacy_per_quarter)
    SELECT 'Alliance ' || n, 'To sell a joint offer.', 'operating', 'EMEA', '2024-01-01', 1, 1
    FROM generate_series(1, %(alliances)s) n
    """,
    """
    INSERT INTO alliances_membership (alliance_id, organisation_id, starts_on)
    SELECT a.id, o.first + (a.place * 2 + side) %% o.n, '2024-01-01'
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM alliances_alliance) a,
        (SELECT min(id) AS first, count(*) AS n FROM alliances_organisation) o,
        generate_series(0, 1) side
    """,
    """
    INSERT INTO assessments_assessment (cycle_id, alliance_id)
    SELECT %(cycle)s, id FROM alliances_alliance ORDER BY id
    """,
    """
    INSERT INTO assessments_side (assessment_id, organisation_id, position)
    SELECT x.id, m.organisation_id,
        row_number() OVER (PARTITION BY x.id ORDER BY m.organisation_id) - 1
    FROM assessments_assessment x JOIN alliances_membership m USING (alliance_id)
    WHERE x.cycle_id = %(cycle)s
    """,
    """
    INSERT INTO assessments_answersheet
        (id, assessment_id, organisation_id, role, is_protected, rater_key, is_submitted)
    SELECT gen_random_uuid(), s.assessment_id, s.organisation_id, 'team', true,
        md5(x.alliance_id || ':' || s.position || ':' || n), true
    FROM assessments_side s JOIN assessments_assessment x ON x.id = s.assessment_id,
        generate_series(1, %(respondents)s / 2) n
    WHERE x.cycle_id = %(cycle)s
    ORDER BY md5(s.id || ':' || n)
    """,
    """
    INSERT INTO assessments_answer
        (id, sheet_id, question_id, about_id, level, no_level, comment)
    SELECT gen_random_uuid(), sheet_id, question_id, NULL,
        CASE WHEN not_seen THEN NULL ELSE level END,
        CASE WHEN not_seen THEN 'cannot_tell' ELSE '' END, ''
    FROM (
        SELECT s.id AS sheet_id, q.id AS question_id, random() < 0.05 AS not_seen,
            least(5, greatest(1, round(
                3.4 + (hashtext(s.assessment_id::text || s.organisation_id) %% 100) / 100.0
                + (hashtext(s.rater_key) %% 100) / 120.0 + random_normal(0, 0.7)
            ))) AS level
        FROM assessments_answersheet s JOIN assessments_assessment x ON x.id = s.assessment_id,
            assessments_question q
        WHERE x.cycle_id = %(cycle)s AND q.version_id = %(version)s
        OFFSET 0
    ) drawn
    """,
    """
    INSERT INTO assessments_scoringjob (assessment_id, as_of, reason, due_at, attempts, last_error)
    SELECT id, %(as_of)s, 'close', '2026-10-01', 0, ''
    FROM assessments_assessment WHERE cycle_id = %(cycle)s
    """,
)
