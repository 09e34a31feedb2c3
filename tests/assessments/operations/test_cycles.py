"""A cycle's life: who is asked, what is frozen, what closing leaves due."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Membership, Seat
from assessments.models import (
    Assessment,
    Cycle,
    CycleState,
    Response,
    ResponseState,
    RubricVersion,
    ScoringJob,
    Side,
)
from assessments.operations import cycles
from assessments.operations.cycles import CycleRefused
from tests.factories.assessments import (
    CycleFactory,
    ResponseFactory,
    RubricVersionFactory,
    alliance_of,
    person_of,
    publish,
    seat_of,
    small_rubric,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 10, tzinfo=UTC)
TODAY, YESTERDAY, TOMORROW = date(2026, 9, 1), date(2026, 8, 31), date(2026, 9, 2)


@pytest.fixture
def administrator() -> User:
    return User.objects.create_user("ada@example.com", name="Ada", is_staff=True)


@pytest.fixture
def stranger() -> User:
    return User.objects.create_user("sam@example.com", name="Sam")


def staffed(name: str = "Cobalt", *members: str) -> Alliance:
    """An alliance with a manager on each side."""
    alliance = alliance_of(name, *(members or ("Arno", "Brix")))
    for organisation in alliance.organisations.order_by("name"):
        seat_of(alliance, person_of(organisation))
    return alliance


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Cycle, Assessment, Side, Response, ScoringJob))


def unchanged(cycle: Cycle) -> bool:
    """Whether a cycle's row is as this copy of it."""
    kept = Cycle.objects.filter(pk=cycle.pk).values().get()
    return all(getattr(cycle, name) == value for name, value in kept.items())


# --- drafting ---------------------------------------------------------------------------------


def draft(version: RubricVersion, by: User | None, **changed: Any) -> Cycle:
    told = {
        "name": "2026 Q3",
        "rubric_version": version,
        "question_set": "full",
        "starts_on": date(2026, 7, 1),
        "ends_on": date(2026, 9, 30),
        "opens_on": date(2026, 9, 1),
        "closes_on": date(2026, 9, 20),
    }
    return cycles.draft_cycle(**{**told, **changed}, by=by, now=NOW)


def test_draft_cycle_asks_nobody_yet(administrator: User) -> None:
    version = small_rubric()

    drafted = draft(version, administrator)

    kept = Cycle.objects.get()
    assert kept == drafted
    assert (kept.name, kept.rubric_version, kept.question_set) == ("2026 Q3", version, "full")
    assert (kept.starts_on, kept.ends_on) == (date(2026, 7, 1), date(2026, 9, 30))
    assert (kept.opens_on, kept.closes_on) == (date(2026, 9, 1), date(2026, 9, 20))
    assert (kept.state, kept.opened_at, kept.closed_at) == (CycleState.DRAFT, None, None)
    assert counts() == (1, 0, 0, 0, 0)


def test_draft_cycle_is_kept_in_the_history(administrator: User) -> None:
    drafted = draft(small_rubric(), administrator)

    events = Cycle.pgh_event_model.objects.filter(pgh_obj=drafted)  # type: ignore[attr-defined]
    assert list(events.values_list("name", "state")) == [("2026 Q3", "draft")]


def test_draft_cycle_by_the_system_needs_nobody() -> None:
    assert draft(small_rubric(), None).state == CycleState.DRAFT


def test_draft_cycle_is_refused_to_who_is_no_administrator(stranger: User) -> None:
    with pytest.raises(PermissionDenied, match="Only an administrator of the site can do this"):
        draft(small_rubric(), stranger)

    assert Cycle.objects.count() == 0


def test_draft_cycle_needs_a_published_rubric(administrator: User) -> None:
    with pytest.raises(CycleRefused, match="A cycle uses a published rubric"):
        draft(RubricVersionFactory(), administrator)

    assert Cycle.objects.count() == 0


