"""Obstacles as pages."""

from datetime import date

import pytest
from django.urls import reverse

from alliance_health.alliances.models import Obstacle
from tests.alliance_health.alliances.conftest import NothingWritten
from tests.alliance_health.alliances.views.conftest import SignIn
from tests.factories.alliances import Cast, ObstacleFactory, PersonFactory, user_of


@pytest.fixture
def obstacle(cast: Cast) -> Obstacle:
    made: Obstacle = ObstacleFactory(
        alliance=cast.alliance, organisation=cast.arno.organisation, raised_on=date(2026, 6, 1)
    )
    return made


def test_team_member_raises_an_obstacle(cast: Cast, sign_in: SignIn) -> None:
    sign_in(user_of(cast.arno.member)).post(
        reverse("alliances:new_obstacle", args=[cast.alliance.pk]),
        {
            "title": "Papers",
            "severity": "3",
            "raised_on": "2026-06-30",
            "note": "14 fields.",
            "organisation": cast.brix.organisation.pk,
        },
    )

    made = Obstacle.objects.get()
    assert (made.organisation, made.raised_by) == (cast.arno.organisation, cast.arno.member)
    assert (made.severity, made.note) == (3, "14 fields.")


def test_what_is_missing_is_said(
    cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    with nothing_written():
        page = (
            sign_in(user_of(cast.arno.member))
            .post(reverse("alliances:new_obstacle", args=[cast.alliance.pk]), {})
            .content.decode()
        )

    for words in (
        "Enter what stands in the way.",
        "Choose how much it holds up.",
        "Enter the day it was raised.",
    ):
        assert words in page


def test_obstacle_is_edited_escalated_resolved_and_reopened(
    cast: Cast, obstacle: Obstacle, sign_in: SignIn
) -> None:
    manager = sign_in(user_of(cast.arno.manager))

    def send(name: str, entered: dict[str, object]) -> None:
        answer = manager.post(reverse(f"alliances:{name}", args=[obstacle.pk]), entered)
        assert answer.status_code == 302, answer.content.decode()
        obstacle.refresh_from_db()

    send("edit_obstacle", {"title": "Papers", "severity": "1", "raised_on": "2026-06-02"})
    assert (obstacle.title, obstacle.severity) == ("Papers", 1)
    send("escalate_obstacle", {"to": cast.brix.sponsor.pk, "on": "2026-06-10"})
    assert (obstacle.escalated_to, obstacle.escalated_on) == (
        cast.brix.sponsor,
        date(2026, 6, 10),
    )
    send("resolve_obstacle", {"on": "2026-06-20"})
    assert obstacle.resolved_on == date(2026, 6, 20)
    send("reopen_obstacle", {})
    assert obstacle.resolved_on is None


@pytest.mark.parametrize(
    ("name", "entered", "said"),
    [
        ("escalate_obstacle", {"to": "outsider", "on": "2026-06-10"}, "Choose from the list."),
        ("escalate_obstacle", {"to": "", "on": "2026-06-10"}, "Choose the sponsor to ask."),
        ("escalate_obstacle", {"to": "sponsor", "on": "2026-05-01"}, "raised on 1 June 2026"),
        ("resolve_obstacle", {"on": "2026-05-01"}, "raised on 1 June 2026"),
        ("resolve_obstacle", {"on": "2026-07-02"}, "This day is still to come."),
        ("resolve_obstacle", {"on": ""}, "Enter the day it was out of the way."),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    name: str,
    entered: dict[str, str],
    said: str,
    cast: Cast,
    obstacle: Obstacle,
    sign_in: SignIn,
    nothing_written: NothingWritten,
) -> None:
    people = {"outsider": PersonFactory().pk, "sponsor": cast.brix.sponsor.pk}
    sent = {key: people.get(value, value) for key, value in entered.items()}

    with nothing_written():
        page = sign_in(user_of(cast.arno.manager)).post(
            reverse(f"alliances:{name}", args=[obstacle.pk]), sent
        )

    assert said in page.content.decode()


def test_looking_changes_nothing(
    cast: Cast, obstacle: Obstacle, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    manager = sign_in(user_of(cast.arno.manager))

    with nothing_written():
        for name in ("resolve_obstacle", "reopen_obstacle", "escalate_obstacle", "edit_obstacle"):
            assert manager.get(reverse(f"alliances:{name}", args=[obstacle.pk])).status_code == 200
