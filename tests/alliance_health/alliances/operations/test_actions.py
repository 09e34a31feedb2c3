from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Action
from alliance_health.alliances.operations import actions
from tests.alliance_health.alliances.conftest import History, NothingWritten
from tests.factories.alliances import ActionFactory, Cast, PersonFactory, user_of

TODAY = date(2026, 7, 1)
TOMORROW = TODAY + timedelta(days=1)
AGREED = date(2026, 6, 10)
DUE = date(2026, 8, 1)


@pytest.fixture
def sponsor(cast: Cast) -> User:
    return user_of(cast.arno.sponsor)


@pytest.fixture
def action(cast: Cast) -> Action:
    """Something the team member of Arno has promised to do."""
    made: Action = ActionFactory(
        alliance=cast.alliance, owner=cast.arno.member, agreed_on=AGREED, due_on=DUE
    )
    return made


def _agreed(cast: Cast, by: User | None, now: datetime, **changed: object) -> Action:
    values: dict[str, object] = {
        "owner": cast.arno.member,
        "title": "Write the offer",
        "agreed_on": AGREED,
        "due_on": DUE,
        **changed,
    }
    return actions.agree(alliance=cast.alliance, by=by, now=now, **values)  # type: ignore[arg-type]


def test_agree_writes_who_does_what_by_when(
    cast: Cast, sponsor: User, now: datetime, history: History
) -> None:
    made = _agreed(
        cast, sponsor, now, kind="commitment", dimension_key="delivery", expected_points=5
    )

    kept = Action.objects.get()
    assert (kept, kept.owner, kept.organisation) == (
        made,
        cast.arno.member,
        cast.arno.organisation,
    )
    assert (kept.kind, kept.dimension_key, kept.expected_points) == ("commitment", "delivery", 5)
    assert history(made) == ["insert"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"agreed_on": TOMORROW}, "agreed_on"),
        ({"due_on": date(2026, 6, 9)}, "__all__"),
        ({"title": ""}, "title"),
        ({"kind": "wish"}, "kind"),
        ({"expected_points": 5}, "__all__"),
        ({"dimension_key": "no key!"}, "dimension_key"),
    ],
)
def test_malformed_action_is_refused(
    changed: dict[str, object],
    field: str,
    cast: Cast,
    sponsor: User,
    now: datetime,
    nothing_written: NothingWritten,
) -> None:
    with nothing_written(), pytest.raises(ValidationError) as refusal:
        _agreed(cast, sponsor, now, **changed)

    assert field in refusal.value.error_dict


def test_owner_from_outside_is_refused(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    outsider = PersonFactory()

    with nothing_written(), pytest.raises(ValidationError) as refusal:
        _agreed(cast, cast.administrator, now, owner=outsider)

    assert list(refusal.value.error_dict) == ["owner"]


def test_edit_changes_it_and_a_new_owner_takes_it_to_his_organisation(
    cast: Cast, action: Action, now: datetime, history: History
) -> None:
    actions.edit(
        action=action,
        owner=cast.brix.member,
        title="Write it together",
        agreed_on=AGREED,
        due_on=DUE,
        by=cast.administrator,
        now=now,
    )

    action.refresh_from_db()
    assert (action.owner, action.organisation) == (cast.brix.member, cast.brix.organisation)
    assert history(action) == ["insert", "update"]


def test_sponsor_moves_no_action_to_the_other_side(
    cast: Cast, action: Action, sponsor: User, now: datetime, nothing_written: NothingWritten
) -> None:
    with nothing_written(), pytest.raises(PermissionDenied, match="another organisation"):
        actions.edit(
            action=action,
            owner=cast.brix.member,
            title=action.title,
            agreed_on=AGREED,
            due_on=DUE,
            by=sponsor,
            now=now,
        )


def test_team_member_marks_his_own_action_as_done_and_takes_it_back(
    cast: Cast, action: Action, now: datetime, history: History
) -> None:
    member = user_of(cast.arno.member)

    actions.mark_done(action=action, on=TODAY, by=member, now=now)
    done = Action.objects.get().done_on
    actions.undo_done(action=action, by=member, now=now)

    action.refresh_from_db()
    assert (done, action.done_on) == (TODAY, None)
    assert history(action) == ["insert", "update", "update"]


@pytest.mark.parametrize(
    ("day", "said"), [(TOMORROW, "still to come"), (date(2026, 6, 9), "agreed on 10 June 2026")]
)
def test_action_is_not_done_tomorrow_or_before_it_was_agreed(
    day: date,
    said: str,
    action: Action,
    sponsor: User,
    now: datetime,
    nothing_written: NothingWritten,
) -> None:
    with nothing_written(), pytest.raises(ValidationError, match=said):
        actions.mark_done(action=action, on=day, by=sponsor, now=now)


def test_actions_are_closed_to_others(
    cast: Cast, action: Action, now: datetime, nothing_written: NothingWritten
) -> None:
    another = ActionFactory(alliance=cast.alliance, owner=cast.arno.manager)
    member = user_of(cast.arno.member)

    with nothing_written():
        for user in (user_of(cast.brix.sponsor), cast.viewer, cast.stranger):
            with pytest.raises(PermissionDenied):
                actions.mark_done(action=action, on=TODAY, by=user, now=now)
            with pytest.raises(PermissionDenied):
                actions.undo_done(action=action, by=user, now=now)
            with pytest.raises(PermissionDenied):
                _agreed(cast, user, now)
        with pytest.raises(PermissionDenied):
            _agreed(cast, member, now)
        with pytest.raises(PermissionDenied):
            actions.mark_done(action=another, on=TODAY, by=member, now=now)
        with pytest.raises(PermissionDenied):
            actions.edit(
                action=action,
                owner=cast.arno.member,
                title="Less",
                agreed_on=AGREED,
                due_on=DUE,
                by=member,
                now=now,
            )


def test_owner_without_a_seat_marks_nothing(
    cast: Cast, action: Action, now: datetime, nothing_written: NothingWritten
) -> None:
    seat = cast.arno.member.seats.get()
    seat.ends_on = date(2026, 6, 30)
    seat.save()

    with nothing_written(), pytest.raises(PermissionDenied, match="no seat"):
        actions.mark_done(action=action, on=TODAY, by=user_of(cast.arno.member), now=now)
