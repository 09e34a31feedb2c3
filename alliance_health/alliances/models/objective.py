"""What an alliance promised, the plan in force, and how far it got."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.models.alliance import Alliance
from alliance_health.alliances.models.organisation import Organisation
from alliance_health.alliances.models.person import Person
from alliance_health.audit.models import keep_history


@keep_history
class Objective(models.Model):
    """What the alliance promised, as a measure that can be read on a day."""

    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, related_name="objectives")
    owner = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="owned_objectives"
    )
    statement = models.CharField(_("statement"), max_length=300)
    measure = models.CharField(_("measure"), max_length=200)
    unit = models.CharField(_("unit"), max_length=40)
    weight = models.DecimalField(_("weight"), max_digits=6, decimal_places=2, default=1)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weight__gt=0),
                name="objective_weight_positive",
                violation_error_message=_("The weight is more than 0."),
                violation_error_code="weight",
            ),
            models.UniqueConstraint(
                fields=["alliance", "statement"],
                name="objective_once_in_alliance",
                violation_error_message=_("This alliance has an objective with this statement."),
                violation_error_code="statement",
            ),
        ]

    def __str__(self) -> str:
        return self.statement


@keep_history
class Plan(models.Model):
    """From which value to which, by when. A rebased objective gets a new plan; the old one stays.

    The plan in force on a day is the latest one agreed on or before it.
    """

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="plans")
    agreed_on = models.DateField(_("agreed on"))
    baseline = models.DecimalField(_("baseline"), max_digits=16, decimal_places=4)
    target = models.DecimalField(_("target"), max_digits=16, decimal_places=4)
    starts_on = models.DateField(_("start"))
    due_on = models.DateField(_("due"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        ordering = ["agreed_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["objective", "agreed_on"],
                name="plan_once_a_day",
                violation_error_message=_("This objective has a plan agreed on that day."),
                violation_error_code="agreed_on",
            ),
            models.CheckConstraint(
                condition=~Q(baseline=F("target")),
                name="plan_goes_somewhere",
                violation_error_message=_("The target differs from the baseline."),
                violation_error_code="target",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gt=F("starts_on")),
                name="plan_due_after_start",
                violation_error_message=_("The due day is after the start."),
                violation_error_code="due_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.baseline} to {self.target} by {self.due_on}"


@keep_history
class CheckIn(models.Model):
    """The measured value of an objective on a day."""

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="check_ins")
    on = models.DateField(_("day"))
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=4)
    note = models.CharField(_("note"), max_length=600, blank=True)
    recorded_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(
                fields=["objective", "on"],
                name="check_in_once_a_day",
                violation_error_message=_("This objective has a check-in on that day."),
                violation_error_code="on",
            )
        ]

    def __str__(self) -> str:
        return f"{self.value} on {self.on}"


@keep_history
class Confirmation(models.Model):
    """An organisation's word, on a day, that an objective is still what it wants."""

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="confirmations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    on = models.DateField(_("day"))

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(
                fields=["objective", "organisation", "on"],
                name="confirmation_once_a_day",
                violation_error_message=_("This organisation confirmed it on that day already."),
                violation_error_code="on",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} on {self.on}"
