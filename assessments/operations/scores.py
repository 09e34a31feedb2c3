"""Scoring what is due: found in tables, worked under a row's lock, written once."""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance_health.alliances.models import Stage
from assessments import scoring
from assessments.models import (
    Assessment,
    Change,
    CycleState,
    Gap,
    NodeKind,
    Reason,
    Routine,
    Score,
    ScoreRun,
    ScoringJob,
)
from assessments.queries import scoring as queries

logger = logging.getLogger(__name__)

MOST_DAYS_BEHIND = 31
RETRY_AFTER = timedelta(seconds=20)


class ScoringRefused(Exception):
    """An assessment cannot be scored yet; the message says why."""


@transaction.atomic
def plan_nightly(*, now: datetime) -> int:
    """Make tonight's scoring due: the last closed assessment of each alliance that has not ended.

    Once for each day, from the hour NIGHTLY_HOUR on; days that were missed are made up for.

    Args:
        now: the instant.

    Returns:
        How many scorings became due.
    """
    local = timezone.localtime(now)
    today = local.date() if local.hour >= settings.NIGHTLY_HOUR else local.date() - timedelta(1)
    yesterday = today - timedelta(days=1)
    Routine.objects.get_or_create(name=Routine.NIGHTLY_SCORES, defaults={"done_through": yesterday})
    if Routine.objects.filter(name=Routine.NIGHTLY_SCORES, done_through__gte=today).exists():
        return 0
    routine = Routine.objects.select_for_update().get(name=Routine.NIGHTLY_SCORES)
    first = max(routine.done_through, today - timedelta(days=MOST_DAYS_BEHIND))
    days = [first + timedelta(days=n) for n in range(1, (today - first).days + 1)]
    planned = sum(_plan_night(day, now) for day in days)
    if days:
        routine.done_through = today
        routine.save(update_fields=["done_through"])
    return planned


def _plan_night(day: date, now: datetime) -> int:
    day_is_over = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    latest = (
        Assessment.objects.filter(cycle__state=CycleState.CLOSED, cycle__closed_at__lt=day_is_over)
        .exclude(alliance__stage=Stage.ENDED)
        .order_by("alliance_id", "-cycle__starts_on", "-pk")
        .distinct("alliance_id")
        .values_list("pk", flat=True)
    )
    jobs = [
        ScoringJob(assessment_id=key, as_of=day, reason=Reason.NIGHTLY, due_at=now)
        for key in latest
    ]
    ScoringJob.objects.bulk_create(jobs, ignore_conflicts=True, batch_size=5_000)
    return len(jobs)


def due(now: datetime) -> QuerySet[ScoringJob]:
    """Return the scorings that are due and not done, the earliest day first.

    A day waits for the days of its alliance before it: its bands rest on theirs, and what it is
    compared with; out of order a stored run could not be made again.

    Args:
        now: the instant.
    """
    waiting = ScoringJob.objects.filter(done_at__isnull=True, attempts__lt=ScoringJob.MAX_ATTEMPTS)
    earlier = waiting.filter(
        assessment__alliance=OuterRef("assessment__alliance"), as_of__lt=OuterRef("as_of")
    )
    return waiting.filter(~Exists(earlier), due_at__lte=now).order_by("as_of", "due_at", "pk")


def score_due(
    *, now: datetime, limit: int | None = None, go_on: Callable[[], bool] = lambda: True
) -> int:
    """Score what is due, one assessment at a time, until nothing is left that nobody works on.

    Two workers never score the same: each holds the row's lock until its scores are written. A
    worker that is killed lets go of it, and what it began is begun again.

    Args:
        now: the instant.
        limit: the most to score; None for all.
        go_on: asked before each, whether there is time for another.

    Returns:
        How many were scored.
    """
    scored = 0
    while (limit is None or scored < limit) and go_on():
        key = _next(now)
        if key is None:
            break
        scored += _try(key, now)
    return scored


@transaction.atomic
def _next(now: datetime) -> int | None:
    """Count an attempt at the next job that nobody holds, before it is made."""
    job = due(now).select_for_update(skip_locked=True).first()
    if job is None:
        return None
    # Before the work and committed, so that a job that kills its worker is not tried for ever.
    job.attempts = F("attempts") + 1
    job.due_at = now + RETRY_AFTER
    job.save(update_fields=["attempts", "due_at"])
    return job.pk


def _try(key: int, now: datetime) -> bool:
    try:
        return _work(key, now)
    except Exception as problem:
        # One alliance that cannot be scored must not keep the others from it: the job tells.
        logger.exception("scoring job %s failed", key)
        ScoringJob.objects.filter(pk=key).update(last_error=f"{type(problem).__name__}: {problem}")
        return False


@transaction.atomic
def _work(key: int, now: datetime) -> bool:
    # It waits: another worker's look at this row holds it for a moment, and must not cost the try.
    job = ScoringJob.objects.select_for_update().filter(pk=key, done_at__isnull=True).first()
    if job is None:
        return False
    score_assessment(assessment=job.assessment, as_of=job.as_of, reason=Reason(job.reason), now=now)
    job.done_at = now
    job.last_error = ""
    job.save(update_fields=["done_at", "last_error"])
    return True


