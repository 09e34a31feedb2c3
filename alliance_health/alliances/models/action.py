"""What somebody promised to do."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.models.alliance import Alliance
from alliance_health.alliances.models.organisation import Organisation
from alliance_health.alliances.models.person import Person
from alliance_health.audit.models import keep_history


class ActionKind(models.TextChoices):
    """An action is agreed by the alliance; a commitment is one person's word to the other side."""

    ACTION = "action", _("action")
    COMMITMENT = "commitment", _("commitment")


@keep_history
class Action(models.Model):
    """Who does what by when; it may come from a finding it is to move."""

    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, related_name="actions")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="actions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(
        _("kind"), max_length=10, choices=ActionKind.choices, default=ActionKind.ACTION
    )
    title = models.CharField(_("what"), max_length=300)
    agreed_on = models.DateField(_("agreed on"))
    due_on = models.DateField(_("due"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    # A key of the rubric, by name: the register does not know the health check.
    dimension_key = models.SlugField(_("dimension it is to move"), max_length=60, blank=True)
    expected_points = models.PositiveSmallIntegerField(
        _("by how many points"), null=True, blank=True
    )

    class Meta:
        ordering = ["done_on", "due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ActionKind.values), name="action_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=models.F("agreed_on")),
                name="action_due_after_agreed",
                violation_error_message=_("The due day is before the day it was agreed."),
                violation_error_code="due_on",
            ),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | Q(done_on__gte=models.F("agreed_on")),
                name="action_done_after_agreed",
                violation_error_message=_("It was done before it was agreed."),
                violation_error_code="done_on",
            ),
            models.CheckConstraint(
                condition=Q(expected_points__isnull=True)
                | (Q(expected_points__range=(1, 100)) & ~Q(dimension_key="")),
                name="action_effect_names_dimension",
                violation_error_message=_(
                    "An expected effect names a dimension and is 1 to 100 points."
                ),
                violation_error_code="expected_points",
            ),
        ]

    def __str__(self) -> str:
        return self.title
