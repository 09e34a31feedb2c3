"""Rows of the register, one factory a model, and the cast of an alliance made of them."""

from dataclasses import dataclass
from datetime import date

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from alliance_health.accounts.models import User
from alliance_health.alliances.models import (
    Action,
    Alliance,
    CheckIn,
    Confirmation,
    Membership,
    Objective,
    Obstacle,
    Organisation,
    Participation,
    Person,
    Plan,
    PortfolioRight,
    Role,
    Seat,
    Touchpoint,
)

FIRST_DAY = date(2024, 1, 1)


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"User {n}")
    email = factory.Sequence(lambda n: f"user{n}@example.com")


class OrganisationFactory(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")
    short_name = factory.Sequence(lambda n: f"Org {n}")


class PortfolioRightFactory(DjangoModelFactory[PortfolioRight]):
    class Meta:
        model = PortfolioRight

    organisation = factory.SubFactory(OrganisationFactory)
    user = factory.SubFactory(UserFactory)


class PersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.com")


class AllianceFactory(DjangoModelFactory[Alliance]):
    """An alliance with two members, or with those that `members` lists."""

    class Meta:
        model = Alliance
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Alliance {n}")
    purpose = "To sell a joint offer."
    starts_on = FIRST_DAY

    @factory.post_generation
    def members(self, create: bool, extracted: list[Organisation] | None) -> None:  # noqa: ARG002
        for organisation in extracted or OrganisationFactory.create_batch(2):
            MembershipFactory(alliance=self, organisation=organisation)


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    alliance = factory.SubFactory(AllianceFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    starts_on = factory.SelfAttribute("alliance.starts_on")


class SeatFactory(DjangoModelFactory[Seat]):
    """A seat for the person's organisation, which is or becomes a member."""

    class Meta:
        model = Seat

    alliance = factory.SubFactory(AllianceFactory)
    person = factory.LazyAttribute(
        lambda row: PersonFactory(organisation=row.alliance.organisations.first())
    )
    organisation = factory.SelfAttribute("person.organisation")
    role = Role.TEAM
    level = factory.LazyAttribute(lambda row: 2 if row.role == Role.SPONSOR else None)
    starts_on = factory.SelfAttribute("alliance.starts_on")


class ObjectiveFactory(DjangoModelFactory[Objective]):
    """An objective with a plan from 0 to 100 over the year 2026."""

    class Meta:
        model = Objective
        skip_postgeneration_save = True

    alliance = factory.SubFactory(AllianceFactory)
    owner = factory.LazyAttribute(lambda row: row.alliance.organisations.first())
    statement = factory.Sequence(lambda n: f"Objective {n}")
    measure = "Signed offers"
    unit = "offers"
    plan = factory.RelatedFactory(
        "tests.factories.alliances.PlanFactory", factory_related_name="objective"
    )


class PlanFactory(DjangoModelFactory[Plan]):
    class Meta:
        model = Plan

    objective = factory.SubFactory(ObjectiveFactory, plan=None)
    agreed_on = date(2026, 1, 1)
    baseline = 0
    target = 100
    starts_on = date(2026, 1, 1)
    due_on = date(2026, 12, 31)


class CheckInFactory(DjangoModelFactory[CheckIn]):
    class Meta:
        model = CheckIn

    objective = factory.SubFactory(ObjectiveFactory)
    on = date(2026, 6, 30)
    value = 45


class ConfirmationFactory(DjangoModelFactory[Confirmation]):
    class Meta:
        model = Confirmation

    objective = factory.SubFactory(ObjectiveFactory)
    organisation = factory.SelfAttribute("objective.owner")
    on = date(2026, 6, 30)


class TouchpointFactory(DjangoModelFactory[Touchpoint]):
    class Meta:
        model = Touchpoint

    alliance = factory.SubFactory(AllianceFactory)
    organisation = factory.LazyAttribute(lambda row: row.alliance.organisations.first())
    kind = "meeting"
    on = date(2026, 6, 30)


class ParticipationFactory(DjangoModelFactory[Participation]):
    class Meta:
        model = Participation

    touchpoint = factory.SubFactory(TouchpointFactory)
    organisation = factory.SelfAttribute("touchpoint.organisation")
    person = factory.LazyAttribute(lambda row: PersonFactory(organisation=row.organisation))


class ObstacleFactory(DjangoModelFactory[Obstacle]):
    class Meta:
        model = Obstacle

    alliance = factory.SubFactory(AllianceFactory)
    organisation = factory.LazyAttribute(lambda row: row.alliance.organisations.first())
    title = factory.Sequence(lambda n: f"Obstacle {n}")
    raised_on = date(2026, 6, 30)


class ActionFactory(DjangoModelFactory[Action]):
    class Meta:
        model = Action

    alliance = factory.SubFactory(AllianceFactory)
    owner = factory.LazyAttribute(
        lambda row: PersonFactory(organisation=row.alliance.organisations.first())
    )
    organisation = factory.SelfAttribute("owner.organisation")
    title = factory.Sequence(lambda n: f"Action {n}")
    agreed_on = date(2026, 6, 30)
    due_on = date(2026, 9, 30)


@dataclass(frozen=True, slots=True)
class Side:
    """An organisation's people in an alliance, each of whom can sign in."""

    organisation: Organisation
    manager: Person
    sponsor: Person
    member: Person


@dataclass(frozen=True, slots=True)
class Cast:
    """An alliance with two sides, and those who look from outside."""

    alliance: Alliance
    arno: Side
    brix: Side
    administrator: User
    viewer: User
    stranger: User


def user_of(person: Person) -> User:
    """Who signs in as a person."""
    assert person.user is not None
    return person.user


def seated(alliance: Alliance, organisation: Organisation, role: Role, name: str) -> Person:
    """Somebody who signs in and holds a seat from the alliance's first day."""
    user = UserFactory(name=name, email=f"{name.lower()}@example.com")
    person = PersonFactory(organisation=organisation, name=name, email=user.email, user=user)
    SeatFactory(alliance=alliance, person=person, role=role)
    return person


def side(alliance: Alliance, organisation: Organisation, names: tuple[str, str, str]) -> Side:
    """A side with all its seats taken."""
    manager, sponsor, member = names
    return Side(
        organisation=organisation,
        manager=seated(alliance, organisation, Role.MANAGER, manager),
        sponsor=seated(alliance, organisation, Role.SPONSOR, sponsor),
        member=seated(alliance, organisation, Role.TEAM, member),
    )


@transaction.atomic  # the rule of two members is checked at the end
def cast() -> Cast:
    """The alliance Cobalt of Arno and Brix; somebody who may look; a stranger who may not."""
    arno = OrganisationFactory(name="Arno Group", short_name="Arno")
    brix = OrganisationFactory(name="Brix Group", short_name="Brix")
    cobalt = AllianceFactory(name="Cobalt", members=[arno, brix])
    viewer = UserFactory(name="Vera", email="vera@example.com")
    PortfolioRightFactory(organisation=arno, user=viewer)
    return Cast(
        alliance=cobalt,
        arno=side(cobalt, arno, ("Ana", "Alba", "Abel")),
        brix=side(cobalt, brix, ("Bea", "Boris", "Bram")),
        administrator=UserFactory(name="Ada", email="ada@example.com", is_staff=True),
        viewer=viewer,
        stranger=UserFactory(name="Sam", email="sam@example.com"),
    )
