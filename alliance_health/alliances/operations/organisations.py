"""Organisations: added, edited."""

from datetime import datetime

from django.db import transaction

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import Organisation
from alliance_health.alliances.operations import checks


@transaction.atomic
def add_organisation(
    *,
    name: str,
    short_name: str,
    country: str = "",
    sector: str = "",
    by: User | None,
    now: datetime,
) -> Organisation:
    """Add an organisation to the register.

    Raises:
        PermissionDenied: `by` is no administrator.
        ValidationError: a name is missing, too long or taken.
    """
    permissions.require(permissions.why_cannot_keep_register(by))
    organisation = Organisation(name=name, short_name=short_name, country=country, sector=sector)
    checks.save(organisation)
    return organisation


@transaction.atomic
def edit_organisation(
    *,
    organisation: Organisation,
    name: str,
    short_name: str,
    country: str = "",
    sector: str = "",
    by: User | None,
    now: datetime,
) -> Organisation:
    """Change what is said of an organisation.

    Raises:
        PermissionDenied: `by` is no administrator.
        ValidationError: a name is missing, too long or taken.
    """
    permissions.require(permissions.why_cannot_keep_register(by))
    organisation.name, organisation.short_name = name, short_name
    organisation.country, organisation.sector = country, sector
    checks.save(organisation)
    return organisation
