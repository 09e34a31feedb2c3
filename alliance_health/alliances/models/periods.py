"""Periods of days: first day to last day, both included; no last day means still running.

The code of a constraint's error is the field it is about, so that a form shows it there.
"""

from datetime import date

from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

_WRONG_WAY_ROUND = _("The last day is before the first day.")


class Period(models.Model):
    """What runs from a first to a last day."""

    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Refuse a period the wrong way round, before a constraint makes a range of it."""
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _WRONG_WAY_ROUND})


class DayRange(Func):
    """The PostgreSQL range of the days from `starts_on` to `ends_on`, for exclusion constraints."""

    function = "daterange"
    output_field = DateRangeField()

    def __init__(self) -> None:
        super().__init__("starts_on", "ends_on", Value("[]"))


class Same(Func):
    """A key as the range that holds only it, so that "equal" can stand in an exclusion constraint.

    Ranges can be compared with && in a GiST index of plain PostgreSQL; comparing numbers with =
    there needs an extension that not every server has.
    """

    function = "int8range"
    output_field = BigIntegerRangeField()

    def __init__(self, key: str) -> None:
        super().__init__(key, key, Value("[]"))


def period_makes_sense(name: str) -> models.CheckConstraint:
    """Return the constraint that a period does not end before it starts."""
    return models.CheckConstraint(
        condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
        name=name,
        violation_error_message=_WRONG_WAY_ROUND,
        violation_error_code="ends_on",
    )


def running_on(day: date, through: str = "") -> Q:
    """Return the condition that a period runs on `day`.

    Args:
        day: the day.
        through: the relation that leads to the period, with its two underscores at the end.
    """
    return Q(**{f"{through}starts_on__lte": day}) & (
        Q(**{f"{through}ends_on__isnull": True}) | Q(**{f"{through}ends_on__gte": day})
    )
