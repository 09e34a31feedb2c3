"""What operations check before they write, so that a refusal names the field it is about."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance_health.alliances.models import Alliance, Membership, Organisation, Person
from alliance_health.alliances.models.periods import running_on

# What triggers of the database refuse: the field it is about, and the sentence.
_TRIGGERS: dict[str, tuple[str, str | Promise]] = {
    "seat_holder_of_organisation": (
        "person",
        gettext_lazy("This person belongs to another organisation."),
    ),
    "seat_organisation_is_member": (
        "person",
        gettext_lazy("The organisation of this person is not a member of the alliance."),
    ),
    "person_with_seat_stays": (
        "organisation",
        gettext_lazy(
            "This person has held a seat for the organisation and stays in it. Add a new person "
            "for the other organisation."
        ),
    ),
    "alliance_has_two_members": (
        "members",
        gettext_lazy("An alliance needs two or more member organisations."),
    ),
}


def save(record: models.Model) -> None:
    """Check a record's fields and constraints, and save it.

    Raises:
        ValidationError: it is malformed, or breaks a constraint or a trigger's rule.
    """
    for field, value in vars(record).items():
        if isinstance(value, str) and "\x00" in value:
            raise ValidationError({field: _("Enter text without null characters.")})
    # The database checks keys and constraints anyway; only where it refuses is it asked which.
    keys = [field.name for field in record._meta.concrete_fields if field.is_relation]
    record.full_clean(exclude=keys, validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            record.save()
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        field, sentence = _TRIGGERS.get(getattr(diagnosis, "constraint_name", ""), ("", ""))
        if field:
            raise ValidationError({field: sentence}) from error
        record.full_clean()
        raise


def one_at_a_time(alliance: Alliance) -> None:
    """Let nobody else change an alliance's members or seats until this transaction ends; 1 query.

    Two that insert into the same exclusion constraint at once would wait for each other.
    """
    Alliance.objects.select_for_update(no_key=True).get(pk=alliance.pk)


def day_has_come(field: str, day: date, now: datetime) -> None:
    """Refuse a day that is still to come where `now` is.

    Raises:
        ValidationError: the day is in the future; under `field`.
    """
    if day > timezone.localdate(now):
        raise ValidationError(
            {field: _("This day is still to come. Enter today or an earlier day.")}
        )


def not_before(field: str, day: date, first: date, sentence: str | Promise) -> None:
    """Refuse a day before the first that makes sense.

    Args:
        field: where the refusal is shown.
        day: the day.
        first: the first that makes sense.
        sentence: what to say, with `%(day)s` where the first stands.

    Raises:
        ValidationError: the day is earlier; under `field`.
    """
    if day < first:
        raise ValidationError({field: str(sentence) % {"day": date_format(first, "j F Y")}})


def is_member(field: str, alliance: Alliance, organisation: Organisation, day: date) -> None:
    """Refuse an organisation that is not a member of the alliance on a day; 1 query.

    Raises:
        ValidationError: it is not; under `field`.
    """
    rows = Membership.objects.filter(running_on(day), alliance=alliance, organisation=organisation)
    if not rows.exists():
        raise ValidationError(
            {
                field: _("%(organisation)s is not a member of %(alliance)s on that day.")
                % {"organisation": organisation, "alliance": alliance}
            }
        )


def are_of_members(field: str, alliance: Alliance, people: Iterable[Person], day: date) -> None:
    """Refuse people whose organisation is not a member of the alliance on a day; 1 query.

    Raises:
        ValidationError: the first of them who is not of a member; under `field`.
    """
    members = set(
        Membership.objects.filter(running_on(day), alliance=alliance).values_list(
            "organisation", flat=True
        )
    )
    for person in people:
        if person.organisation_id not in members:
            raise ValidationError(
                {
                    field: _(
                        "%(person)s is not of an organisation that is a member of %(alliance)s on "
                        "that day."
                    )
                    % {"person": person, "alliance": alliance}
                }
            )
