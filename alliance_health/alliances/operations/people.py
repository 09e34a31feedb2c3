"""People of organisations, and who may see all of an organisation's alliances."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import Organisation, Person, PortfolioRight
from alliance_health.alliances.operations import checks


@transaction.atomic
def add_person(
    *,
    organisation: Organisation,
    name: str,
    email: str,
    job_title: str = "",
    function: str = "",
    user: User | None = None,
    by: User | None,
    now: datetime,
) -> Person:
    """Add somebody of an organisation; with `user` he sees his alliances when he signs in.

    Raises:
        PermissionDenied: `by` is no administrator.
        ValidationError: a name or an address is missing or malformed, or the address or the
            user is somebody else's.
    """
    permissions.require(permissions.why_cannot_keep_register(by))
    person = Person(
        organisation=organisation,
        name=name,
        email=email,
        job_title=job_title,
        function=function,
        user=user,
    )
    checks.save(person)
    return person


@transaction.atomic
def edit_person(
    *,
    person: Person,
    organisation: Organisation,
    name: str,
    email: str,
    job_title: str = "",
    function: str = "",
    user: User | None = None,
    by: User | None,
    now: datetime,
) -> Person:
    """Change what is said of somebody; without `user` he no longer signs in as this person.

    Somebody who has done something for an organisation stays in it: he is a new person in
    another one, else what he did would change sides and he would read another side's notes.

    Raises:
        PermissionDenied: `by` is no administrator.
        ValidationError: as in `add_person`, or the organisation changes under records.
    """
    permissions.require(permissions.why_cannot_keep_register(by))
    if organisation.pk != person.organisation_id and _has_records(person):
        raise ValidationError(
            {
                "organisation": _(
                    "%(person)s has seats or records for %(organisation)s and stays in it. Add a "
                    "new person for the other organisation."
                )
                % {"person": person, "organisation": person.organisation}
            }
        )
    person.organisation, person.name, person.email = organisation, name, email
    person.job_title, person.function, person.user = job_title, function, user
    checks.save(person)
    return person


def _has_records(person: Person) -> bool:
    return (
        person.seats.exists()
        or person.participations.exists()
        or person.actions.exists()
        or person.raised_obstacles.exists()
        or person.escalated_obstacles.exists()
    )


@transaction.atomic
def grant_portfolio(
    *,
    organisation: Organisation,
    user: User,
    by: User | None,
    now: datetime,
) -> PortfolioRight:
    """Let somebody see, and only see, every alliance of an organisation.

    Raises:
        PermissionDenied: `by` is no administrator.
        ValidationError: he has the right.
    """
    permissions.require(permissions.why_cannot_keep_register(by))
    right = PortfolioRight(organisation=organisation, user=user)
    checks.save(right)
    return right


@transaction.atomic
def revoke_portfolio(
    *,
    organisation: Organisation,
    user: User,
    by: User | None,
    now: datetime,
) -> None:
    """Take the right to see an organisation's alliances away; without the right nothing happens.

    Raises:
        PermissionDenied: `by` is no administrator.
    """
    permissions.require(permissions.why_cannot_keep_register(by))
    PortfolioRight.objects.filter(organisation=organisation, user=user).delete()
