"""What stands in an alliance's way. The number is never held against it; the handling is."""

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.models.alliance import Alliance
from alliance_health.alliances.models.organisation import Organisation
from alliance_health.alliances.models.person import Person
from alliance_health.audit.models import keep_history


class Severity(models.IntegerChoices):
    """How much an obstacle holds up."""

    LOW = 1, _("low")
    MEDIUM = 2, _("medium")
    HIGH = 3, _("high")


@keep_history
class Obstacle(models.Model):
    """What stands in the way, to whom it was escalated, and when it was out of the way."""

    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, related_name="obstacles")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    title = models.CharField(_("title"), max_length=200)
    note = models.TextField(
        _("note"), max_length=2000, blank=True, validators=[MaxLengthValidator(2000)]
    )
    is_internal = models.BooleanField(_("note only for our own organisation"), default=False)
    severity = models.PositiveSmallIntegerField(
        _("severity"), choices=Severity.choices, default=Severity.MEDIUM
    )
    raised_on = models.DateField(_("raised on"))
    raised_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="raised_obstacles", null=True, blank=True
    )
    escalated_to = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="escalated_obstacles", null=True, blank=True
    )
    escalated_on = models.DateField(_("escalated on"), null=True, blank=True)
    resolved_on = models.DateField(_("resolved on"), null=True, blank=True)

    class Meta:
        ordering = ["resolved_on", "raised_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="obstacle_severity_is_known"
            ),
            models.CheckConstraint(
                condition=Q(escalated_to__isnull=True, escalated_on__isnull=True)
                | Q(escalated_to__isnull=False, escalated_on__isnull=False),
                name="obstacle_escalation_is_whole",
                violation_error_message=_("An escalation names both the sponsor and the day."),
            ),
            models.CheckConstraint(
                condition=Q(escalated_on__isnull=True) | Q(escalated_on__gte=F("raised_on")),
                name="obstacle_escalated_after_raised",
                violation_error_message=_("It was escalated before it was raised."),
                violation_error_code="escalated_on",
            ),
            models.CheckConstraint(
                condition=Q(resolved_on__isnull=True) | Q(resolved_on__gte=F("raised_on")),
                name="obstacle_resolved_after_raised",
                violation_error_message=_("It was resolved before it was raised."),
                violation_error_code="resolved_on",
            ),
        ]

    def __str__(self) -> str:
        return self.title
