"""A quarter's assessment round, and one alliance's assessment in it."""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.models import Alliance, Organisation
from assessments.models.rubric import RubricVersion


class CycleState(models.TextChoices):
    """The life of a cycle."""

    DRAFT = "draft", _("draft")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class QuestionSet(models.TextChoices):
    """Which questions a cycle asks."""

    CORE = "core", _("core set")
    FULL = "full", _("full set")


@pghistory.track()
class Cycle(models.Model):
    """A quarter's assessment round.

    `named_roles` and `protected_minimum` (k) are frozen when the cycle opens: they are what the
    respondents were promised.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    rubric_version = models.ForeignKey(
        RubricVersion, on_delete=models.PROTECT, related_name="cycles", verbose_name=_("rubric")
    )
    question_set = models.CharField(
        _("questions"), max_length=4, choices=QuestionSet.choices, default=QuestionSet.CORE
    )
    starts_on = models.DateField(_("first day of the quarter"))
    ends_on = models.DateField(_("last day of the quarter"))
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))
    state = models.CharField(
        _("state"), max_length=6, choices=CycleState.choices, default=CycleState.DRAFT
    )
    named_roles = ArrayField(models.CharField(max_length=8), default=list)
    protected_minimum = models.PositiveSmallIntegerField(default=5)
    is_imported = models.BooleanField(default=False)
    # Opened by the system on `opens_on`, with every alliance that can be asked on that day.
    opens_itself = models.BooleanField(_("opens by itself"), default=False)
    # Why the system could not open it, until it could.
    opening_problem = models.TextField(blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="cycle_period_makes_sense",
                violation_error_message=_("The last day of the quarter is after its first day."),
            ),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="cycle_closes_after_opening",
                violation_error_message=_("The cycle closes on or after the day it opens."),
            ),
            models.CheckConstraint(
                condition=Q(protected_minimum__gte=3), name="cycle_floor_of_three"
            ),
            models.CheckConstraint(
                condition=Q(state=CycleState.DRAFT, opened_at__isnull=True, closed_at__isnull=True)
                | Q(state=CycleState.OPEN, opened_at__isnull=False, closed_at__isnull=True)
                | Q(state=CycleState.CLOSED, opened_at__isnull=False, closed_at__isnull=False),
                name="cycle_state_has_its_instants",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Assessment(models.Model):
    """One alliance in one cycle."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="assessments")
    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="assessments")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cycle", "alliance"], name="assessment_once_a_cycle")
        ]

    def __str__(self) -> str:
        return f"{self.alliance} in {self.cycle}"


class Side(models.Model):
    """An organisation within one assessment, as it was on the day the cycle opened."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="sides")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "organisation"], name="side_once")
        ]

    def __str__(self) -> str:
        return self.organisation.short_name
