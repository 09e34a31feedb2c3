"""Periods of days: first day to last day, both included; no last day means still running."""

from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _


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
        violation_error_message=_("The last day is before the first day."),
    )
