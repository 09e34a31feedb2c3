"""Objectives, how far they are, and where they were to be today."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import Alliance, CheckIn, Confirmation, Objective, Plan

WHOLE = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an objective is against its plan on a day, in words and in percent of the way.

    The percentages are cut to 0 to 100, for the bar.
    """

    plan: str
    due_on: date
    value: str
    value_on: date | None
    expected: str
    done_percent: int
    expected_percent: int
    word: str
    word_kind: str


@dataclass(frozen=True, slots=True)
class ConfirmationRow:
    """When an organisation last confirmed an objective, if ever."""

    organisation: str
    on: date


@dataclass(frozen=True, slots=True)
class ObjectiveRow:
    """An objective on its alliance's page."""

    id: int
    statement: str
    measure: str
    unit: str
    owner: str
    ended_on: date | None
    progress: Progress
    confirmations: tuple[ConfirmationRow, ...]
    may_check_in: bool


@dataclass(frozen=True, slots=True)
class CheckInRow:
    """A value on a day."""

    on: date
    value: str
    note: str
    recorded_by: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan and since when it holds."""

    agreed_on: date
    starts_on: date
    due_on: date
    way: str
    reason: str


@dataclass(frozen=True, slots=True)
class ObjectivePage:
    """All of one objective's page."""

    row: ObjectiveRow
    alliance_id: int
    alliance: str
    weight: str
    check_ins: tuple[CheckInRow, ...]
    plans: tuple[PlanRow, ...]
    confirmations: tuple[ConfirmationRow, ...]
    may_change: bool
    may_confirm: bool


def visible_objectives(user: User, on: date) -> QuerySet[Objective]:
    """Return the objectives of the alliances that a user may see; nothing is read yet."""
    return Objective.objects.filter(
        alliance__in=Alliance.objects.visible_to(user, on)
    ).select_related("alliance", "owner")


def amount(value: Decimal, unit: str = "") -> str:
    """Write a value without needless digits, with its unit."""
    said = str(number_format(Decimal(f"{value.normalize():f}"), force_grouping=True))
    return f"{said} {unit}" if unit else said


def plan_in_force(plans: Sequence[Plan], on: date) -> Plan:
    """Return the latest plan agreed on or before a day; before the first one, the first.

    Args:
        plans: all of an objective, by the day they were agreed.
        on: the day.
    """
    agreed = [plan for plan in plans if plan.agreed_on <= on]
    return agreed[-1] if agreed else plans[0]


def values_in_force(found: Objective, on: date) -> dict[str, object]:
    """Return the values of an objective's plan in force on a day, by field; 1 query."""
    plan = plan_in_force(list(found.plans.order_by("agreed_on")), on)
    return {
        "baseline": plan.baseline,
        "target": plan.target,
        "starts_on": plan.starts_on,
        "due_on": plan.due_on,
    }


def objectives(alliance: Alliance, who: permissions.Standing, on: date) -> tuple[ObjectiveRow, ...]:
    """Return an alliance's objectives, those that run before those that ended; 4 queries.

    Args:
        alliance: taken from the reader's scope.
        who: the reader, for what he may record.
        on: today.
    """
    found = list(alliance.objectives.select_related("owner").order_by("-ended_on", "pk"))
    plans: Mapping[int, list[Plan]] = _grouped(
        Plan.objects.filter(objective__in=found).order_by("agreed_on")
    )
    latest = {
        check_in.objective_id: check_in
        for check_in in CheckIn.objects.filter(objective__in=found)
        .order_by("objective_id", "-on")
        .distinct("objective_id")
    }
    confirmed = _confirmations(
        Confirmation.objects.filter(objective__in=found)
        .select_related("organisation")
        .order_by("objective_id", "organisation_id", "-on")
        .distinct("objective_id", "organisation_id")
    )
    return tuple(
        _row(
            objective,
            progress(objective, plans[objective.pk], latest.get(objective.pk), on),
            confirmed.get(objective.pk, ()),
            who,
        )
        for objective in found
    )