def test_draft_cycle_needs_a_name_of_its_own(administrator: User) -> None:
    version = small_rubric()
    draft(version, administrator)

    with pytest.raises(CycleRefused, match="There is a cycle called 2026 Q3"):
        draft(version, administrator, starts_on=date(2026, 6, 1))

    assert Cycle.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_draft_cycle_of_one_name_at_once_is_drafted_once_and_refused_to_the_others() -> None:
    version = small_rubric()

    found = at_once(lambda: draft(version, None))

    assert sum(isinstance(one, Cycle) for one in found) == 1
    assert [str(one) for one in found if not isinstance(one, Cycle)] == [
        "There is a cycle called 2026 Q3. Choose another name."
    ] * 7
    assert {type(one) for one in found} == {Cycle, CycleRefused}
    assert Cycle.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ends_on": date(2026, 7, 1)}, "The last day of the quarter is after its first day"),
        ({"closes_on": date(2026, 8, 31)}, "The cycle closes on or after the day it opens"),
        ({"name": "Q" * 81}, "The name must be 80 characters or less"),
        ({"name": ""}, "This field cannot be blank"),
        ({"question_set": "all"}, "'all' is not a valid choice"),
    ],
)
def test_draft_cycle_that_makes_no_sense_is_refused(
    changed: dict[str, Any], said: str, administrator: User
) -> None:
    with pytest.raises(CycleRefused, match=said):
        draft(small_rubric(), administrator, **changed)

    assert Cycle.objects.count() == 0


def test_draft_cycle_of_a_rubric_that_names_no_role() -> None:
    version = publish(RubricVersionFactory(named_roles=[]))

    assert draft(version, None).named_roles == []


# --- opening ----------------------------------------------------------------------------------


def opened(*alliances: Alliance, by: User | None = None) -> Cycle:
    return cycles.open_cycle(cycle=CycleFactory(), alliances=alliances, by=by, now=NOW)


def test_open_cycle_asks_every_seat_holder_once(administrator: User) -> None:
    cobalt = alliance_of("Cobalt", "Brix", "Arno")
    holders = {
        organisation.short_name: {
            role: person_of(organisation) for role in ("manager", "sponsor", "team")
        }
        for organisation in cobalt.organisations.all()
    }
    for people in holders.values():
        for role, person in people.items():
            seat_of(cobalt, person, role)

    cycle = opened(cobalt, by=administrator)

    assert (cycle.state, cycle.opened_at, cycle.opened_by) == ("open", NOW, administrator)
    assessment = Assessment.objects.get()
    assert (assessment.cycle, assessment.alliance) == (cycle, cobalt)
    assert [(side.organisation.short_name, side.position) for side in Side.objects.all()] == [
        ("Arno", 0),
        ("Brix", 1),
    ]
    asked = set(
        Response.objects.values_list(
            "person", "organisation__short_name", "role", "is_protected", "state", "link_digest"
        )
    )
    assert asked == {
        (person.pk, organisation, role, role == "team", "invited", None)
        for organisation, people in holders.items()
        for role, person in people.items()
    }
    assert counts() == (1, 1, 2, 6, 0)


def test_open_cycle_asks_who_holds_a_seat_on_this_day() -> None:
    cobalt = staffed()
    arno = cobalt.organisations.get(short_name="Arno")
    periods: dict[str, tuple[date, date | None]] = {
        "past": (date(2025, 1, 1), YESTERDAY),
        "last day": (date(2025, 1, 1), TODAY),
        "first day": (TODAY, None),
        "to come": (TOMORROW, None),
    }
    for name, (first, last) in periods.items():
        person = person_of(arno)
        person.name = name
        person.save()
        seat = seat_of(cobalt, person, "team")
        Seat.objects.filter(pk=seat.pk).update(starts_on=first, ends_on=last)

    opened(cobalt)

    asked = Response.objects.filter(role="team").values_list("person__name", flat=True)
    assert sorted(asked) == ["first day", "last day"]


