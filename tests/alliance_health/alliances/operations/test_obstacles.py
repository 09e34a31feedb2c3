from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Obstacle, Person
from alliance_health.alliances.operations import obstacles
from tests.alliance_health.alliances.conftest import History, NothingWritten
from tests.factories.alliances import Cast, ObstacleFactory, PersonFactory, user_of

TODAY = date(2026, 7, 1)
TOMORROW = TODAY + timedelta(days=1)
RAISED = date(2026, 6, 10)


@pytest.fixture
def sponsor(cast: Cast) -> User:
    return user_of(cast.arno.sponsor)


@pytest.fixture
def obstacle(cast: Cast) -> Obstacle:
    made: Obstacle = ObstacleFactory(
        alliance=cast.alliance, organisation=cast.arno.organisation, raised_on=RAISED
    )
    return made


def _raised(cast: Cast, by: User | None, now: datetime, **changed: object) -> Obstacle:
    values: dict[str, object] = {
        "organisation": cast.arno.organisation,
        "title": "Customs papers are asked for twice",
        "raised_on": RAISED,
        **changed,
    }
    return obstacles.raise_obstacle(alliance=cast.alliance, by=by, now=now, **values)  # type: ignore[arg-type]


def test_team_member_raises_an_obstacle_in_his_own_name(
    cast: Cast, now: datetime, history: History
) -> None:
    made = _raised(cast, user_of(cast.arno.member), now, severity=3, note="14 fields.")

    kept = Obstacle.objects.get()
    assert (kept, kept.severity, kept.note, kept.raised_on) == (made, 3, "14 fields.", RAISED)
    assert kept.raised_by == cast.arno.member
    assert history(made) == ["insert"]


def test_administrator_raises_in_the_name_of_somebody_or_nobody(cast: Cast, now: datetime) -> None:
    own = PersonFactory(user=cast.administrator)

    named = _raised(cast, cast.administrator, now, raised_by=cast.brix.manager)
    unnamed = _raised(cast, cast.administrator, now)

    assert (named.raised_by, unnamed.raised_by) == (cast.brix.manager, None)
    assert own.raised_obstacles.count() == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"raised_on": TOMORROW}, "raised_on"),
        ({"raised_on": date(2023, 12, 31)}, "raised_on"),
        ({"title": ""}, "title"),
        ({"severity": 4}, "severity"),
    ],
)
def test_malformed_obstacle_is_refused(
    changed: dict[str, object],
    field: str,
    cast: Cast,
    sponsor: User,
    now: datetime,
    nothing_written: NothingWritten,
) -> None:
    with nothing_written(), pytest.raises(ValidationError) as refusal:
        _raised(cast, sponsor, now, **changed)

    assert field in refusal.value.error_dict


