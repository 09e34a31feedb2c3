"""Who may see which alliance: the first access check."""

from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Stage
from tests.factories.alliances import (
    AllianceFactory,
    Cast,
    MembershipFactory,
    PersonFactory,
    PortfolioRightFactory,
    SeatFactory,
    UserFactory,
    user_of,
)

TODAY = date(2026, 7, 1)


def _seen(user: User | AnonymousUser, on: date = TODAY) -> list[Alliance]:
    return list(Alliance.objects.visible_to(user, on))


def test_seat_holder_sees_the_alliance_once_and_no_other(cast: Cast) -> None:
    AllianceFactory(name="Delta")

    assert _seen(user_of(cast.arno.manager)) == [cast.alliance]


def test_administrator_sees_all_and_others_nothing(cast: Cast) -> None:
    delta = AllianceFactory(name="Delta")

    assert _seen(cast.administrator) == [cast.alliance, delta]
    assert _seen(cast.stranger) == []
    assert _seen(AnonymousUser()) == []


def test_seat_shows_the_alliance_from_its_first_to_its_last_day(cast: Cast) -> None:
    user = UserFactory()
    person = PersonFactory(organisation=cast.arno.organisation, user=user)
    SeatFactory(
        alliance=cast.alliance,
        person=person,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=1),
    )

    seen = [bool(_seen(user, TODAY + timedelta(days=n))) for n in (-1, 0, 1, 2)]

    assert seen == [False, True, True, False]


def test_portfolio_right_shows_the_alliances_in_which_the_organisation_is_a_member(
    cast: Cast,
) -> None:
    past = AllianceFactory(name="Past")
    MembershipFactory(
        alliance=past, organisation=cast.arno.organisation, ends_on=TODAY - timedelta(days=1)
    )

    assert _seen(cast.viewer) == [cast.alliance]


def test_seat_and_right_together_show_an_alliance_once(cast: Cast) -> None:
    PortfolioRightFactory(organisation=cast.arno.organisation, user=cast.arno.manager.user)
    PortfolioRightFactory(organisation=cast.brix.organisation, user=cast.arno.manager.user)

    assert _seen(user_of(cast.arno.manager)) == [cast.alliance]


def test_active_leaves_out_what_has_ended(cast: Cast) -> None:
    AllianceFactory(name="Ended", stage=Stage.ENDED, ends_on=TODAY)

    assert list(Alliance.objects.active()) == [cast.alliance]
