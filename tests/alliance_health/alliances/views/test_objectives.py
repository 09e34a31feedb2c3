"""Objectives as pages."""

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.alliances.models import CheckIn, Confirmation, Objective
from tests.alliance_health.alliances.conftest import NothingWritten
from tests.alliance_health.alliances.views.conftest import SignIn
from tests.factories.alliances import (
    Cast,
    CheckInFactory,
    ConfirmationFactory,
    ObjectiveFactory,
    PlanFactory,
    user_of,
)


@pytest.fixture
def objective(cast: Cast) -> Objective:
    made: Objective = ObjectiveFactory(alliance=cast.alliance, owner=cast.arno.organisation)
    return made


PROMISE = {
    "statement": "A joint offer in ten countries",
    "measure": "Countries",
    "unit": "countries",
    "weight": "1",
    "baseline": "0",
    "target": "10",
    "starts_on": "2026-01-01",
    "due_on": "2026-12-31",
}


def test_manager_promises_for_his_own_organisation_whatever_the_body_says(
    cast: Cast, sign_in: SignIn
) -> None:
    sign_in(user_of(cast.arno.manager)).post(
        reverse("alliances:new_objective", args=[cast.alliance.pk]),
        {**PROMISE, "owner": cast.brix.organisation.pk},
    )

    made = Objective.objects.get()
    assert (made.owner, made.alliance) == (cast.arno.organisation, cast.alliance)
    assert made.plans.get().target == 10


def test_administrator_chooses_the_owner(cast: Cast, sign_in: SignIn) -> None:
    sign_in(cast.administrator).post(
        reverse("alliances:new_objective", args=[cast.alliance.pk]),
        {**PROMISE, "owner": cast.brix.organisation.pk},
    )

    assert Objective.objects.get().owner == cast.brix.organisation


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"statement": ""}, "statement", "Enter what is promised."),
        ({"target": "0"}, "target", "The target differs from the baseline."),
        ({"due_on": "2026-01-01"}, "due_on", "The due day is after the start."),
        ({"due_on": "31.12.2026"}, "due_on", "Enter a day, for example 2026-10-01."),
        ({"baseline": "ten"}, "baseline", "Enter a number of up to 12 digits"),
        ({"baseline": "1e20"}, "baseline", "Enter a number of up to 12 digits"),
        ({"weight": "0"}, "weight", "Enter a weight of 0.01 or more."),
        ({"unit": "x" * 41}, "unit", "Unit must be 40 characters or less."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    changed: dict[str, str],
    field: str,
    said: str,
    cast: Cast,
    sign_in: SignIn,
    nothing_written: NothingWritten,
) -> None:
    with nothing_written():
        page = (
            sign_in(user_of(cast.arno.manager))
            .post(
                reverse("alliances:new_objective", args=[cast.alliance.pk]),
                {**PROMISE, **changed},
            )
            .content.decode()
        )

    assert said in page[page.index(f'id="div_id_{field}"') :]


def test_objective_shows_values_plans_and_confirmations(
    cast: Cast, objective: Objective, sign_in: SignIn
) -> None:
    CheckInFactory(objective=objective, note="Spain signed.", recorded_by=cast.arno.manager)
    PlanFactory(
        objective=objective, agreed_on=date(2026, 6, 1), target=80, reason="Two left the scope."
    )
    ConfirmationFactory(objective=objective)

    page = (
        sign_in(user_of(cast.brix.manager))
        .get(reverse("alliances:objective", args=[objective.pk]))
        .content.decode()
    )

    for words in ("0 → 80 offers", "0 → 100 offers", "Two left the scope.", "Spain signed.", "Ana"):
        assert words in page
    assert reverse("alliances:check_in", args=[objective.pk]) not in page
    assert reverse("alliances:confirm", args=[objective.pk]) in page


def test_check_in_confirm_rebase_end(cast: Cast, objective: Objective, sign_in: SignIn) -> None:
    manager = sign_in(user_of(cast.arno.manager))

    def send(name: str, entered: dict[str, str]) -> None:
        answer = manager.post(reverse(f"alliances:{name}", args=[objective.pk]), entered)
        assert answer.status_code == 302, answer.content.decode()

    send("check_in", {"on": "2026-06-30", "value": "45.5", "note": "On the way."})
    send("confirm", {"on": "2026-06-30"})
    send(
        "rebase",
        {
            "baseline": "0",
            "target": "80",
            "starts_on": "2026-01-01",
            "due_on": "2026-12-31",
            "agreed_on": "2026-06-30",
            "reason": "Two left.",
        },
    )
    send(
        "edit_objective",
        {"statement": "Eighty", "measure": "Offers", "unit": "offers", "weight": "2"},
    )
    send("end_objective", {"ended_on": "2026-06-30"})

    objective.refresh_from_db()
    assert (objective.statement, objective.weight, objective.ended_on) == (
        "Eighty",
        2,
        date(2026, 6, 30),
    )
    assert CheckIn.objects.get().recorded_by == cast.arno.manager
    assert Confirmation.objects.get().organisation == cast.arno.organisation
    assert objective.plans.count() == 2


def test_rebase_starts_from_the_plan_in_force(
    cast: Cast, objective: Objective, sign_in: SignIn
) -> None:
    page = (
        sign_in(user_of(cast.arno.manager))
        .get(reverse("alliances:rebase", args=[objective.pk]))
        .content.decode()
    )

    assert 'name="target" value="100"' in page
    assert 'name="due_on" value="2026-12-31"' in page
    assert 'name="agreed_on" value="2026-07-01"' in page


def test_value_of_tomorrow_is_refused_beside_the_day(
    cast: Cast, objective: Objective, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    with nothing_written():
        page = (
            sign_in(user_of(cast.arno.manager))
            .post(
                reverse("alliances:check_in", args=[objective.pk]),
                {"on": "2026-07-02", "value": "1"},
            )
            .content.decode()
        )

    beside = page[page.index('id="div_id_on"') : page.index('id="div_id_value"')]
    assert "This day is still to come." in beside


def test_words_of_people_are_harmless_on_the_form(cast: Cast, sign_in: SignIn) -> None:
    objective = ObjectiveFactory(
        alliance=cast.alliance, owner=cast.arno.organisation, measure="<script>alert(1)</script>"
    )

    page = (
        sign_in(user_of(cast.arno.manager))
        .get(reverse("alliances:check_in", args=[objective.pk]))
        .content.decode()
    )

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;, in offers" in page


def test_objective_of_an_alliance_out_of_sight_is_not_there(cast: Cast, sign_in: SignIn) -> None:
    foreign = ObjectiveFactory()
    manager = sign_in(user_of(cast.arno.manager))

    for name in ("objective", "check_in", "edit_objective", "confirm", "rebase", "end_objective"):
        address = reverse(f"alliances:{name}", args=[foreign.pk])
        assert manager.get(address).status_code == 404
        assert manager.post(address, {"on": "2026-06-30", "value": "1"}).status_code in (404, 405)
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_objective_takes_the_same_queries_for_1_and_3_rows(
    rows: int,
    cast: Cast,
    objective: Objective,
    sign_in: SignIn,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(rows):
        day = date(2026, 2 + number, 1)
        CheckInFactory(objective=objective, on=day, recorded_by=cast.arno.manager)
        ConfirmationFactory(objective=objective, on=day)
        PlanFactory(objective=objective, agreed_on=day)
    client = sign_in(user_of(cast.arno.manager))

    with django_assert_num_queries(7):
        client.get(reverse("alliances:objective", args=[objective.pk]))