def objective(found: Objective, who: permissions.Standing, on: date) -> ObjectivePage:
    """Return the page of an objective that the caller took from `visible_objectives`.

    3 queries, whatever the number of check-ins, plans and confirmations.

    Args:
        found: the objective.
        who: the reader, for what he may record.
        on: today.
    """
    plans = list(found.plans.order_by("agreed_on"))
    check_ins = list(found.check_ins.select_related("recorded_by").order_by("-on"))
    confirmations = tuple(
        ConfirmationRow(row.organisation.name, row.on)
        for row in found.confirmations.select_related("organisation").order_by("-on", "pk")
    )
    latest = check_ins[0] if check_ins else None
    return ObjectivePage(
        row=_row(found, progress(found, plans, latest, on), confirmations, who),
        alliance_id=found.alliance_id,
        alliance=found.alliance.name,
        weight=amount(found.weight),
        check_ins=tuple(
            CheckInRow(
                on=row.on,
                value=amount(row.value, found.unit),
                note=row.note,
                recorded_by=row.recorded_by.name if row.recorded_by else "",
            )
            for row in check_ins
        ),
        plans=tuple(
            PlanRow(
                agreed_on=plan.agreed_on,
                starts_on=plan.starts_on,
                due_on=plan.due_on,
                way=_way(plan, found.unit),
                reason=plan.reason,
            )
            for plan in reversed(plans)
        ),
        confirmations=confirmations,
        may_change=permissions.why_cannot_promise(who, found.owner_id) is None,
        may_confirm=permissions.why_cannot_confirm(who) is None and found.ended_on is None,
    )


def progress(
    objective: Objective, plans: Sequence[Plan], latest: CheckIn | None, on: date
) -> Progress:
    """Return how far an objective is on a day against the plan in force.

    Args:
        objective: whose unit and end count.
        plans: all of the objective, by the day they were agreed.
        latest: its last check-in.
        on: today.
    """
    plan = plan_in_force(plans, on)
    way = plan.target - plan.baseline
    done = (latest.value - plan.baseline) / way if latest else None
    share = Decimal((on - plan.starts_on).days) / Decimal((plan.due_on - plan.starts_on).days)
    expected = min(max(share, Decimal(0)), Decimal(1))
    word, kind = _word(objective, plan, done, expected, on)
    return Progress(
        plan=_way(plan, objective.unit),
        due_on=plan.due_on,
        value=amount(latest.value, objective.unit) if latest else "",
        value_on=latest.on if latest else None,
        expected=amount(round(plan.baseline + expected * way, _places(plan)), objective.unit),
        done_percent=_percent(done or Decimal(0)),
        expected_percent=_percent(expected),
        word=word,
        word_kind=kind,
    )


def _word(
    objective: Objective, plan: Plan, done: Decimal | None, expected: Decimal, on: date
) -> tuple[str, str]:
    if objective.ended_on and objective.ended_on <= on:
        return _("ended %(day)s") % {"day": date_format(objective.ended_on, "j M Y")}, "done"
    if done is not None and done >= 1:
        return _("reached"), "done"
    if on < plan.starts_on:
        return _("begins %(day)s") % {"day": date_format(plan.starts_on, "j M Y")}, ""
    if done is None:
        return _("no check-in yet"), "attention"
    if done >= expected:
        return _("on plan"), "active"
    return _("behind plan"), "attention"


def _percent(share: Decimal) -> int:
    return int(min(max(share, Decimal(0)), Decimal(1)) * WHOLE)


def _places(plan: Plan) -> int:
    """Return how many digits after the point say enough: as the plan's, one on a short way."""
    used = [
        max(0, -int(value.normalize().as_tuple().exponent))
        for value in (plan.baseline, plan.target)
    ]
    return max(*used, 0 if abs(plan.target - plan.baseline) >= WHOLE else 1)


def _way(plan: Plan, unit: str) -> str:
    return _("%(baseline)s → %(target)s") % {
        "baseline": amount(plan.baseline),
        "target": amount(plan.target, unit),
    }


def _row(
    objective: Objective,
    shown: Progress,
    confirmations: tuple[ConfirmationRow, ...],
    who: permissions.Standing,
) -> ObjectiveRow:
    return ObjectiveRow(
        id=objective.pk,
        statement=objective.statement,
        measure=objective.measure,
        unit=objective.unit,
        owner=objective.owner.name,
        ended_on=objective.ended_on,
        progress=shown,
        confirmations=confirmations,
        may_check_in=objective.ended_on is None
        and permissions.why_cannot_check_in(who, objective) is None,
    )


def _grouped(plans: QuerySet[Plan]) -> Mapping[int, list[Plan]]:
    found: dict[int, list[Plan]] = defaultdict(list)
    for plan in plans:
        found[plan.objective_id].append(plan)
    return found


def _confirmations(rows: QuerySet[Confirmation]) -> Mapping[int, tuple[ConfirmationRow, ...]]:
    found: dict[int, tuple[ConfirmationRow, ...]] = defaultdict(tuple)
    for row in rows:
        found[row.objective_id] += (ConfirmationRow(row.organisation.short_name, row.on),)
    return found
