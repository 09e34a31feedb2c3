"""People: which of them somebody may see, and the list."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Organisation, Person, Seat

ROWS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person in the list, with the seats he holds today where the reader may see them."""

    id: int
    name: str
    job_title: str
    function: str
    organisation_id: int
    organisation: str
    seats: tuple[str, ...]
    signs_in: bool


@dataclass(frozen=True, slots=True)
class PersonList:
    """One page of the list."""

    rows: tuple[PersonRow, ...]
    page: Page[Person]


def visible_people(user: User, on: date) -> QuerySet[Person]:
    """Return the people that a user may see; nothing is read yet.

    Args:
        user: an administrator sees all; others the people of their own organisation, and those
            who hold or held a seat in an alliance that they see.
        on: today.
    """
    people = Person.objects.select_related("organisation", "user")
    if user.is_staff:
        return people
    seats = Seat.objects.filter(alliance__in=Alliance.objects.visible_to(user, on))
    own = Person.objects.filter(user=user)
    return people.filter(
        Q(pk__in=seats.values("person")) | Q(organisation__in=own.values("organisation"))
    )


def people(
    user: User, on: date, sought: str, page: str | None, of: Organisation | None = None
) -> PersonList:
    """Return one page of the people that a user may see, by name; 3 queries.

    Args:
        user: who asks.
        on: today.
        sought: part of a name.
        page: the number of the page, as it stands in the address.
        of: only people of this organisation.
    """
    seats = (
        Seat.objects.held_on(on)
        .filter(alliance__in=Alliance.objects.visible_to(user, on))
        .select_related("alliance")
        .order_by("alliance__name")
    )
    found = visible_people(user, on).filter(name__icontains=sought)
    if of is not None:
        found = found.filter(organisation=of)
    shown = Paginator(found.prefetch_related(Prefetch("seats", seats)), ROWS_A_PAGE).get_page(page)
    return PersonList(rows=tuple(_row(person) for person in shown), page=shown)


def _row(person: Person) -> PersonRow:
    return PersonRow(
        id=person.pk,
        name=person.name,
        job_title=person.job_title,
        function=person.function,
        organisation_id=person.organisation_id,
        organisation=person.organisation.name,
        seats=tuple(
            _("%(alliance)s: %(role)s")
            % {"role": seat.get_role_display(), "alliance": seat.alliance.name}
            for seat in person.seats.all()
        ),
        signs_in=person.user_id is not None,
    )


def user_with_address(address: str) -> User | None:
    """Return who signs in with an e-mail address, in any case of its letters; 1 query."""
    return User.objects.filter(email__iexact=address).first()


def users_with_right(organisation: Organisation) -> QuerySet[User]:
    """Return those who may see all of an organisation's alliances; nothing is read yet."""
    return User.objects.filter(portfolio_rights__organisation=organisation)
