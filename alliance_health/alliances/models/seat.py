"""Who does what in an alliance, for which organisation, from when to when."""

from datetime import date
from typing import Self

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.models.alliance import Alliance
from alliance_health.alliances.models.organisation import Organisation
from alliance_health.alliances.models.periods import (
    DayRange,
    Period,
    Same,
    period_makes_sense,
    running_on,
)
from alliance_health.alliances.models.person import Person
from alliance_health.audit.models import keep_history


class Role(models.TextChoices):
    """What a seat is for. Each organisation has the same roles."""

    MANAGER = "manager", _("alliance manager")
    SPONSOR = "sponsor", _("executive sponsor")
    TEAM = "team", _("team member")


SINGLE_HOLDER_ROLES = (Role.MANAGER, Role.SPONSOR)


def _one_holder_at_a_time(role: Role) -> ExclusionConstraint:
    """Return the constraint that two people never hold an organisation's seat on the same day."""
    return ExclusionConstraint(
        name=f"seat_one_{role.value}_at_a_time",
        expressions=[
            (Same("alliance"), RangeOperators.OVERLAPS),
            (Same("organisation"), RangeOperators.OVERLAPS),
            (DayRange(), RangeOperators.OVERLAPS),
        ],
        condition=Q(role=role),
        violation_error_message=_(
            "Somebody else holds this seat in that period. End that seat first."
        ),
        violation_error_code="starts_on",
    )


class Level(models.IntegerChoices):
    """A sponsor's level, in steps from the top; a pair should be close."""

    BOARD = 1, _("board")
    C_LEVEL = 2, _("C-level")
    SENIOR_VP = 3, _("executive or senior VP")
    VP = 4, _("VP")
    DIRECTOR = 5, _("director")
    MANAGER = 6, _("manager")


class SeatQuerySet(models.QuerySet["Seat"]):
    """Seats by the day one asks about."""

    def held_on(self, day: date) -> Self:
        """Keep the seats that somebody holds on `day`."""
        return self.filter(running_on(day))


@keep_history
class Seat(Period):
    """A person's role in an alliance for an organisation, from its first to its last day."""

    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, related_name="seats")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="seats")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="seats")
    role = models.CharField(_("role"), max_length=8, choices=Role.choices)
    level = models.PositiveSmallIntegerField(
        _("level"), choices=Level.choices, null=True, blank=True
    )

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            period_makes_sense("seat_period_makes_sense"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="seat_role_is_known"),
            models.CheckConstraint(
                # Without the "not null" an unknown level would pass: a check refuses only false.
                condition=Q(role=Role.SPONSOR, level__isnull=False, level__in=Level.values)
                | (~Q(role=Role.SPONSOR) & Q(level__isnull=True)),
                name="seat_level_for_sponsors",
                violation_error_message=_(
                    "A sponsor's seat has a level; seats of other roles have none."
                ),
                violation_error_code="level",
            ),
            *(_one_holder_at_a_time(role) for role in SINGLE_HOLDER_ROLES),
            ExclusionConstraint(
                name="seat_once_for_a_person",
                expressions=[
                    (Same("alliance"), RangeOperators.OVERLAPS),
                    (Same("person"), RangeOperators.OVERLAPS),
                    (DayRange(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This person holds a seat in that period already."),
                violation_error_code="person",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="holder_belongs_to_member",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (SELECT 1 FROM alliances_person
                                   WHERE id = NEW.person_id
                                     AND organisation_id = NEW.organisation_id) THEN
                        RAISE EXCEPTION 'The holder of a seat belongs to its organisation.'
                            USING ERRCODE = 'check_violation',
                                  CONSTRAINT = 'seat_holder_of_organisation';
                    END IF;
                    IF NOT EXISTS (SELECT 1 FROM alliances_membership
                                   WHERE alliance_id = NEW.alliance_id
                                     AND organisation_id = NEW.organisation_id) THEN
                        RAISE EXCEPTION 'The organisation of a seat is a member of the alliance.'
                            USING ERRCODE = 'check_violation',
                                  CONSTRAINT = 'seat_organisation_is_member';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()} of {self.alliance}"