def test_open_cycle_asks_organisations_that_are_members_on_this_day() -> None:
    cobalt = staffed("Cobalt", "Arno", "Brix", "Cass", "Dorn")
    memberships = Membership.objects.filter(alliance=cobalt)
    memberships.filter(organisation__short_name="Cass").update(ends_on=YESTERDAY)
    memberships.filter(organisation__short_name="Dorn").update(ends_on=TODAY)

    opened(cobalt)

    assert [side.organisation.short_name for side in Side.objects.all()] == ["Arno", "Brix", "Dorn"]
    asked = Response.objects.values_list("organisation__short_name", flat=True)
    assert sorted(asked) == ["Arno", "Brix", "Dorn"]


def test_open_cycle_freezes_who_is_named_and_how_many_must_answer_in_confidence() -> None:
    cobalt = staffed()
    cycle = CycleFactory(named_roles=[], protected_minimum=9)

    cycles.open_cycle(cycle=cycle, alliances=[cobalt], by=None, now=NOW)

    kept = Cycle.objects.get()
    assert (kept.named_roles, kept.protected_minimum) == (["manager", "sponsor"], 5)
    assert set(Response.objects.values_list("is_protected", flat=True)) == {False}


def test_open_cycle_takes_an_alliance_once_that_is_chosen_twice() -> None:
    cobalt = staffed()

    opened(cobalt, cobalt)

    assert counts() == (1, 1, 2, 2, 0)


def test_open_cycle_with_several_alliances_keeps_them_apart() -> None:
    cobalt, delta = staffed("Cobalt"), staffed("Delta", "Brix", "Cass")

    opened(delta, cobalt)

    asked = Response.objects.order_by("assessment__alliance__name", "organisation__short_name")
    assert list(asked.values_list("assessment__alliance__name", "organisation__short_name")) == [
        ("Cobalt", "Arno"),
        ("Cobalt", "Brix"),
        ("Delta", "Brix"),
        ("Delta", "Cass"),
    ]


def _left_by_brix(alliance: Alliance) -> None:
    membership = Membership.objects.filter(alliance=alliance, organisation__short_name="Brix")
    membership.update(ends_on=YESTERDAY)


def _left_by_everybody(alliance: Alliance) -> None:
    Seat.objects.filter(alliance=alliance).update(ends_on=YESTERDAY)


def _held_for_who_left(alliance: Alliance) -> None:
    """Three members, and the only seat is one of an organisation that has left."""
    Seat.objects.filter(alliance=alliance).exclude(organisation__short_name="Brix").delete()
    _left_by_brix(alliance)


@pytest.mark.parametrize(
    ("members", "spoil", "said"),
    [
        (("Arno", "Brix"), _left_by_brix, "Delta has fewer than two member organisations today"),
        (("Arno", "Brix"), _left_by_everybody, "Nobody holds a seat in Delta today"),
        (("Arno", "Brix", "Cass"), _held_for_who_left, "Nobody holds a seat in Delta today"),
    ],
)
def test_open_cycle_is_refused_whole_if_one_alliance_cannot_be_asked(
    members: tuple[str, ...], spoil: Callable[[Alliance], None], said: str
) -> None:
    cobalt, delta = staffed("Cobalt"), staffed("Delta", *members)
    spoil(delta)
    cycle = CycleFactory()

    with pytest.raises(CycleRefused, match=said):
        cycles.open_cycle(cycle=cycle, alliances=[cobalt, delta], by=None, now=NOW)

    assert unchanged(cycle)
    assert counts() == (1, 0, 0, 0, 0)


def test_open_cycle_needs_an_alliance() -> None:
    cycle = CycleFactory()

    with pytest.raises(CycleRefused, match="Choose one or more alliances"):
        cycles.open_cycle(cycle=cycle, alliances=[], by=None, now=NOW)

    assert unchanged(cycle)


