"""An alliance's page of the register, for each of its readers; members; its history."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.alliances.models import Alliance, Membership
from alliance_health.alliances.queries import alliances as queries
from tests.alliance_health.alliances.conftest import NothingWritten
from tests.alliance_health.alliances.views.conftest import SignIn
from tests.factories.alliances import (
    ActionFactory,
    Cast,
    CheckInFactory,
    ConfirmationFactory,
    MembershipFactory,
    ObjectiveFactory,
    ObstacleFactory,
    OrganisationFactory,
    ParticipationFactory,
    PersonFactory,
    SeatFactory,
    TouchpointFactory,
    user_of,
)


def _page(client: Client, cast: Cast, **query: str) -> str:
    return client.get(
        reverse("alliances:alliance", args=[cast.alliance.pk]), query
    ).content.decode()


def _filled(cast: Cast, rows: int = 1) -> None:
    """Add so many of each record on the side of Arno."""
    own = {"alliance": cast.alliance, "organisation": cast.arno.organisation}
    for _number in range(rows):
        objective = ObjectiveFactory(alliance=cast.alliance, owner=cast.arno.organisation)
        CheckInFactory(objective=objective)
        ConfirmationFactory(objective=objective)
        touchpoint = TouchpointFactory(**own)
        ParticipationFactory(touchpoint=touchpoint, person=cast.arno.sponsor)
        for resolved_on in (None, date(2026, 6, 30)):
            ObstacleFactory(**own, resolved_on=resolved_on, raised_by=cast.arno.member)
        for done_on in (None, date(2026, 6, 30)):
            ActionFactory(alliance=cast.alliance, owner=cast.arno.member, done_on=done_on)
        MembershipFactory(alliance=cast.alliance)
        SeatFactory(
            alliance=cast.alliance, person=PersonFactory(organisation=cast.arno.organisation)
        )


def test_page_shows_facts_seats_and_records(cast: Cast, sign_in: SignIn) -> None:
    _filled(cast)

    page = _page(sign_in(user_of(cast.arno.manager)), cast)

    for words in (
        "To sell a joint offer.",
        "1 sponsor meeting a quarter, 1 act of advocacy a quarter by each side",
        "Arno Group",
        "Vacant",
        "0 → 100 offers",
        "45 offers",
        "behind plan",
        "Alba (Arno)",
        "open for 1 day",
        "resolved after 0 days",
        "due 30 Sep 2026",
        "done 30 Jun 2026",
    ):
        assert words in page
    assert f'href="{reverse("assessments:alliance", args=[cast.alliance.pk])}"' in page


def test_empty_page_says_what_will_stand_there(cast: Cast, sign_in: SignIn) -> None:
    page = _page(sign_in(user_of(cast.arno.manager)), cast)

    for words in ("Nothing is promised now.", "Nothing has been recorded.", "Nothing is open."):
        assert words in page


@pytest.mark.parametrize("what", ["touchpoint", "obstacle"])
def test_internal_note_reaches_its_own_organisation_and_nobody_else(
    what: str, cast: Cast, sign_in: SignIn
) -> None:
    make = TouchpointFactory if what == "touchpoint" else ObstacleFactory
    make(
        alliance=cast.alliance,
        organisation=cast.arno.organisation,
        note="Our floor price is 12.",
        is_internal=True,
    )
    readers = {
        "own manager": user_of(cast.arno.manager),
        "own team": user_of(cast.arno.member),
        "other manager": user_of(cast.brix.manager),
        "administrator": cast.administrator,
        "viewer": cast.viewer,
    }

    pages = {name: _page(sign_in(user), cast) for name, user in readers.items()}

    assert {name for name, page in pages.items() if "floor price" in page} == {
        "own manager",
        "own team",
    }
    assert {name for name, page in pages.items() if "only for our organisation" in page} == {
        "own manager",
        "own team",
    }
    # The record itself is there for everybody.
    assert all("30 Jun" in page for page in pages.values())


def test_open_note_is_there_for_both_sides_and_harmless(cast: Cast, sign_in: SignIn) -> None:
    ObstacleFactory(
        alliance=cast.alliance,
        organisation=cast.arno.organisation,
        title="<script>alert(1)</script>",
        note="See <b>papers</b>.",
    )

    page = _page(sign_in(user_of(cast.brix.manager)), cast)

    assert "See &lt;b&gt;papers&lt;/b&gt;." in page
    assert "<script>alert" not in page


SPONSORS_BUTTONS = ["new_touchpoint", "new_obstacle", "new_action"]
MANAGERS_BUTTONS = ["appoint", "new_objective", *SPONSORS_BUTTONS]
BUTTONS = ["edit_alliance", "history", "add_member", *MANAGERS_BUTTONS]


@pytest.mark.parametrize(
    ("reader", "buttons"),
    [
        ("administrator", BUTTONS),
        ("manager", MANAGERS_BUTTONS),
        ("sponsor", SPONSORS_BUTTONS),
        ("member", ["new_obstacle"]),
        ("viewer", []),
    ],
)
def test_reader_sees_the_buttons_of_what_he_may_do(
    reader: str, buttons: list[str], cast: Cast, sign_in: SignIn
) -> None:
    user = {
        "administrator": cast.administrator,
        "manager": user_of(cast.arno.manager),
        "sponsor": user_of(cast.arno.sponsor),
        "member": user_of(cast.arno.member),
        "viewer": cast.viewer,
    }[reader]

    page = _page(sign_in(user), cast)

    shown = [
        name
        for name in BUTTONS
        if f'href="{reverse(f"alliances:{name}", args=[cast.alliance.pk])}' in page
    ]
    assert shown == buttons


def test_long_past_is_shown_on_request(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LATEST", 2)
    for month in (1, 2, 3):
        TouchpointFactory(
            alliance=cast.alliance,
            organisation=cast.arno.organisation,
            on=date(2026, month, 15),
        )
    client = sign_in(user_of(cast.arno.manager))

    short, whole = _page(client, cast), _page(client, cast, all="")

    assert "15 January 2026" not in short
    assert "15 March 2026" in short
    assert "Show everything" in short
    assert "15 January 2026" in whole
    assert "Show everything" not in whole


@pytest.mark.parametrize("rows", [1, 3])
def test_page_takes_the_same_queries_for_1_and_3_rows(
    rows: int, cast: Cast, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _filled(cast, rows)
    client = sign_in(user_of(cast.arno.manager))

    with django_assert_num_queries(16):
        _page(client, cast)


# --- founding, editing, members -------------------------------------------------------------------
def test_alliance_is_founded_and_shown(cast: Cast, sign_in: SignIn) -> None:
    members = [cast.arno.organisation.pk, cast.brix.organisation.pk]

    answer = sign_in(cast.administrator).post(
        reverse("alliances:new_alliance"),
        {
            "name": "Delta",
            "purpose": "To share terminals.",
            "members": members,
            "starts_on": "2026-07-01",
            "stage": "forming",
            "sponsor_meetings_per_quarter": "2",
            "advocacy_per_quarter": "1",
        },
    )

    made = Alliance.objects.get(name="Delta")
    assert answer.headers["Location"] == reverse("alliances:alliance", args=[made.pk])
    assert set(made.memberships.values_list("organisation", flat=True)) == set(members)


def test_alliance_of_one_member_is_refused_with_all_that_is_missing(
    cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    administrator = sign_in(cast.administrator)
    address = reverse("alliances:new_alliance")

    with nothing_written():
        empty = administrator.post(address, {}).content.decode()
        lonely = administrator.post(
            address,
            {
                "name": "Delta",
                "purpose": "None.",
                "members": [cast.arno.organisation.pk],
                "starts_on": "2026-07-01",
                "stage": "forming",
                "sponsor_meetings_per_quarter": "1",
                "advocacy_per_quarter": "0",
            },
        ).content.decode()

    for words in (
        "Enter the name of the alliance.",
        "Enter what the alliance is for.",
        "Choose two or more member organisations.",
        "Enter the first day of the alliance.",
        "Choose the stage it is in.",
    ):
        assert words in empty
    assert "Enter a whole number from 1 to 100." in lonely


def test_edit_alliance_starts_from_what_is_there(cast: Cast, sign_in: SignIn) -> None:
    administrator = sign_in(cast.administrator)
    address = reverse("alliances:edit_alliance", args=[cast.alliance.pk])

    asked = administrator.get(address).content.decode()
    refused = administrator.post(
        address,
        {
            "name": "Cobalt",
            "purpose": "To sell.",
            "starts_on": "2024-01-01",
            "stage": "ended",
            "sponsor_meetings_per_quarter": "1",
            "advocacy_per_quarter": "1",
        },
    ).content.decode()

    assert 'value="2024-01-01"' in asked
    assert "An ended alliance needs its last day." in refused[refused.index("div_id_ends_on") :]


def test_member_joins_and_leaves(cast: Cast, sign_in: SignIn) -> None:
    cora = OrganisationFactory(name="Cora Logistics")
    administrator = sign_in(cast.administrator)

    administrator.post(
        reverse("alliances:add_member", args=[cast.alliance.pk]),
        {"organisation": cora.pk, "starts_on": "2026-01-01"},
    )
    joined = Membership.objects.get(organisation=cora)
    leave = reverse("alliances:end_membership", args=[joined.pk])
    asked = administrator.get(leave).content.decode()
    assert "Its seats end on the same day" in asked
    administrator.post(leave, {"ends_on": "2026-06-30"})

    joined.refresh_from_db()
    assert joined.ends_on == date(2026, 6, 30)


def test_one_of_two_members_cannot_leave(
    cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    membership = cast.alliance.memberships.all()[0]

    with nothing_written():
        page = (
            sign_in(cast.administrator)
            .post(
                reverse("alliances:end_membership", args=[membership.pk]),
                {"ends_on": "2026-06-30"},
            )
            .content.decode()
        )

    assert "Fewer than two members would be left" in page[page.index("div_id_ends_on") :]


# --- history ------------------------------------------------------------------------------------
def test_history_says_who_changed_what(cast: Cast, sign_in: SignIn) -> None:
    obstacle = ObstacleFactory(
        alliance=cast.alliance, organisation=cast.arno.organisation, title="Papers"
    )
    sign_in(user_of(cast.arno.manager)).post(
        reverse("alliances:edit_obstacle", args=[obstacle.pk]),
        {"title": "Papers", "severity": "3", "raised_on": "2026-06-30"},
    )

    page = (
        sign_in(cast.administrator)
        .get(reverse("alliances:history", args=[cast.alliance.pk]))
        .content.decode()
    )

    assert "Ana changed the obstacle “Papers”." in page
    assert "medium → high" in page


def test_history_of_another_alliance_is_not_mixed_in(cast: Cast, sign_in: SignIn) -> None:
    ObstacleFactory(title="Of another alliance")
    ObstacleFactory(
        alliance=cast.alliance, organisation=cast.arno.organisation, title="Of this one"
    )

    page = (
        sign_in(cast.administrator)
        .get(reverse("alliances:history", args=[cast.alliance.pk]))
        .content.decode()
    )

    assert "Of this one" in page
    assert "Of another alliance" not in page
