"""What the database refuses, said in words beside a field."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from alliance_health.alliances.models import CheckIn, Membership, Seat
from alliance_health.alliances.operations import checks, objectives, seats
from tests.factories.alliances import (
    Cast,
    CheckInFactory,
    ObjectiveFactory,
    OrganisationFactory,
    PersonFactory,
    SeatFactory,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_seat_of_a_person_of_another_organisation_is_refused_beside_the_person() -> None:
    seat = SeatFactory()
    seat.person = PersonFactory()

    with pytest.raises(ValidationError) as refusal:
        checks.save(seat)

    assert refusal.value.message_dict == {
        "person": ["This person belongs to another organisation."]
    }


def test_seat_of_no_member_is_refused_beside_the_person() -> None:
    person = PersonFactory()
    seat = Seat(
        alliance=SeatFactory().alliance,
        person=person,
        organisation=person.organisation,
        role="team",
        starts_on=date(2026, 1, 1),
    )

    with pytest.raises(ValidationError) as refusal:
        checks.save(seat)

    assert list(refusal.value.error_dict) == ["person"]


def test_person_with_a_seat_who_changes_organisation_is_refused_beside_it() -> None:
    person = SeatFactory().person
    person.organisation = OrganisationFactory()

    with pytest.raises(ValidationError) as refusal:
        checks.save(person)

    assert list(refusal.value.error_dict) == ["organisation"]


def test_row_that_is_there_already_is_refused_in_words() -> None:
    first = CheckInFactory()

    with pytest.raises(ValidationError, match="has a check-in on that day"):
        checks.save(CheckIn(objective=first.objective, on=first.on, value=50))

    assert CheckIn.objects.get() == first


def test_refusal_of_the_database_that_nobody_foresaw_is_not_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Membership, "full_clean", lambda _record, **_asked: None)

    with pytest.raises(IntegrityError):
        checks.save(Membership(alliance=SeatFactory().alliance, starts_on=date(2026, 1, 1)))


def test_day_is_read_in_the_current_time_zone() -> None:
    late_evening = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)

    with timezone.override("Europe/Berlin"):
        checks.day_has_come("on", date(2026, 7, 1), late_evening)
    with timezone.override("UTC"), pytest.raises(ValidationError, match="still to come"):
        checks.day_has_come("on", date(2026, 7, 1), late_evening)


def test_day_is_held_against_the_given_instant_not_the_clock() -> None:
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC)), pytest.raises(ValidationError):
        checks.day_has_come("on", date(2026, 7, 2), datetime(2026, 7, 1, tzinfo=UTC))


@pytest.mark.django_db(transaction=True)
def test_appointments_at_once_leave_one_holder_and_tell_the_others(cast: Cast) -> None:
    Seat.objects.filter(person=cast.arno.manager).delete()
    people = iter([PersonFactory(organisation=cast.arno.organisation) for _n in range(4)])

    given = at_once(
        lambda: seats.appoint(
            alliance=cast.alliance,
            person=next(people),
            role="manager",
            starts_on=date(2026, 6, 1),
            by=None,
            now=NOW,
        ),
        workers=4,
    )

    refused = [said for said in given if isinstance(said, Exception)]
    assert Seat.objects.filter(organisation=cast.arno.organisation, role="manager").count() == 1
    assert len(refused) == 3
    assert all("Somebody else holds this seat" in str(said) for said in refused)


@pytest.mark.django_db(transaction=True)
def test_check_ins_at_once_leave_one_value(cast: Cast) -> None:
    with transaction.atomic():
        objective = ObjectiveFactory(alliance=cast.alliance, owner=cast.arno.organisation)
    values = iter(range(4))

    given = at_once(
        lambda: objectives.check_in(
            objective=objective,
            on=date(2026, 6, 30),
            value=Decimal(next(values)),
            by=None,
            now=NOW,
        ),
        workers=4,
    )

    assert not [said for said in given if isinstance(said, Exception)]
    assert CheckIn.objects.count() == 1