@pytest.mark.parametrize("trait", ["opened", "closed"])
def test_open_cycle_is_refused_to_one_that_was_opened_before(
    trait: str, administrator: User
) -> None:
    cobalt = staffed()
    cycle = CycleFactory(**{trait: True})

    with pytest.raises(CycleRefused, match="has been opened before"):
        cycles.open_cycle(cycle=cycle, alliances=[cobalt], by=None, now=NOW)
    with pytest.raises(PermissionDenied, match="has been opened before"):
        cycles.open_cycle(cycle=cycle, alliances=[cobalt], by=administrator, now=NOW)

    assert unchanged(cycle)
    assert counts() == (1, 0, 0, 0, 0)


def test_open_cycle_is_refused_to_who_is_no_administrator(stranger: User) -> None:
    cobalt = staffed()
    seat_of(cobalt, person_of(cobalt.organisations.all()[0], user=stranger), "team")
    cycle = CycleFactory()

    with pytest.raises(PermissionDenied, match="Only an administrator of the site can do this"):
        cycles.open_cycle(cycle=cycle, alliances=[cobalt], by=stranger, now=NOW)

    assert unchanged(cycle)
    assert counts() == (1, 0, 0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_open_cycle_at_once_from_many_sides_opens_it_once() -> None:
    cobalt, cycle = staffed(), CycleFactory()

    found = at_once(
        lambda: cycles.open_cycle(cycle=cycle, alliances=[cobalt], by=None, now=NOW), workers=4
    )

    assert sum(isinstance(one, Cycle) for one in found) == 1
    assert sum(isinstance(one, CycleRefused) for one in found) == 3
    assert counts() == (1, 1, 2, 2, 0)


# --- closing ----------------------------------------------------------------------------------


def closed(cycle: Cycle, by: User | None = None, now: datetime = NOW) -> Cycle:
    return cycles.close_cycle(cycle=cycle, by=by, now=now)


def test_close_cycle_expires_what_was_not_submitted(administrator: User) -> None:
    cycle = opened(staffed())
    assessment = cycle.assessments.get()
    for state in ("started", "declined"):
        ResponseFactory(assessment=assessment, state=state)
    ResponseFactory(assessment=assessment, state="submitted", submitted_on=TODAY)

    kept = closed(cycle, by=administrator)

    assert (kept.state, kept.closed_at, kept.closed_by) == ("closed", NOW, administrator)
    states = Response.objects.order_by("state").values_list("state", flat=True)
    assert list(states) == ["declined", "expired", "expired", "expired", "submitted"]


def test_close_cycle_leaves_the_responses_of_other_cycles() -> None:
    cycle, other = opened(staffed("Cobalt")), opened(staffed("Delta"))

    closed(cycle)

    states = Response.objects.filter(assessment__cycle=other).values_list("state", flat=True)
    assert set(states) == {ResponseState.INVITED}


def test_close_cycle_makes_a_scoring_of_each_assessment_due() -> None:
    cycle = opened(staffed("Cobalt"), staffed("Delta"))

    closed(cycle)

    assert [
        (job.assessment.alliance.name, job.as_of, job.reason, job.due_at, job.attempts, job.done_at)
        for job in ScoringJob.objects.order_by("assessment__alliance__name")
    ] == [
        ("Cobalt", TODAY, "close", NOW, 0, None),
        ("Delta", TODAY, "close", NOW, 0, None),
    ]


def test_close_cycle_goes_by_the_day_where_the_site_is() -> None:
    cycle = opened(staffed())

    with timezone.override("Pacific/Auckland"):
        closed(cycle, now=datetime(2026, 9, 1, 13, tzinfo=UTC))

    assert ScoringJob.objects.get().as_of == TOMORROW


def test_close_cycle_is_kept_in_the_history() -> None:
    cycle = closed(opened(staffed()))

    events = Cycle.pgh_event_model.objects.filter(pgh_obj=cycle)  # type: ignore[attr-defined]
    assert list(events.order_by("pgh_id").values_list("state", flat=True)) == [
        "draft",
        "open",
        "closed",
    ]


@pytest.mark.parametrize("trait", ["", "closed"])
def test_close_cycle_is_refused_to_one_that_is_not_open(trait: str, administrator: User) -> None:
    cycle = CycleFactory(**({trait: True} if trait else {}))

    with pytest.raises(CycleRefused, match="is not open"):
        closed(cycle)
    with pytest.raises(PermissionDenied, match="is not open"):
        closed(cycle, by=administrator)

    assert unchanged(cycle)
    assert ScoringJob.objects.count() == 0


def test_close_cycle_is_refused_to_who_is_no_administrator(stranger: User) -> None:
    cycle = opened(staffed())

    with pytest.raises(PermissionDenied, match="Only an administrator of the site can do this"):
        closed(cycle, by=stranger)

    assert unchanged(cycle)
    assert set(Response.objects.values_list("state", flat=True)) == {ResponseState.INVITED}
    assert ScoringJob.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_close_cycle_at_once_from_many_sides_closes_it_once() -> None:
    cycle = opened(staffed())

    found = at_once(lambda: closed(cycle), workers=4)

    assert sum(isinstance(one, Cycle) for one in found) == 1
    assert sum(isinstance(one, CycleRefused) for one in found) == 3
    assert ScoringJob.objects.count() == 1


# --- closing by the calendar ------------------------------------------------------------------


def test_close_due_closes_what_is_over() -> None:
    version = small_rubric()
    for closes_on in (YESTERDAY, TODAY, TOMORROW):
        for trait in ("", "opened", "closed"):
            CycleFactory(
                name=f"{trait or 'drafted'} until {closes_on}",
                rubric_version=version,
                opens_on=date(2026, 8, 1),
                closes_on=closes_on,
                **({trait: True} if trait else {}),
            )
    before = {cycle.name: cycle.state for cycle in Cycle.objects.all()}

    number = cycles.close_due(now=NOW)

    after = {cycle.name: cycle.state for cycle in Cycle.objects.all()}
    assert number == 1
    assert after == {**before, f"opened until {YESTERDAY}": "closed"}
    assert Cycle.objects.get(name=f"opened until {YESTERDAY}").closed_at == NOW


def test_close_due_waits_until_the_last_day_is_over_where_the_site_is() -> None:
    CycleFactory(opened=True, opens_on=TODAY, closes_on=TODAY)
    late_evening = datetime(2026, 9, 1, 23, 59, tzinfo=UTC)

    with timezone.override("America/New_York"):
        assert cycles.close_due(now=late_evening + timedelta(hours=4)) == 0
    assert cycles.close_due(now=late_evening) == 0
    assert cycles.close_due(now=late_evening + timedelta(minutes=1)) == 1
    assert cycles.close_due(now=late_evening + timedelta(minutes=2)) == 0


@pytest.mark.django_db(transaction=True)
def test_close_due_at_once_by_many_closes_each_once() -> None:
    for name in ("Cobalt", "Delta", "Echo"):
        opened(staffed(name))
    Cycle.objects.update(closes_on=TODAY)

    found = at_once(lambda: cycles.close_due(now=NOW + timedelta(days=30)))

    assert sum(one for one in found if isinstance(one, int)) == 3
    assert [one for one in found if isinstance(one, Exception)] == []
    assert ScoringJob.objects.count() == 3
    assert set(Cycle.objects.values_list("state", flat=True)) == {"closed"}


# --- opening by the calendar ------------------------------------------------------------------


def waits(**row: Any) -> Cycle:
    """A draft that opens by itself, today if nothing else is said."""
    days = {"opens_on": TODAY, "closes_on": date(2026, 9, 20)}
    made: Cycle = CycleFactory(**{"opens_itself": True, **days, **row})
    return made


def again(cycle: Cycle) -> Cycle:
    return Cycle.objects.get(pk=cycle.pk)


def written() -> int:
    """How often a cycle was written."""
    return Cycle.pgh_event_model.objects.count()  # type: ignore[attr-defined]


def test_open_due_asks_every_alliance_that_can_be_asked() -> None:
    staffed("Cobalt")
    staffed("Delta", "Arno", "Cass", "Dorn")
    _left_by_brix(staffed("Echo"))
    _left_by_everybody(staffed("Foxtrot"))
    _held_for_who_left(staffed("Golf", "Arno", "Brix", "Cass"))
    over = staffed("Hotel")
    Alliance.objects.filter(pk=over.pk).update(stage="ended", ends_on=YESTERDAY)
    cycle = waits()

    assert cycles.open_due(now=NOW) == 1

    kept = again(cycle)
    assert (kept.state, kept.opened_at, kept.opened_by) == ("open", NOW, None)
    assert kept.opening_problem == ""
    asked = Assessment.objects.order_by("alliance__name")
    assert list(asked.values_list("cycle", "alliance__name")) == [
        (cycle.pk, "Cobalt"),
        (cycle.pk, "Delta"),
    ]
    assert Response.objects.count() == 5


@pytest.mark.parametrize(
    ("row", "opens"),
    [
        ({"opens_on": YESTERDAY}, True),
        ({"opens_on": TODAY, "closes_on": TODAY}, True),
        ({"opens_on": TOMORROW}, False),
        ({"opens_itself": False}, False),
    ],
)
def test_open_due_opens_on_its_day_and_only_what_shall(row: dict[str, Any], opens: bool) -> None:
    staffed()
    cycle = waits(**row)

    assert cycles.open_due(now=NOW) == opens
    assert (again(cycle).state == "open") == opens
    assert again(cycle).opening_problem == ""


def test_open_due_goes_by_the_day_where_the_site_is() -> None:
    staffed()
    waits(opens_on=TOMORROW)
    evening = datetime(2026, 9, 1, 13, tzinfo=UTC)

    assert cycles.open_due(now=evening) == 0
    with timezone.override("Pacific/Auckland"):
        assert cycles.open_due(now=evening) == 1


def test_open_due_says_that_nobody_can_be_asked_once_and_opens_when_somebody_can() -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    cycle = waits()

    for second in range(0, 15, 5):
        assert cycles.open_due(now=NOW + timedelta(seconds=second)) == 0

    assert again(cycle).opening_problem.startswith("No alliance can be asked today: each has")
    assert written() == 2  # drafted, and the sentence
    seat_of(alliance, person_of(alliance.organisations.all()[0]))
    assert cycles.open_due(now=NOW + timedelta(days=2)) == 1
    assert (again(cycle).state, again(cycle).opening_problem) == ("open", "")


def test_open_due_opens_no_cycle_whose_last_day_is_over() -> None:
    staffed()
    cycle = waits(opens_on=date(2026, 8, 1), closes_on=YESTERDAY)

    assert [cycles.open_due(now=NOW) for _tick in range(3)] == [0, 0, 0]

    assert again(cycle).state == "draft"
    assert again(cycle).opening_problem == (
        "Its last day of answering, 31 August 2026, was over before it was opened, so nobody is "
        "asked. Draft a new cycle with later days."
    )
    assert written() == 2
    assert Assessment.objects.count() == 0


def test_open_due_keeps_a_fault_and_goes_on_to_the_next(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    staffed()
    first, second = waits(opens_on=YESTERDAY), waits()
    opening = cycles.open_cycle

    def fails(*, cycle: Cycle, **told: Any) -> Cycle:
        found = opening(cycle=cycle, **told)
        if cycle.pk == first.pk:
            raise ValueError("no luck")
        return found

    monkeypatch.setattr(cycles, "open_cycle", fails)

    assert [cycles.open_due(now=NOW) for _tick in range(3)] == [1, 0, 0]

    assert (again(first).state, again(second).state) == ("draft", "open")
    assert "because of a fault of the product: ValueError: no luck" in again(first).opening_problem
    assert set(Assessment.objects.values_list("cycle", flat=True)) == {second.pk}
    assert [one.levelname for one in caplog.records].count("ERROR") == 1


def test_open_due_with_the_clock_set_back_opens_nothing_twice() -> None:
    staffed()
    cycle = waits()
    cycles.open_due(now=NOW)
    kept, number = again(cycle), counts()

    for days in (0, 1, 30):
        assert cycles.open_due(now=NOW - timedelta(days=days)) == 0

    assert unchanged(kept)
    assert counts() == number


def test_open_due_after_a_jump_of_the_clock_opens_once_and_closes_once() -> None:
    staffed()
    cycle = waits(opens_on=date(2026, 8, 28), closes_on=date(2026, 9, 2))

    assert cycles.open_due(now=NOW) == 1
    for day in (7, 8):
        later = NOW + timedelta(days=day)
        assert cycles.open_due(now=later) == 0
        assert cycles.close_due(now=later) == (day == 7)

    assert again(cycle).state == "closed"
    assert ScoringJob.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_open_due_by_eight_beats_at_once_opens_each_once() -> None:
    staffed("Cobalt")
    staffed("Delta")
    for number in range(3):
        waits(name=f"Cycle of beat {number}")

    found = at_once(lambda: cycles.open_due(now=NOW))

    assert [one for one in found if isinstance(one, Exception)] == []
    assert sum(one for one in found if isinstance(one, int)) == 3
    assert counts() == (3, 6, 12, 12, 0)
    assert set(Cycle.objects.values_list("state", "opening_problem")) == {("open", "")}


@pytest.mark.django_db(transaction=True)
def test_open_due_while_somebody_opens_by_hand_opens_once() -> None:
    cobalt, cycle = staffed(), waits()
    by_hand = iter([True, False])

    def work() -> object:
        if next(by_hand):
            return cycles.open_cycle(cycle=cycle, alliances=[cobalt], by=None, now=NOW)
        return cycles.open_due(now=NOW)

    at_once(work, workers=2)

    assert again(cycle).state == "open"
    assert again(cycle).opening_problem == ""
    assert counts() == (1, 1, 2, 2, 0)


def test_open_cycle_by_hand_forgets_why_it_did_not_open_by_itself() -> None:
    cobalt = staffed()
    cycle = waits(opening_problem="No alliance can be asked today.")

    cycles.open_cycle(cycle=cycle, alliances=[cobalt], by=None, now=NOW)

    assert again(cycle).opening_problem == ""


# --- whether a draft opens by itself ----------------------------------------------------------


def test_draft_cycle_may_open_itself_and_does_not_unless_told() -> None:
    version = small_rubric()

    assert draft(version, None).opens_itself is False
    assert draft(version, None, name="2026 Q4", opens_itself=True).opens_itself is True


@pytest.mark.parametrize("chosen", [True, False])
def test_set_opens_itself_switches_and_forgets_the_problem(
    chosen: bool, administrator: User
) -> None:
    cycle = waits(opens_itself=not chosen, opening_problem="No alliance can be asked today.")

    cycles.set_opens_itself(cycle=cycle, opens_itself=chosen, by=administrator, now=NOW)
    cycles.set_opens_itself(cycle=cycle, opens_itself=chosen, by=administrator, now=NOW)

    assert (again(cycle).opens_itself, again(cycle).opening_problem) == (chosen, "")
    assert written() == 2  # the second changes nothing


def test_set_opens_itself_is_refused_to_strangers_and_after_opening(
    stranger: User, administrator: User
) -> None:
    cycle = waits()
    with pytest.raises(PermissionDenied, match="Only an administrator of the site can do this"):
        cycles.set_opens_itself(cycle=cycle, opens_itself=False, by=stranger, now=NOW)
    assert unchanged(cycle)
    opened = CycleFactory(opened=True, opens_itself=True)
    with pytest.raises(PermissionDenied, match="has been opened before"):
        cycles.set_opens_itself(cycle=opened, opens_itself=False, by=administrator, now=NOW)
    with pytest.raises(CycleRefused, match="has been opened before"):
        cycles.set_opens_itself(cycle=opened, opens_itself=False, by=None, now=NOW)
    assert unchanged(opened)