@transaction.atomic
def score_assessment(
    *, assessment: Assessment, as_of: date, reason: Reason, now: datetime
) -> ScoreRun:
    """Score one closed assessment with the evidence of a day, and keep it.

    Where the inputs are those of the latest scoring up to that day, nothing is written.

    Args:
        assessment: of a closed cycle.
        as_of: the day whose evidence counts.
        reason: why it is scored.
        now: the instant that the run is stamped with.

    Returns:
        The new run, or the latest where nothing has changed.

    Raises:
        ScoringRefused: the cycle is not closed.
        SpecProblem: the rubric cannot be used for scoring.
        InputProblem: stored answers do not fit the rubric.
    """
    locked = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("cycle__rubric_version__rubric")
        .get(pk=assessment.pk)
    )
    if locked.cycle.state != CycleState.CLOSED:
        raise ScoringRefused(_("%(cycle)s is not closed.") % {"cycle": locked.cycle})
    [inputs] = queries.gathered([locked], as_of)
    digest = scoring.inputs_digest(
        inputs.parameters,
        inputs.rubric,
        inputs.sides,
        inputs.raters,
        evidence=inputs.evidence,
        previous_bands=inputs.previous_bands,
        before=inputs.before,
    )
    latest = ScoreRun.objects.filter(assessment=locked, as_of__lte=as_of).first()
    if latest is not None and latest.inputs_digest == digest:
        return latest
    result = scoring.score(
        inputs.parameters,
        inputs.rubric,
        inputs.sides,
        inputs.raters,
        evidence=inputs.evidence,
        previous_bands=inputs.previous_bands,
        before=inputs.before,
    )
    run = ScoreRun.objects.create(
        assessment=locked,
        rubric_version=locked.cycle.rubric_version,
        as_of=as_of,
        reason=reason,
        computed_at=now,
        code_version=scoring.CODE_VERSION,
        inputs_digest=digest,
        evidence=dict(inputs.evidence),
        left_out=dict(inputs.left_out),
    )
    _keep(run, result, inputs)
    return run


def _keep(run: ScoreRun, result: scoring.Result, inputs: queries.Inputs) -> None:
    """Write what may be shown of a result; what must stay inside is not stored."""
    Score.objects.bulk_create(
        [row for node in result.nodes.values() for row in _scores(run, node, result)]
    )
    Gap.objects.bulk_create([row for node in result.nodes.values() for row in _gaps(run, node)])
    if inputs.before_run is not None:
        Change.objects.bulk_create(
            [
                row
                for node in result.nodes.values()
                for row in _changes(run, node, inputs.before_run, is_rebased=inputs.is_rebased)
            ]
        )


def _scores(run: ScoreRun, node: scoring.NodeResult, result: scoring.Result) -> Sequence[Score]:
    kind = NodeKind(node.node.kind.value)
    rows = [_alliance_score(run, node, result)]
    rows.extend(
        Score(
            run=run,
            node_kind=kind,
            node_key=node.node.id,
            side_id=int(side),
            status=scoring.Status.INCOMPLETE if view.is_incomplete else scoring.Status.OK,
            value=view.value,
            low=view.shown.low,
            high=view.shown.high,
            standard_error=view.se,
            degrees_of_freedom=view.df,
            raters=view.n,
            is_incomplete=view.is_incomplete,
        )
        for side, view in node.sides.items()
        if not view.is_hidden
    )
    return rows


def _alliance_score(run: ScoreRun, node: scoring.NodeResult, result: scoring.Result) -> Score:
    row = Score(
        run=run,
        node_kind=NodeKind(node.node.kind.value),
        node_key=node.node.id,
        status=node.status,
    )
    found = node.score
    if found is None or not node.publication.is_shown:
        row.status = scoring.Status.INSUFFICIENT
        return row
    row.value = found.value
    row.low, row.high = found.shown.low, found.shown.high
    row.standard_error, row.degrees_of_freedom = found.se, found.df
    row.raters = node.n
    row.band = found.band
    row.band_probability = found.band_probability
    row.is_provisional = found.is_provisional
    row.is_incomplete = node.is_incomplete
    if node.node.kind is scoring.NodeKind.DIMENSION:
        agreement = result.agreement[node.node.id]
        row.agreement = agreement.within_sides
        row.agreement_word = agreement.word
        row.agreement_could_be_chance = agreement.could_be_chance
        evidence = result.evidence.get(node.node.id)
        row.survey_value = evidence.people_say if evidence else found.value
        row.evidence_value = evidence.evidence_says if evidence else None
    return row


def _gaps(run: ScoreRun, node: scoring.NodeResult) -> Sequence[Gap]:
    return [
        Gap(
            run=run,
            node_kind=NodeKind(node.node.kind.value),
            node_key=node.node.id,
            side_id=int(gap.side),
            other_id=int(gap.other) if gap.other else None,
            points=gap.value,
            low=gap.interval.low,
            high=gap.interval.high,
            p_value=gap.p if gap.p_holm is None else gap.p_holm,
            verdict=gap.verdict,
        )
        for gap in node.gaps
        if gap.is_shown
    ]


def _changes(
    run: ScoreRun, node: scoring.NodeResult, before: ScoreRun, *, is_rebased: bool
) -> Sequence[Change]:
    change = node.change
    if change is None or not node.change_is_shown:
        return []
    return [
        Change(
            run=run,
            before=before,
            node_kind=NodeKind(node.node.kind.value),
            node_key=node.node.id,
            points=change.value,
            low=change.interval.low,
            high=change.interval.high,
            p_value=change.p,
            verdict=change.verdict,
            raters_both=sum(side.n_both for side in change.by_side.values()),
            is_rebased=is_rebased,
        )
    ]
