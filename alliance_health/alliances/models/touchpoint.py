"""What sponsors did for an alliance."""

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.models.alliance import Alliance
from alliance_health.alliances.models.organisation import Organisation
from alliance_health.alliances.models.person import Person
from alliance_health.audit.models import keep_history


class TouchpointKind(models.TextChoices):
    """The three things a sponsor does that can be counted."""

    MEETING = "meeting", _("sponsor meeting")
    ADVOCACY = "advocacy", _("advocacy")
    GUIDANCE = "guidance", _("guidance")


@keep_history
class Touchpoint(models.Model):
    """Something a sponsor did: met the counterpart, advocated, or gave guidance."""

    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, related_name="touchpoints")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=TouchpointKind.choices)
    on = models.DateField(_("day"))
    stakeholder = models.CharField(_("to which stakeholder"), max_length=200, blank=True)
    note = models.TextField(
        _("note"), max_length=2000, blank=True, validators=[MaxLengthValidator(2000)]
    )
    is_internal = models.BooleanField(_("note only for our own organisation"), default=False)
    participants = models.ManyToManyField(
        Person, through="Participation", related_name="touchpoints"
    )

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=TouchpointKind.values), name="touchpoint_kind_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind=TouchpointKind.ADVOCACY) | ~Q(stakeholder=""),
                name="touchpoint_advocacy_has_stakeholder",
                violation_error_message=_("Advocacy names the stakeholder it was made to."),
                violation_error_code="stakeholder",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.on}"


@keep_history
class Participation(models.Model):
    """Somebody who took part in a touchpoint, for an organisation."""

    touchpoint = models.ForeignKey(
        Touchpoint, on_delete=models.CASCADE, related_name="participations"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["touchpoint", "person"],
                name="participation_once",
                violation_error_message=_("This person takes part already."),
                violation_error_code="participants",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.touchpoint}"
