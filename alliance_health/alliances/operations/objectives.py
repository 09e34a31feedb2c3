"""Objectives: promised, checked, confirmed, rebased, ended."""

from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import (
    Alliance,
    CheckIn,
    Confirmation,
    Membership,
    Objective,
    Organisation,
    Person,
    Plan,
)
from alliance_health.alliances.operations import checks


@transaction.atomic
def promise(
    *,
    alliance: Alliance,
    owner: Organisation,
    statement: str,
    measure: str,
    unit: str,
    baseline: Decimal,
    target: Decimal,
    starts_on: date,
    due_on: date,
    agreed_on: date | None = None,
    weight: Decimal | int = 1,
    by: User | None,
    now: datetime,
) -> Objective:
    """Promise an objective, with its first plan.

    Args:
        alliance: what promises it.
        owner: the member organisation that answers for it.
        statement: what is promised, once in an alliance.
        measure: what is measured.
        unit: of the measure.
        baseline: the value at the start.
        target: the value promised, above or below the baseline.
        starts_on: the day of the baseline.
        due_on: the day of the target, later than the start.
        agreed_on: day of the agreement; without it the start.
        weight: among the alliance's objectives, more than 0.
        by: who promises; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` may not promise for this organisation.
        ValidationError: the owner is no member, or a field is malformed.
    """
    who = permissions.standing(by, alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_promise(who, owner.pk))
    _is_owner(alliance, owner)
    objective = Objective(
        alliance=alliance,
        owner=owner,
        statement=statement,
        measure=measure,
        unit=unit,
        weight=Decimal(weight),
    )
    checks.save(objective)
    checks.save(
        Plan(
            objective=objective,
            agreed_on=agreed_on or starts_on,
            baseline=baseline,
            target=target,
            starts_on=starts_on,
            due_on=due_on,
        )
    )
    return objective


@transaction.atomic
def edit_objective(
    *,
    objective: Objective,
    owner: Organisation,
    statement: str,
    measure: str,
    unit: str,
    weight: Decimal | int = 1,
    by: User | None,
    now: datetime,
) -> Objective:
    """Change an objective's words, owner or weight; its numbers change by `rebase` alone.

    Raises:
        PermissionDenied: `by` may not change objectives of the old or the new owner.
        ValidationError: the owner is no member, or a field is malformed.
    """
    who = permissions.standing(by, objective.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_promise(who, objective.owner_id))
    permissions.require(permissions.why_cannot_promise(who, owner.pk))
    _is_owner(objective.alliance, owner)
    objective.owner, objective.statement = owner, statement
    objective.measure, objective.unit, objective.weight = measure, unit, Decimal(weight)
    checks.save(objective)
    return objective


@transaction.atomic
def rebase(
    *,
    objective: Objective,
    baseline: Decimal,
    target: Decimal,
    starts_on: date,
    due_on: date,
    agreed_on: date,
    reason: str,
    by: User | None,
    now: datetime,
) -> Plan:
    """Give an objective a new plan from the day it was agreed; the old plan stays in the history.

    Raises:
        PermissionDenied: `by` may not change this objective.
        ValidationError: there is no reason, the day of the agreement is still to come or has a
            plan, the objective has ended, or a field is malformed.
    """
    who = permissions.standing(by, objective.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_promise(who, objective.owner_id))
    checks.day_has_come("agreed_on", agreed_on, now)
    _is_running(objective, "agreed_on", agreed_on)
    if not reason.strip():
        raise ValidationError({"reason": _("Enter why the plan changes.")})
    plan = Plan(
        objective=objective,
        agreed_on=agreed_on,
        baseline=baseline,
        target=target,
        starts_on=starts_on,
        due_on=due_on,
        reason=reason,
    )
    checks.save(plan)
    return plan


@transaction.atomic
def check_in(
    *,
    objective: Objective,
    on: date,
    value: Decimal,
    note: str = "",
    recorded_by: Person | None = None,
    by: User | None,
    now: datetime,
) -> CheckIn:
    """Record an objective's value on a day; a second one on the same day corrects the first.

    Args:
        objective: what was measured.
        on: the day, not still to come.
        value: in the objective's unit.
        note: what is to be known about it.
        recorded_by: who measured; without it the person behind `by`, if he is one.
        by: who records; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` may not record for this objective.
        ValidationError: the day is still to come or after the objective's end, or a field is
            malformed.
    """
    who = permissions.standing(by, objective.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_check_in(who, objective))
    checks.day_has_come("on", on, now)
    _is_running(objective, "on", on)
    # Two at once: the later corrects the earlier.
    Objective.objects.select_for_update(no_key=True).get(pk=objective.pk)
    found = CheckIn.objects.filter(objective=objective, on=on).first()
    record = found or CheckIn(objective=objective, on=on)
    record.value, record.note = value, note
    record.recorded_by_id = recorded_by.pk if recorded_by else who.person_id
    checks.save(record)
    return record


@transaction.atomic
def confirm(
    *,
    objective: Objective,
    organisation: Organisation,
    on: date,
    by: User | None,
    now: datetime,
) -> Confirmation:
    """Give an organisation's word that an objective is still what it wants.

    Raises:
        PermissionDenied: `by` may not confirm for this organisation.
        ValidationError: the day is still to come or after the objective's end, the organisation
            is no member then, or it confirmed on that day.
    """
    who = permissions.standing(by, objective.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_confirm(who, organisation.pk))
    checks.day_has_come("on", on, now)
    _is_running(objective, "on", on)
    checks.is_member("organisation", objective.alliance, organisation, on)
    confirmation = Confirmation(objective=objective, organisation=organisation, on=on)
    checks.save(confirmation)
    return confirmation


@transaction.atomic
def end_objective(
    *, objective: Objective, ended_on: date, by: User | None, now: datetime
) -> Objective:
    """End an objective: it is reached, or no longer wanted.

    Raises:
        PermissionDenied: `by` may not change this objective.
        ValidationError: the day is still to come, or before the objective was agreed.
    """
    who = permissions.standing(by, objective.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_promise(who, objective.owner_id))
    checks.day_has_come("ended_on", ended_on, now)
    first = objective.plans.order_by("agreed_on").first()
    if first:
        said = _("It was agreed on %(day)s. Enter that day or a later one.")
        checks.not_before("ended_on", ended_on, first.agreed_on, said)
    objective.ended_on = ended_on
    checks.save(objective)
    return objective


def _is_owner(alliance: Alliance, owner: Organisation) -> None:
    if not Membership.objects.filter(alliance=alliance, organisation=owner).exists():
        raise ValidationError(
            {
                "owner": _("%(organisation)s is not a member of %(alliance)s.")
                % {"organisation": owner, "alliance": alliance}
            }
        )


def _is_running(objective: Objective, field: str, day: date) -> None:
    if objective.ended_on and day > objective.ended_on:
        raise ValidationError(
            {
                field: _("The objective ended on %(day)s. Enter that day or an earlier one.")
                % {"day": date_format(objective.ended_on, "j F Y")}
            }
        )
