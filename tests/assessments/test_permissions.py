"""Who may do what, and the sentence for who may not."""

from collections.abc import Callable
from datetime import date

import pytest

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Role
from alliance_health.alliances.permissions import Standing
from assessments import permissions
from assessments.models import Cycle, Response
from tests.factories.assessments import (
    AssessmentFactory,
    CycleFactory,
    ResponseFactory,
    SignalFactory,
    person_of,
    seat_of,
)

pytestmark = pytest.mark.django_db

ONLY_ADMINISTRATORS = "Only an administrator of the site can do this. Ask one."


@pytest.fixture
def administrator() -> User:
    return User.objects.create_user("ada@example.com", name="Ada", is_staff=True)


@pytest.fixture
def stranger() -> User:
    return User.objects.create_user("sam@example.com", name="Sam")


def cycle(state: str) -> Cycle:
    made: Cycle = CycleFactory(name="2026 Q3", **({state: True} if state else {}))
    return made


def response(state: str = "opened", **row: object) -> Response:
    """A manager's response in a cycle of a state; he signs in as Ines."""
    assessment = AssessmentFactory(cycle=cycle(state))
    user = User.objects.create_user("ines@example.com", name="Ines")
    person = person_of(assessment.alliance.organisations.all()[0], user=user)
    seat_of(assessment.alliance, person)
    made: Response = ResponseFactory(
        assessment=assessment, person=person, organisation=person.organisation, **row
    )
    return made


def respondent(response: Response) -> User:
    assert response.person.user is not None
    return response.person.user


# --- cycles -----------------------------------------------------------------------------------


def test_drafting_is_for_administrators(administrator: User, stranger: User) -> None:
    assert permissions.why_cannot_draft_cycle(administrator) is None
    assert permissions.why_cannot_draft_cycle(stranger) == ONLY_ADMINISTRATORS


@pytest.mark.parametrize(
    ("state", "why_not_open", "why_not_close"),
    [
        ("", None, "2026 Q3 is not open."),
        ("opened", "2026 Q3 has been opened before.", None),
        ("closed", "2026 Q3 has been opened before.", "2026 Q3 is not open."),
    ],
)
def test_opening_and_closing_go_by_the_cycles_state(
    state: str, why_not_open: str | None, why_not_close: str | None, administrator: User
) -> None:
    made = cycle(state)

    assert permissions.why_cannot_open_cycle(administrator, made) == why_not_open
    assert permissions.why_cannot_close_cycle(administrator, made) == why_not_close


@pytest.mark.parametrize("state", ["", "opened", "closed"])
@pytest.mark.parametrize(
    "why_not", [permissions.why_cannot_open_cycle, permissions.why_cannot_close_cycle]
)
def test_opening_and_closing_are_for_administrators(
    why_not: Callable[[User, Cycle], str | None], state: str, stranger: User
) -> None:
    assert why_not(stranger, cycle(state)) == ONLY_ADMINISTRATORS


def test_seat_holder_is_no_administrator() -> None:
    made = response()

    for why_not in (permissions.why_cannot_open_cycle, permissions.why_cannot_close_cycle):
        assert why_not(respondent(made), made.assessment.cycle) == ONLY_ADMINISTRATORS


def test_superuser_without_staff_is_no_administrator() -> None:
    odd = User.objects.create_user("odd@example.com", name="Odd", is_superuser=True)

    assert permissions.why_cannot_draft_cycle(odd) == ONLY_ADMINISTRATORS


# --- personal links ---------------------------------------------------------------------------


def test_links_are_for_administrators_and_the_system(administrator: User, stranger: User) -> None:
    made = response()

    assert permissions.why_cannot_send_link(administrator, made) is None
    assert permissions.why_cannot_send_link(None, made) is None
    assert permissions.why_cannot_send_link(stranger, made) == ONLY_ADMINISTRATORS
    assert permissions.why_cannot_send_link(respondent(made), made) == ONLY_ADMINISTRATORS


# --- answering --------------------------------------------------------------------------------


def test_answering_is_for_the_respondent_or_who_holds_his_link(
    administrator: User, stranger: User
) -> None:
    made = response()

    assert permissions.why_cannot_answer(respondent(made), made) is None
    assert permissions.why_cannot_answer(None, made) is None
    for somebody in (administrator, stranger):
        assert permissions.why_cannot_answer(somebody, made) == (
            f"Only {made.person} can answer this questionnaire."
        )


def test_answering_for_who_cannot_sign_in_is_for_who_holds_the_link(stranger: User) -> None:
    made = response()
    made.person.user = None
    made.person.save()

    assert permissions.why_cannot_answer(None, made) is None
    assert permissions.why_cannot_answer(stranger, made) is not None


CLOSED = "2026 Q3 is closed: answers are not taken any more."


@pytest.mark.parametrize("state", ["", "closed"])
def test_nothing_is_taken_while_the_cycle_is_not_open(state: str, administrator: User) -> None:
    made = response(state)

    assert permissions.why_cannot_answer(respondent(made), made) == CLOSED
    assert permissions.why_cannot_answer(None, made) == CLOSED
    assert permissions.why_cannot_send_link(administrator, made) == CLOSED
    assert permissions.why_cannot_send_link(None, made) == CLOSED


@pytest.mark.parametrize(
    ("reached", "said"),
    [
        ("invited", None),
        ("started", None),
        ("submitted", "These answers were submitted."),
        ("declined", "This questionnaire was declined."),
        ("expired", CLOSED),
    ],
)
def test_nothing_is_taken_once_the_response_is_at_its_end(
    reached: str, said: str | None, administrator: User
) -> None:
    made = response(state="opened")
    made.state = reached

    assert permissions.why_cannot_answer(respondent(made), made) == said
    assert permissions.why_cannot_answer(None, made) == said
    assert permissions.why_cannot_send_link(administrator, made) == said


# --- jobs -------------------------------------------------------------------------------------


def test_jobs_are_for_administrators(administrator: User, stranger: User) -> None:
    for why in (permissions.why_cannot_see_jobs, permissions.why_cannot_retry_scorings):
        assert why(administrator) is None
        assert why(stranger) == ONLY_ADMINISTRATORS


# --- early warnings ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (Standing(is_system=True), True),
        (Standing(is_administrator=True), True),
        (Standing(role=Role.MANAGER), True),
        (Standing(role=Role.SPONSOR), True),
        (Standing(role=Role.TEAM), False),
        (Standing(), False),
        (Standing(is_administrator=True, role=Role.TEAM), True),
    ],
)
def test_warnings_are_answered_by_managers_and_sponsors(who: Standing, *, may: bool) -> None:
    why_not = permissions.why_cannot_acknowledge(who, SignalFactory())

    assert why_not == (
        None
        if may
        else "Warnings are answered by the alliance managers and executive sponsors of the "
        "alliance."
    )


def test_warning_that_has_ended_is_answered_by_nobody() -> None:
    ended = SignalFactory(ended_on=date(2026, 5, 1))

    for who in (Standing(is_system=True), Standing(role=Role.MANAGER)):
        assert permissions.why_cannot_acknowledge(who, ended) == (
            "This warning has ended, so there is nothing left to answer."
        )