def test_somebody_from_outside_raises_nothing(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    outsider: Person = PersonFactory()

    with nothing_written(), pytest.raises(ValidationError) as refusal:
        _raised(cast, cast.administrator, now, raised_by=outsider)

    assert list(refusal.value.error_dict) == ["raised_by"]


def test_edit_changes_it(
    obstacle: Obstacle, sponsor: User, now: datetime, history: History
) -> None:
    obstacles.edit(
        obstacle=obstacle,
        title="Asked for thrice",
        raised_on=RAISED,
        severity=1,
        note="Ours.",
        is_internal=True,
        by=sponsor,
        now=now,
    )

    obstacle.refresh_from_db()
    assert (obstacle.title, obstacle.severity, obstacle.is_internal) == (
        "Asked for thrice",
        1,
        True,
    )
    assert history(obstacle) == ["insert", "update"]


def test_life_of_an_obstacle_escalated_resolved_reopened(
    cast: Cast, obstacle: Obstacle, sponsor: User, now: datetime, history: History
) -> None:
    obstacles.escalate(
        obstacle=obstacle, to=cast.brix.sponsor, on=date(2026, 6, 20), by=sponsor, now=now
    )
    obstacles.resolve(obstacle=obstacle, on=date(2026, 6, 25), by=sponsor, now=now)
    resolved = Obstacle.objects.get()
    obstacles.reopen(obstacle=obstacle, by=sponsor, now=now)

    obstacle.refresh_from_db()
    assert (resolved.escalated_to, resolved.escalated_on, resolved.resolved_on) == (
        cast.brix.sponsor,
        date(2026, 6, 20),
        date(2026, 6, 25),
    )
    assert obstacle.resolved_on is None
    assert history(obstacle) == ["insert", "update", "update", "update"]


def test_escalation_goes_to_a_sponsor_of_that_day(
    cast: Cast, obstacle: Obstacle, sponsor: User, now: datetime, nothing_written: NothingWritten
) -> None:
    past = cast.brix.sponsor.seats.get()
    past.ends_on = date(2026, 6, 15)
    past.save()

    with nothing_written():
        for person in (cast.brix.sponsor, cast.arno.manager, PersonFactory.build(pk=0)):
            with pytest.raises(ValidationError) as refusal:
                obstacles.escalate(
                    obstacle=obstacle, to=person, on=date(2026, 6, 20), by=sponsor, now=now
                )
            assert list(refusal.value.error_dict) == ["to"]


def test_days_of_an_obstacle_follow_one_another(
    cast: Cast, obstacle: Obstacle, sponsor: User, now: datetime, nothing_written: NothingWritten
) -> None:
    before = RAISED - timedelta(days=1)

    with nothing_written():
        for day, said in ((TOMORROW, "still to come"), (before, "raised on 10 June 2026")):
            with pytest.raises(ValidationError, match=said):
                obstacles.escalate(
                    obstacle=obstacle, to=cast.brix.sponsor, on=day, by=sponsor, now=now
                )
            obstacle.refresh_from_db()
            with pytest.raises(ValidationError, match=said):
                obstacles.resolve(obstacle=obstacle, on=day, by=sponsor, now=now)
            obstacle.refresh_from_db()


def test_escalated_obstacle_is_not_resolved_before_and_resolved_one_not_escalated(
    cast: Cast, obstacle: Obstacle, sponsor: User, now: datetime, nothing_written: NothingWritten
) -> None:
    obstacles.escalate(
        obstacle=obstacle, to=cast.brix.sponsor, on=date(2026, 6, 20), by=sponsor, now=now
    )
    with nothing_written(), pytest.raises(ValidationError, match="escalated on 20 June 2026"):
        obstacles.resolve(obstacle=obstacle, on=date(2026, 6, 19), by=sponsor, now=now)

    obstacles.resolve(obstacle=obstacle, on=date(2026, 6, 20), by=sponsor, now=now)
    with nothing_written(), pytest.raises(ValidationError, match="Reopen it"):
        obstacles.escalate(obstacle=obstacle, to=cast.brix.sponsor, on=TODAY, by=sponsor, now=now)


@pytest.mark.parametrize("name", ["member of Arno", "sponsor of Brix", "viewer", "stranger"])
def test_obstacle_is_handled_by_its_own_organisation(
    name: str, cast: Cast, obstacle: Obstacle, now: datetime, nothing_written: NothingWritten
) -> None:
    user = {
        "member of Arno": user_of(cast.arno.member),
        "sponsor of Brix": user_of(cast.brix.sponsor),
        "viewer": cast.viewer,
        "stranger": cast.stranger,
    }[name]

    with nothing_written():
        with pytest.raises(PermissionDenied):
            obstacles.edit(obstacle=obstacle, title="Mine", raised_on=RAISED, by=user, now=now)
        with pytest.raises(PermissionDenied):
            obstacles.escalate(obstacle=obstacle, to=cast.brix.sponsor, on=TODAY, by=user, now=now)
        with pytest.raises(PermissionDenied):
            obstacles.resolve(obstacle=obstacle, on=TODAY, by=user, now=now)
        with pytest.raises(PermissionDenied):
            obstacles.reopen(obstacle=obstacle, by=user, now=now)


def test_obstacle_is_raised_for_the_own_organisation_only(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    with nothing_written():
        for user in (user_of(cast.brix.manager), cast.viewer, cast.stranger):
            with pytest.raises(PermissionDenied):
                _raised(cast, user, now)
        with pytest.raises(PermissionDenied, match="only for the people"):
            _raised(cast, cast.administrator, now, note="Ours.", is_internal=True)
