from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from alliance_health.accounts.models import User
from alliance_health.alliances.models import CheckIn, Confirmation, Objective, Plan
from alliance_health.alliances.operations import objectives
from tests.alliance_health.alliances.conftest import History, NothingWritten
from tests.factories.alliances import (
    Cast,
    MembershipFactory,
    ObjectiveFactory,
    OrganisationFactory,
    user_of,
)

TODAY = date(2026, 7, 1)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def manager(cast: Cast) -> User:
    return user_of(cast.arno.manager)


@pytest.fixture
def objective(cast: Cast) -> Objective:
    made: Objective = ObjectiveFactory(alliance=cast.alliance, owner=cast.arno.organisation)
    return made


@pytest.fixture
def others(cast: Cast) -> Objective:
    """An objective that the other side owns."""
    made: Objective = ObjectiveFactory(alliance=cast.alliance, owner=cast.brix.organisation)
    return made


def _promised(cast: Cast, by: User | None, now: datetime, **changed: object) -> Objective:
    values: dict[str, object] = {
        "owner": cast.arno.organisation,
        "statement": "A joint offer in ten countries",
        "measure": "Countries with a signed offer",
        "unit": "countries",
        "baseline": Decimal(0),
        "target": Decimal(10),
        "starts_on": date(2026, 1, 1),
        "due_on": date(2026, 12, 31),
        **changed,
    }
    return objectives.promise(alliance=cast.alliance, by=by, now=now, **values)  # type: ignore[arg-type]


def test_promise_writes_an_objective_with_its_first_plan(
    cast: Cast, manager: User, now: datetime, history: History
) -> None:
    made = _promised(cast, manager, now, weight=2)

    kept = Objective.objects.get()
    plan = kept.plans.get()
    assert (kept, kept.owner, kept.weight) == (made, cast.arno.organisation, 2)
    assert (plan.baseline, plan.target) == (0, 10)
    assert (plan.agreed_on, plan.starts_on, plan.due_on) == (
        date(2026, 1, 1),
        date(2026, 1, 1),
        date(2026, 12, 31),
    )
    assert (history(made), history(plan)) == (["insert"], ["insert"])


def test_promise_may_begin_later_and_be_agreed_earlier(
    cast: Cast, manager: User, now: datetime
) -> None:
    agreed = date(2026, 6, 15)

    later = _promised(cast, manager, now, starts_on=date(2026, 10, 1), agreed_on=agreed)

    assert later.plans.get().agreed_on == agreed


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"statement": ""}, "statement"),
        ({"unit": "x" * 41}, "unit"),
        ({"weight": Decimal(0)}, "__all__"),
        ({"target": Decimal(0)}, "__all__"),
        ({"due_on": date(2026, 1, 1)}, "__all__"),
        ({"baseline": Decimal("NaN")}, "baseline"),
        ({"baseline": Decimal("1e13")}, "baseline"),
    ],
)
def test_malformed_promise_is_refused_whole(
    changed: dict[str, object],
    field: str,
    cast: Cast,
    manager: User,
    now: datetime,
    nothing_written: NothingWritten,
) -> None:
    with nothing_written(), pytest.raises(ValidationError) as refusal:
        _promised(cast, manager, now, **changed)

    assert list(refusal.value.error_dict) == [field]


