"""Organisations: which of them somebody may see, the list, and one of them."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Membership, Organisation, PortfolioRight
from alliance_health.alliances.models.periods import running_on
from alliance_health.alliances.queries import people

ROWS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One organisation in the list; the count is of the alliances that the reader may see."""

    id: int
    name: str
    short_name: str
    country: str
    sector: str
    alliances: int


@dataclass(frozen=True, slots=True)
class OrganisationList:
    """One page of the list."""

    rows: tuple[OrganisationRow, ...]
    page: Page[Organisation]


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """An organisation's part in an alliance."""

    alliance_id: int
    alliance: str
    stage: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class RightRow:
    """Somebody who may see all of an organisation's alliances."""

    user_id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """All of one organisation's page; the rights are for an administrator only."""

    id: int
    name: str
    short_name: str
    country: str
    sector: str
    memberships: tuple[MembershipRow, ...]
    people: people.PersonList
    rights: tuple[RightRow, ...]


def visible_organisations(user: User, on: date) -> QuerySet[Organisation]:
    """Return the organisations that a user may see; nothing is read yet.

    Args:
        user: an administrator sees all; others those that are or were members of the alliances
            that they see, and their own.
        on: today.
    """
    if user.is_staff:
        return Organisation.objects.all()
    members = Membership.objects.filter(alliance__in=Alliance.objects.visible_to(user, on))
    return Organisation.objects.filter(
        Q(pk__in=members.values("organisation"))
        | Q(people__user=user)
        | Q(portfolio_rights__user=user)
    ).distinct()


def organisations(user: User, on: date, sought: str, page: str | None) -> OrganisationList:
    """Return one page of the organisations that a user may see, by name; 3 queries.

    Args:
        user: who asks.
        on: today.
        sought: part of a name.
        page: the number of the page, as it stands in the address.
    """
    found = visible_organisations(user, on).filter(
        Q(name__icontains=sought) | Q(short_name__icontains=sought)
    )
    shown = Paginator(found, ROWS_A_PAGE).get_page(page)
    counts = dict(
        Membership.objects.filter(
            running_on(on),
            alliance__in=Alliance.objects.visible_to(user, on),
            organisation__in=[row.pk for row in shown],
        )
        .values_list("organisation")
        .annotate(Count("alliance", distinct=True))
    )
    return OrganisationList(
        rows=tuple(
            OrganisationRow(
                id=row.pk,
                name=row.name,
                short_name=row.short_name,
                country=row.country,
                sector=row.sector,
                alliances=counts.get(row.pk, 0),
            )
            for row in shown
        ),
        page=shown,
    )


def organisation(found: Organisation, user: User, on: date, page: str | None) -> OrganisationPage:
    """Return the page of an organisation that the caller took from `visible_organisations`.

    5 queries for an administrator, 4 for others; whatever the number of alliances and people.

    Args:
        found: the organisation.
        user: who reads; alliances and people outside his scope are left out.
        on: today.
        page: the number of the page of people, as it stands in the address.
    """
    memberships = (
        Membership.objects.filter(
            organisation=found, alliance__in=Alliance.objects.visible_to(user, on)
        )
        .select_related("alliance")
        .order_by("alliance__name", "-starts_on")
    )
    rights = PortfolioRight.objects.filter(organisation=found).select_related("user")
    return OrganisationPage(
        id=found.pk,
        name=found.name,
        short_name=found.short_name,
        country=found.country,
        sector=found.sector,
        memberships=tuple(
            MembershipRow(
                alliance_id=row.alliance_id,
                alliance=row.alliance.name,
                stage=row.alliance.get_stage_display(),
                starts_on=row.starts_on,
                ends_on=row.ends_on,
            )
            for row in memberships
        ),
        people=people.people(user, on, "", page, of=found),
        rights=tuple(
            RightRow(row.user_id, row.user.name, row.user.email)
            for row in (rights.order_by("user__name", "user__email") if user.is_staff else ())
        ),
    )
