"""Scorings of assessments: what was due, what was computed. Facts are appended, never edited."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.models import Organisation
from assessments.models.cycle import Assessment
from assessments.models.rubric import RubricVersion


class Reason(models.TextChoices):
    """Why an assessment is scored."""

    CLOSE = "close", _("the cycle closed")
    NIGHTLY = "nightly", _("nightly, with the day's evidence")
    RESCORE = "rescore", _("scored again")


class ScoringJob(models.Model):
    """A scoring that is due, or done: the truth that survives a lost broker.

    One row an assessment, day and reason. A worker holds the row's lock while it scores: if it is
    killed, PostgreSQL lets go of the lock and another worker takes the row, MAX_ATTEMPTS times.
    """

    MAX_ATTEMPTS = 5

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="jobs")
    as_of = models.DateField()
    reason = models.CharField(max_length=7, choices=Reason.choices)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "as_of", "reason"], name="scoring_job_once"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=Reason.values), name="scoring_job_reason_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="scoring_job_open", condition=Q(done_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.assessment} as of {self.as_of} ({self.get_reason_display()})"


def _fact(name: str) -> pgtrigger.Protect:
    """Return the trigger that refuses to change or delete a stored fact."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


class ScoreRun(models.Model):
    """One scoring of one assessment, with what is needed to make it again."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="runs")
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    reason = models.CharField(max_length=7, choices=Reason.choices)
    computed_at = models.DateTimeField()
    code_version = models.CharField(max_length=20)
    inputs_digest = models.CharField(max_length=64)
    # Evidence values by measure key (0-100, null where there was nothing to measure), and the
    # number of protected answers left out by side: they are part of what is shown.
    evidence = models.JSONField()
    left_out = models.JSONField()

    class Meta:
        ordering = ["-as_of", "-computed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "as_of", "reason"], name="score_run_once_for_job"
            )
        ]
        indexes = [
            models.Index(
                "assessment", F("as_of").desc(), F("computed_at").desc(), name="score_run_latest"
            )
        ]
        triggers = [_fact("score_run_is_a_fact")]

    def __str__(self) -> str:
        return f"{self.assessment} as of {self.as_of}"


class Routine(models.Model):
    """Something done once for every day, and through which day it is done.

    The date is data, not a schedule: two beats, a missed night or a clock set back neither double
    nor lose a day.
    """

    NIGHTLY_SCORES = "nightly_scores"

    name = models.CharField(max_length=40, unique=True)
    done_through = models.DateField()

    def __str__(self) -> str:
        return f"{self.name} through {self.done_through}"


class NodeKind(models.TextChoices):
    """What a number is about in the rubric's tree."""

    OVERALL = "overall", _("overall")
    PILLAR = "pillar", _("pillar")
    DIMENSION = "dimension", _("dimension")


class Score(models.Model):
    """One number of a run: of all organisations (`side` empty) or of one side's answers.

    Only what the confidentiality rule lets be shown is stored. `value`, `low` and `high` are points
    from 0 to 100; `value` is empty where `status` says why there is none.
    """

    run = models.ForeignKey(ScoreRun, on_delete=models.PROTECT, related_name="scores")
    node_kind = models.CharField(max_length=9, choices=NodeKind.choices)
    node_key = models.CharField(max_length=60, blank=True)
    side = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    status = models.CharField(max_length=20)
    value = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    standard_error = models.FloatField(null=True, blank=True)
    degrees_of_freedom = models.FloatField(null=True, blank=True)
    raters = models.PositiveSmallIntegerField(default=0)
    band = models.CharField(max_length=5, blank=True)
    band_probability = models.FloatField(null=True, blank=True)
    is_provisional = models.BooleanField(default=False)
    is_incomplete = models.BooleanField(default=False)
    survey_value = models.FloatField(null=True, blank=True)
    evidence_value = models.FloatField(null=True, blank=True)
    agreement = models.FloatField(null=True, blank=True)
    agreement_word = models.CharField(max_length=20, blank=True)
    agreement_could_be_chance = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "node_kind", "node_key", "side"],
                name="score_once_in_run",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__range=(0, 100)),
                name="score_between_0_and_100",
            ),
        ]
        triggers = [_fact("score_is_a_fact")]

    def __str__(self) -> str:
        return f"{self.node_kind} {self.node_key}: {self.value}"


class Gap(models.Model):
    """How far a side's view is from another's, or from the mean of the others (`other` empty)."""

    run = models.ForeignKey(ScoreRun, on_delete=models.PROTECT, related_name="gaps")
    node_kind = models.CharField(max_length=9, choices=NodeKind.choices)
    node_key = models.CharField(max_length=60, blank=True)
    side = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    points = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    p_value = models.FloatField()
    verdict = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "node_kind", "node_key", "side"], name="gap_once_in_run"
            )
        ]
        triggers = [_fact("gap_is_a_fact")]

    def __str__(self) -> str:
        return f"{self.side}: {self.points}"


class Change(models.Model):
    """How far a number moved since the last closed cycle, and whether that is more than noise."""

    run = models.ForeignKey(ScoreRun, on_delete=models.PROTECT, related_name="changes")
    before = models.ForeignKey(ScoreRun, on_delete=models.PROTECT, related_name="+")
    node_kind = models.CharField(max_length=9, choices=NodeKind.choices)
    node_key = models.CharField(max_length=60, blank=True)
    points = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    p_value = models.FloatField()
    verdict = models.CharField(max_length=12)
    raters_both = models.PositiveSmallIntegerField()
    # The earlier answers were scored again by this run's rubric, because the rubric changed.
    is_rebased = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "node_kind", "node_key"], name="change_once_in_run"
            )
        ]
        triggers = [_fact("change_is_a_fact")]

    def __str__(self) -> str:
        return f"{self.node_kind} {self.node_key}: {self.points}"