def test_promise_of_somebody_who_is_no_member_is_refused(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    outside = OrganisationFactory()

    with nothing_written(), pytest.raises(ValidationError) as refusal:
        _promised(cast, cast.administrator, now, owner=outside)

    assert list(refusal.value.error_dict) == ["owner"]


def test_same_statement_is_promised_once(
    cast: Cast, manager: User, now: datetime, nothing_written: NothingWritten
) -> None:
    _promised(cast, manager, now)

    with nothing_written(), pytest.raises(ValidationError, match="with this statement"):
        _promised(cast, manager, now)


def test_edit_objective_changes_words_and_weight(
    objective: Objective, manager: User, now: datetime, history: History
) -> None:
    objectives.edit_objective(
        objective=objective,
        owner=objective.owner,
        statement="Twelve countries",
        measure="Countries",
        unit="countries",
        weight=Decimal("1.5"),
        by=manager,
        now=now,
    )

    objective.refresh_from_db()
    assert (objective.statement, objective.weight) == ("Twelve countries", Decimal("1.5"))
    assert history(objective) == ["insert", "update"]


def test_manager_gives_an_objective_to_nobody_else(
    cast: Cast,
    objective: Objective,
    others: Objective,
    manager: User,
    now: datetime,
    nothing_written: NothingWritten,
) -> None:
    with nothing_written():
        for record, owner in (
            (objective, cast.brix.organisation),
            (others, cast.brix.organisation),
            (others, cast.arno.organisation),
        ):
            with pytest.raises(PermissionDenied, match="another organisation"):
                objectives.edit_objective(
                    objective=record,
                    owner=owner,
                    statement="Mine",
                    measure="x",
                    unit="x",
                    by=manager,
                    now=now,
                )


def test_rebase_adds_a_plan_and_keeps_the_old_one(
    objective: Objective, manager: User, now: datetime, history: History
) -> None:
    plan = objectives.rebase(
        objective=objective,
        baseline=Decimal(0),
        target=Decimal(8),
        starts_on=date(2026, 1, 1),
        due_on=date(2026, 12, 31),
        agreed_on=TODAY,
        reason="Two countries left.",
        by=manager,
        now=now,
    )

    assert [(p.agreed_on, p.target) for p in objective.plans.order_by("agreed_on")] == [
        (date(2026, 1, 1), 100),
        (TODAY, 8),
    ]
    assert history(plan) == ["insert"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"agreed_on": TOMORROW}, "still to come"),
        ({"agreed_on": date(2026, 1, 1)}, "a plan agreed on that day"),
        ({"reason": "  "}, "Enter why the plan changes"),
        ({"target": Decimal(0)}, "differs from the baseline"),
        ({"due_on": date(2025, 12, 31)}, "after the start"),
    ],
)
def test_malformed_rebase_is_refused(
    changed: dict[str, object],
    said: str,
    objective: Objective,
    manager: User,
    now: datetime,
    nothing_written: NothingWritten,
) -> None:
    values: dict[str, object] = {
        "baseline": Decimal(0),
        "target": Decimal(8),
        "starts_on": date(2026, 1, 1),
        "due_on": date(2026, 12, 31),
        "agreed_on": TODAY,
        "reason": "Two countries left.",
        **changed,
    }

    with nothing_written(), pytest.raises(ValidationError, match=said):
        objectives.rebase(objective=objective, by=manager, now=now, **values)  # type: ignore[arg-type]


def test_check_in_records_the_value_and_who(
    cast: Cast, objective: Objective, manager: User, now: datetime, history: History
) -> None:
    made = objectives.check_in(
        objective=objective, on=TODAY, value=Decimal("3.5"), note="Spain.", by=manager, now=now
    )

    kept = CheckIn.objects.get()
    assert (kept, kept.value, kept.note) == (made, Decimal("3.5"), "Spain.")
    assert kept.recorded_by == cast.arno.manager
    assert history(made) == ["insert"]


def test_second_check_in_of_a_day_corrects_the_first(
    objective: Objective, manager: User, now: datetime, history: History
) -> None:
    first = objectives.check_in(
        objective=objective, on=TODAY, value=Decimal(3), by=manager, now=now
    )

    second = objectives.check_in(
        objective=objective, on=TODAY, value=Decimal(4), by=manager, now=now
    )

    assert CheckIn.objects.get().value == 4
    assert second.pk == first.pk
    assert history(first) == ["insert", "update"]


def test_check_in_names_who_measured(cast: Cast, objective: Objective, now: datetime) -> None:
    made = objectives.check_in(
        objective=objective,
        on=TODAY,
        value=Decimal(3),
        recorded_by=cast.brix.member,
        by=None,
        now=now,
    )

    assert made.recorded_by == cast.brix.member


def test_check_in_of_tomorrow_or_after_the_end_is_refused(
    objective: Objective, manager: User, now: datetime, nothing_written: NothingWritten
) -> None:
    objective.ended_on = date(2026, 6, 1)
    objective.save()

    with nothing_written():
        for day, said in ((TOMORROW, "still to come"), (TODAY, "ended on 1 June 2026")):
            with pytest.raises(ValidationError, match=said):
                objectives.check_in(
                    objective=objective, on=day, value=Decimal(3), by=manager, now=now
                )


