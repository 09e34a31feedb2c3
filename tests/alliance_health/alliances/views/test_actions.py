"""Actions and commitments as pages."""

from datetime import date

import pytest
from django.urls import reverse

from alliance_health.alliances.models import Action
from tests.alliance_health.alliances.conftest import NothingWritten
from tests.alliance_health.alliances.views.conftest import SignIn
from tests.factories.alliances import ActionFactory, Cast, user_of


def _new(cast: Cast) -> str:
    return reverse("alliances:new_action", args=[cast.alliance.pk])


def _entered(cast: Cast, **changed: object) -> dict[str, object]:
    return {
        "kind": "commitment",
        "title": "Call the operator",
        "owner": cast.arno.sponsor.pk,
        "agreed_on": "2026-06-30",
        "due_on": "2026-07-31",
        **changed,
    }


def test_sponsor_commits_himself(cast: Cast, sign_in: SignIn) -> None:
    sponsor = sign_in(user_of(cast.arno.sponsor))

    asked = sponsor.get(_new(cast)).content.decode()
    sponsor.post(_new(cast), _entered(cast))

    assert f'<option value="{cast.arno.sponsor.pk}" selected>' in asked
    made = Action.objects.get()
    assert (made.owner, made.kind, made.due_on) == (
        cast.arno.sponsor,
        "commitment",
        date(2026, 7, 31),
    )


def test_owner_of_the_other_side_is_not_on_offer(
    cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    with nothing_written():
        page = sign_in(user_of(cast.arno.sponsor)).post(
            _new(cast), _entered(cast, owner=cast.brix.sponsor.pk)
        )

    assert "Choose from the list." in page.content.decode()


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"title": ""}, "title", "Enter what is to be done."),
        ({"owner": ""}, "owner", "Choose who does it."),
        ({"due_on": "2026-06-29"}, "due_on", "The due day is before the day it was agreed."),
        ({"agreed_on": "2026-07-02"}, "agreed_on", "This day is still to come."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    changed: dict[str, object],
    field: str,
    said: str,
    cast: Cast,
    sign_in: SignIn,
    nothing_written: NothingWritten,
) -> None:
    with nothing_written():
        page = (
            sign_in(user_of(cast.arno.sponsor))
            .post(_new(cast), _entered(cast, **changed))
            .content.decode()
        )

    assert said in page[page.index(f'id="div_id_{field}"') :]


def test_edit_keeps_the_effect_it_is_to_have(cast: Cast, sign_in: SignIn) -> None:
    action = ActionFactory(
        alliance=cast.alliance,
        owner=cast.arno.sponsor,
        dimension_key="delivery",
        expected_points=5,
    )

    sign_in(user_of(cast.arno.manager)).post(
        reverse("alliances:edit_action", args=[action.pk]), _entered(cast, title="Call twice")
    )

    action.refresh_from_db()
    assert (action.title, action.dimension_key, action.expected_points) == (
        "Call twice",
        "delivery",
        5,
    )


def test_team_member_marks_his_own_action_and_takes_it_back(cast: Cast, sign_in: SignIn) -> None:
    action = ActionFactory(alliance=cast.alliance, owner=cast.arno.member)
    member = sign_in(user_of(cast.arno.member))

    member.post(reverse("alliances:mark_done", args=[action.pk]), {"on": "2026-07-01"})
    action.refresh_from_db()
    assert action.done_on == date(2026, 7, 1)
    member.get(reverse("alliances:undo_done", args=[action.pk]))
    action.refresh_from_db()
    assert action.done_on == date(2026, 7, 1)
    member.post(reverse("alliances:undo_done", args=[action.pk]))

    action.refresh_from_db()
    assert action.done_on is None


def test_lists_say_what_is_overdue_late_and_in_time(cast: Cast, sign_in: SignIn) -> None:
    common = {"alliance": cast.alliance, "owner": cast.arno.member, "agreed_on": date(2026, 1, 1)}
    ActionFactory(**common, title="Open", due_on=date(2026, 7, 1))
    ActionFactory(**common, title="Overdue", due_on=date(2026, 6, 30))
    ActionFactory(**common, due_on=date(2026, 6, 1), done_on=date(2026, 6, 2))

    page = (
        sign_in(user_of(cast.arno.manager))
        .get(reverse("alliances:alliance", args=[cast.alliance.pk]))
        .content.decode()
    )

    section = page[page.index('id="actions"') :]
    assert section.index("Overdue") < section.index("Open")
    assert section.count(">overdue</span>") == 1
    assert "done late" in section
