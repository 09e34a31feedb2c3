"""Scorings of assessments: what was due, what was computed. Facts are appended, never edited."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments import scoring
from assessments.models.cycle import Assessment
from assessments.models.rubric import RubricVersion
from assessments.models.words import WordField


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

    # No index of its own: the unique key begins with it.
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="jobs", db_index=False
    )
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
            # In the order in which they are taken.
            models.Index(
                fields=["as_of", "due_at", "id"],
                name="scoring_job_open",
                condition=Q(done_at__isnull=True),
            ),
            # Days come in order, so this costs next to nothing and finds a day's jobs.
            BrinIndex(fields=["as_of"], name="scoring_job_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} as of {self.as_of} ({self.get_reason_display()})"


def _fact(name: str) -> pgtrigger.Protect:
    """Return the trigger that refuses to change or delete a stored fact."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


class ScoreRun(models.Model):
    """One scoring of one assessment, with what is needed to make it again."""

    # No index of its own: both keys below begin with it.
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="runs", db_index=False
    )
    rubric_version = models.ForeignKey(
        RubricVersion, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    as_of = models.DateField()
    reason = models.CharField(max_length=7, choices=Reason.choices)
    computed_at = models.DateTimeField()
    code_version = models.CharField(max_length=20)
    inputs_digest = models.CharField(max_length=64)
    # Evidence values by measure key (0-100, null where there was nothing to measure), and the
    # number of protected answers left out by side: they are part of what is shown.
    evidence = models.JSONField()
    left_out = models.JSONField()
    # Keys of the organisations in the order in which each score's `sides` and `gaps` stand.
    sides = ArrayField(models.BigIntegerField(), default=list)
    # The scoring whose bands this one's moved on from: a band depends on the one shown before.
    bands_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    # Gates of the rubric that are closed on the day: what holds a pillar's band back.
    gates = ArrayField(models.CharField(max_length=40), default=list)
    # By dimension, the sides whose answers in confidence are left out there: too few could tell.
    too_few = models.JSONField(default=dict)
    # Questionnaires that repeat one answer; told as a number, never by whom, and never left out.
    straight_lining = models.PositiveSmallIntegerField(default=0)
    # The scoring of the last closed cycle that the changes are measured from.
    before = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    # The earlier answers were scored again by this run's rubric, because the rubric changed.
    is_rebased = models.BooleanField(default=False)

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
    NIGHTLY_SIGNALS = "nightly_signals"
    DONE_JOBS = "done_jobs_deleted"

    name = models.CharField(max_length=40, unique=True)
    done_through = models.DateField()

    def __str__(self) -> str:
        return f"{self.name} through {self.done_through}"


class NodeKind(models.TextChoices):
    """What a number is about in the rubric's tree."""

    OVERALL = "overall", _("overall")
    PILLAR = "pillar", _("pillar")
    DIMENSION = "dimension", _("dimension")


@dataclass(frozen=True, slots=True)
class SideScore:
    """One side's own view of a node."""

    side: int
    value: float
    low: float
    high: float
    raters: int
    is_incomplete: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a side's view is from another's, or from the mean of the others (`other` None)."""

    side: int
    other: int | None
    points: float
    low: float
    high: float
    p_value: float
    verdict: str


class Score(models.Model):
    """The numbers of one node in a run: the alliance's, its sides', their gaps, and its change.

    Only what the confidentiality rule lets be shown is stored. `value`, `low` and `high` are points
    from 0 to 100; `value` is empty where `status` says why there is none.

    One row a node, with the sides in it: a row a side and a row a gap would be five times as many
    rows for the same numbers (docs/scoring-performance.md).
    """

    # The run is written in the same transaction and never deleted, so the reference is not checked
    # row by row; the unique key begins with it, so it needs no index of its own.
    run = models.ForeignKey(
        ScoreRun,
        on_delete=models.PROTECT,
        related_name="scores",
        db_constraint=False,
        db_index=False,
    )
    node_kind = WordField(NodeKind.values)
    node_key = models.CharField(max_length=60, blank=True)
    status = WordField(scoring.Status)
    value = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    standard_error = models.FloatField(null=True, blank=True)
    degrees_of_freedom = models.FloatField(null=True, blank=True)
    raters = models.PositiveSmallIntegerField(default=0)
    band = WordField(scoring.BANDS, is_optional=True)
    band_probability = models.FloatField(null=True, blank=True)
    # Where a gate holds the band back: which, and the band that the number alone has.
    gate = WordField(scoring.GATES, is_optional=True)
    band_by_number = WordField(scoring.BANDS, is_optional=True)
    is_provisional = models.BooleanField(default=False)
    survey_value = models.FloatField(null=True, blank=True)
    evidence_value = models.FloatField(null=True, blank=True)
    agreement = models.FloatField(null=True, blank=True)
    agreement_word = WordField(scoring.AgreementWord, is_optional=True)
    agreement_could_be_chance = models.BooleanField(default=False)
    # By side, in the order of the run's: value, low, high, raters, 1 if incomplete; all empty for
    # a side whose number may not be shown. Read it through `side_scores`.
    sides = ArrayField(ArrayField(models.FloatField(null=True)), null=True, blank=True)
    # By side: points, low, high, p, place of the verdict among the words; all empty where the side
    # has no gap. Read it through `side_gaps`.
    gaps = ArrayField(ArrayField(models.FloatField(null=True)), null=True, blank=True)
    # Since the run's `before`; all empty where nothing compares or may be shown.
    change_points = models.FloatField(null=True, blank=True)
    change_low = models.FloatField(null=True, blank=True)
    change_high = models.FloatField(null=True, blank=True)
    change_p_value = models.FloatField(null=True, blank=True)
    change_verdict = WordField(scoring.ChangeVerdict, is_optional=True)
    # Among those who answered both times alone, where that tells nothing of single people.
    change_returning = models.FloatField(null=True, blank=True)
    change_raters_both = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "node_kind", "node_key"], name="score_once_in_run"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__range=(0, 100)),
                name="score_between_0_and_100",
            ),
        ]
        triggers = [_fact("score_is_a_fact")]

    def __str__(self) -> str:
        return f"{self.node_kind} {self.node_key}: {self.value}"

    @property
    def is_incomplete(self) -> bool:
        """Whether a side or a dimension is missing in the number."""
        return self.status == scoring.Status.INCOMPLETE

    def side_scores(self, sides: Sequence[int]) -> tuple[SideScore, ...]:
        """Return the sides' own numbers that may be shown.

        Args:
            sides: of the run.
        """
        return tuple(
            SideScore(side, value, low, high, int(raters), bool(incomplete))
            for side, (value, low, high, raters, incomplete) in self._by_side(sides, self.sides)
            if value is not None
        )

    def side_gaps(self, sides: Sequence[int]) -> tuple[Gap, ...]:
        """Return the gaps between the sides that may be shown.

        Args:
            sides: of the run.
        """
        seen = [score.side for score in self.side_scores(sides)]
        pair = seen[1] if len(seen) == scoring.FEWEST_SIDES else None
        return tuple(
            Gap(side, pair, points, low, high, p, str(scoring.GAP_VERDICTS[int(verdict)]))
            for side, (points, low, high, p, verdict) in self._by_side(sides, self.gaps)
            if points is not None
        )

    @staticmethod
    def _by_side(sides: Sequence[int], numbers: Any) -> Iterator[tuple[int, Any]]:  # noqa: ANN401
        return zip(sides, numbers, strict=True) if numbers else iter(())
