"""Hundreds of assessments scored together are each what they are alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assessments import scoring
from assessments.models import Assessment, Cycle, Score, ScoreRun, ScoringJob
from assessments.operations import scores, scoring_jobs
from assessments.queries import scoring as queries
from tests.benchmarks.rows import Size, closed_cycle

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
SIZE = Size(alliances=300)


@pytest.fixture
def cycle(db: None) -> Cycle:
    return closed_cycle(SIZE)


def by_hand(run: ScoreRun) -> tuple[scoring.Result, str]:
    """Score a run's assessment again, alone and by name; return it with the inputs' digest."""
    assessment = Assessment.objects.select_related("cycle__rubric_version__rubric").get(
        pk=run.assessment_id
    )
    [inputs] = queries.gathered([assessment], run.as_of)
    given = (inputs.parameters, inputs.rubric, inputs.sides, inputs.raters[::-1])
    told: Any = {
        "evidence": inputs.evidence,
        "previous_bands": inputs.previous_bands,
        "before": inputs.before,
    }
    return scoring.score(*given, **told), scoring.inputs_digest(*given, **told)


def assert_is(row: Score, run: ScoreRun, result: scoring.Result) -> None:
    """Assert that a stored node is what it comes to alone, to the last digit."""
    node = result.nodes[queries.node_key((row.node_kind, row.node_key))]
    assert node.score is not None
    found = node.score
    assert (row.value, row.low, row.high) == (found.value, found.shown.low, found.shown.high)
    assert (row.standard_error, row.degrees_of_freedom) == (found.se, found.df)
    assert (row.band, row.band_probability) == (found.band, found.band_probability)
    assert (row.status, row.raters, row.is_provisional) == (
        node.status,
        node.n,
        found.is_provisional,
    )
    shown = {str(own.side): (own.value, own.low, own.high) for own in row.side_scores(run.sides)}
    assert shown == {
        side: (view.value, view.shown.low, view.shown.high)
        for side, view in node.sides.items()
        if not view.is_hidden
    }
    assert [(str(gap.side), gap.points, gap.verdict) for gap in row.side_gaps(run.sides)] == [
        (gap.side, gap.value, gap.verdict) for gap in node.gaps if gap.is_shown
    ]


def test_each_of_many_is_what_it_is_alone(cycle: Cycle) -> None:
    assert scores.score_due(now=NOW) == SIZE.alliances

    runs = ScoreRun.objects.filter(assessment__cycle=cycle)
    assert runs.count() == SIZE.alliances
    assert set(ScoringJob.objects.values_list("attempts", "last_error")) == {(1, "")}
    for run in runs.order_by("pk")[::15]:
        result, digest = by_hand(run)
        assert digest == run.inputs_digest
        rows = list(Score.objects.filter(run=run))
        assert len(rows) == len(result.nodes)
        for row in rows:
            assert_is(row, run, result)


def test_night_after_compares_with_what_was_stored_and_then_writes_nothing(cycle: Cycle) -> None:
    scores.score_due(now=NOW)
    before = dict(Score.objects.filter(node_kind="overall").values_list("run__assessment", "value"))

    for night in (1, 2):
        ScoringJob.objects.bulk_create(
            ScoringJob(
                assessment=assessment,
                as_of=cycle.ends_on + timedelta(days=night),
                reason="nightly",
                due_at=NOW,
            )
            for assessment in cycle.assessments.all()
        )
        assert scores.score_due(now=NOW) == SIZE.alliances
        # The first night sees the bands that were shown at the close; the second nothing new.
        assert ScoreRun.objects.count() == 2 * SIZE.alliances

    latest = Score.objects.filter(run__reason="nightly", node_kind="overall")
    assert dict(latest.values_list("run__assessment", "value")) == before


def test_chunks_of_any_size_store_the_same(cycle: Cycle, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [f.attname for f in Score._meta.fields if f.attname not in ("id", "run_id")]

    def stored() -> list[tuple[object, ...]]:
        rows = Score.objects.order_by("run__assessment", "node_kind", "node_key")
        return list(rows.values_list("run__assessment", *columns))

    scores.score_due(now=NOW)
    together = stored()
    assessments = cycle.assessments.order_by("pk")[:40]
    monkeypatch.setattr(scoring_jobs, "CHUNK", 7)
    ScoringJob.objects.bulk_create(
        ScoringJob(
            assessment=one, as_of=cycle.ends_on - timedelta(days=1), reason="rescore", due_at=NOW
        )
        for one in assessments
    )
    scores.score_due(now=NOW)

    apart = [row for row in stored() if row[0] in {one.pk for one in assessments}]
    whole = [row for row in together if row[0] in {one.pk for one in assessments}]
    assert apart[::2] == apart[1::2] == whole