def test_confirm_gives_the_word_of_the_own_organisation_on_any_objective(
    cast: Cast, others: Objective, manager: User, now: datetime, history: History
) -> None:
    made = objectives.confirm(
        objective=others, organisation=cast.arno.organisation, on=TODAY, by=manager, now=now
    )

    assert Confirmation.objects.get() == made
    assert history(made) == ["insert"]


def test_confirmation_that_does_not_fit_is_refused(
    cast: Cast, objective: Objective, now: datetime, nothing_written: NothingWritten
) -> None:
    arno = cast.arno.organisation
    past = MembershipFactory(alliance=cast.alliance, ends_on=date(2026, 1, 1)).organisation
    objectives.confirm(objective=objective, organisation=arno, on=TODAY, by=None, now=now)

    with nothing_written():
        for organisation, day, said in (
            (arno, TOMORROW, "still to come"),
            (arno, TODAY, "confirmed it on that day already"),
            (past, TODAY, "not a member"),
        ):
            with pytest.raises(ValidationError, match=said):
                objectives.confirm(
                    objective=objective,
                    organisation=organisation,
                    on=day,
                    by=cast.administrator,
                    now=now,
                )


def test_end_objective_ends_it(
    objective: Objective, manager: User, now: datetime, history: History
) -> None:
    objectives.end_objective(objective=objective, ended_on=TODAY, by=manager, now=now)

    objective.refresh_from_db()
    assert objective.ended_on == TODAY
    assert history(objective) == ["insert", "update"]


@pytest.mark.parametrize(
    ("day", "said"), [(TOMORROW, "still to come"), (date(2025, 12, 31), "agreed on 1 January 2026")]
)
def test_objective_does_not_end_tomorrow_or_before_it_was_agreed(
    day: date,
    said: str,
    objective: Objective,
    manager: User,
    now: datetime,
    nothing_written: NothingWritten,
) -> None:
    with nothing_written(), pytest.raises(ValidationError, match=said):
        objectives.end_objective(objective=objective, ended_on=day, by=manager, now=now)


@pytest.mark.parametrize("name", ["sponsor", "member"])
def test_objectives_are_not_for_sponsors_and_team_members(
    name: str, cast: Cast, objective: Objective, now: datetime, nothing_written: NothingWritten
) -> None:
    user = user_of(getattr(cast.arno, name))
    plan = Plan.objects.get()

    with nothing_written():
        with pytest.raises(PermissionDenied):
            _promised(cast, user, now)
        with pytest.raises(PermissionDenied):
            objectives.check_in(objective=objective, on=TODAY, value=Decimal(1), by=user, now=now)
        with pytest.raises(PermissionDenied):
            objectives.confirm(
                objective=objective,
                organisation=cast.arno.organisation,
                on=TODAY,
                by=user,
                now=now,
            )
        with pytest.raises(PermissionDenied):
            objectives.rebase(
                objective=objective,
                baseline=plan.baseline,
                target=plan.target + 1,
                starts_on=plan.starts_on,
                due_on=plan.due_on,
                agreed_on=TODAY,
                reason="Because.",
                by=user,
                now=now,
            )
        with pytest.raises(PermissionDenied):
            objectives.end_objective(objective=objective, ended_on=TODAY, by=user, now=now)


def test_manager_records_nothing_on_the_other_sides_objective_or_for_the_other_side(
    cast: Cast, others: Objective, manager: User, now: datetime, nothing_written: NothingWritten
) -> None:
    with nothing_written():
        with pytest.raises(PermissionDenied):
            _promised(cast, manager, now, owner=cast.brix.organisation)
        with pytest.raises(PermissionDenied):
            objectives.check_in(objective=others, on=TODAY, value=Decimal(1), by=manager, now=now)
        with pytest.raises(PermissionDenied):
            objectives.confirm(
                objective=others,
                organisation=cast.brix.organisation,
                on=TODAY,
                by=manager,
                now=now,
            )
        with pytest.raises(PermissionDenied):
            objectives.end_objective(objective=others, ended_on=TODAY, by=manager, now=now)
