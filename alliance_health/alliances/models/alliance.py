"""Alliances and their members."""

from datetime import date
from typing import Self

import pgtrigger
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from alliance_health.accounts.models import User
from alliance_health.alliances.models.organisation import Organisation
from alliance_health.alliances.models.periods import (
    DayRange,
    Period,
    Same,
    period_makes_sense,
    running_on,
)
from alliance_health.audit.models import keep_history


class Stage(models.TextChoices):
    """Where an alliance is in its life."""

    FORMING = "forming", _("forming")
    LAUNCHING = "launching", _("launching")
    OPERATING = "operating", _("operating")
    RENEWING = "renewing", _("renewing")
    CLOSING = "closing", _("closing")
    ENDED = "ended", _("ended")


class AllianceQuerySet(models.QuerySet["Alliance"]):
    """Alliances, and which of them somebody may see."""

    def visible_to(self, user: User | AnonymousUser, on: date) -> Self:
        """Keep the alliances that `user` may see on the day `on`: the first access check.

        An administrator sees all; a seat holder those of a seat held on that day; somebody with
        the portfolio right of an organisation those in which it is a member on that day.
        """
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        seated = Alliance.objects.filter(running_on(on, "seats__"), seats__person__user=user)
        of_portfolio = Membership.objects.filter(
            running_on(on), organisation__portfolio_rights__user=user
        )
        return self.filter(
            Q(pk__in=seated.values("pk")) | Q(pk__in=of_portfolio.values("alliance"))
        )

    def active(self) -> Self:
        """Keep the alliances that are not ended."""
        return self.exclude(stage=Stage.ENDED)


_NEEDS_TWO_MEMBERS = """
    IF EXISTS (SELECT 1 FROM alliances_alliance WHERE id = {alliance})
       AND (SELECT count(DISTINCT organisation_id) FROM alliances_membership
            WHERE alliance_id = {alliance}) < 2 THEN
        RAISE EXCEPTION 'An alliance needs two or more member organisations.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'alliance_has_two_members';
    END IF;
    RETURN NULL;
"""


@keep_history
class Alliance(Period):
    """A named collaboration of two or more organisations, with a purpose and a stage."""

    name = models.CharField(_("name"), max_length=200)
    purpose = models.TextField(_("purpose"), max_length=2000, validators=[MaxLengthValidator(2000)])
    stage = models.CharField(
        _("stage"), max_length=12, choices=Stage.choices, default=Stage.OPERATING
    )
    region = models.CharField(_("region"), max_length=80, blank=True)
    # The agreed cadence: what sponsors promised to do in a quarter.
    sponsor_meetings_per_quarter = models.PositiveSmallIntegerField(
        _("sponsor meetings a quarter"), default=1
    )
    advocacy_per_quarter = models.PositiveSmallIntegerField(
        _("acts of advocacy a quarter, each side"), default=1
    )
    organisations = models.ManyToManyField(
        Organisation, through="Membership", related_name="alliances"
    )

    objects = AllianceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="alliance_name_unique",
                violation_error_message=_("An alliance of this name is in the register."),
                violation_error_code="name",
            ),
            period_makes_sense("alliance_period_makes_sense"),
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="alliance_stage_is_known"
            ),
            models.CheckConstraint(
                condition=Q(sponsor_meetings_per_quarter__gte=1) & Q(advocacy_per_quarter__gte=1),
                name="alliance_cadence_positive",
                violation_error_message=_("The agreed cadence is one or more a quarter."),
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.ENDED) | Q(ends_on__isnull=False),
                name="alliance_ended_has_last_day",
                violation_error_message=_("An ended alliance needs its last day."),
                violation_error_code="ends_on",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="two_members_on_founding",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_NEEDS_TWO_MEMBERS.format(alliance="NEW.id"),
            )
        ]

    def __str__(self) -> str:
        return self.name


@keep_history
class Membership(Period):
    """An organisation's part in an alliance, from its first to its last day."""

    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            period_makes_sense("membership_period_makes_sense"),
            ExclusionConstraint(
                name="membership_once_at_a_time",
                expressions=[
                    (Same("alliance"), RangeOperators.OVERLAPS),
                    (Same("organisation"), RangeOperators.OVERLAPS),
                    (DayRange(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This organisation is a member in that period already."),
                violation_error_code="organisation",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="two_members_stay",
                when=pgtrigger.After,
                operation=pgtrigger.Delete | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                func=_NEEDS_TWO_MEMBERS.format(alliance="OLD.alliance_id"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} in {self.alliance}"
