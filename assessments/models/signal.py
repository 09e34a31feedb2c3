"""Early warnings: raised by a rule, seen through by people."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.models import Alliance


class SignalKind(models.TextChoices):
    """The rules that raise signals; their limits stand in the rubric."""

    SPONSOR_SEAT_VACANT = "sponsor_seat_vacant", _("sponsor's seat vacant")
    SPONSOR_SILENCE = "sponsor_silence", _("no sponsor contact")
    ATTAINMENT_FALLING = "attainment_falling", _("objectives falling behind")
    OBSTACLE_OPEN = "obstacle_open", _("obstacle open too long")
    DECLINES_IN_A_ROW = "declines_in_a_row", _("declines in a row")
    GAP_NEWLY_CLEAR = "gap_newly_clear", _("new gap between organisations")
    LOW_RESPONSE = "low_response", _("few answers")


@pghistory.track()
class Signal(models.Model):
    """An early warning about an alliance, from the day its rule first held to the day it ended.

    `subject` tells what of the alliance it is about (`organisation:7`, `obstacle:3`,
    `pillar:sponsorship`, empty for the whole); `facts` are the numbers and names that its sentence
    is made of, as of the day they were last seen.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, related_name="signals")
    kind = models.CharField(_("kind"), max_length=40, choices=SignalKind.choices)
    subject = models.CharField(max_length=80, blank=True)
    facts = models.JSONField(default=dict)
    raised_on = models.DateField(_("raised on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    answer = models.CharField(_("what is done about it"), max_length=300, blank=True)

    class Meta:
        ordering = ["-raised_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "kind", "subject"],
                name="signal_once_at_a_time",
                condition=Q(ended_on__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=SignalKind.values), name="signal_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=models.F("raised_on")),
                name="signal_ends_after_it_was_raised",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.alliance}"
