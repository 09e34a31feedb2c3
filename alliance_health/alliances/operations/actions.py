"""Actions and commitments: agreed, done."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import Action, ActionKind, Alliance, Person
from alliance_health.alliances.operations import checks


@transaction.atomic
def agree(
    *,
    alliance: Alliance,
    owner: Person,
    title: str,
    agreed_on: date,
    due_on: date,
    kind: str = ActionKind.ACTION,
    dimension_key: str = "",
    expected_points: int | None = None,
    by: User | None,
    now: datetime,
) -> Action:
    """Agree who does what by when.

    Args:
        alliance: for which it is done.
        owner: who does it, of an organisation that is a member on that day.
        title: what is to be done.
        agreed_on: the day, not still to come.
        due_on: not before the day it was agreed.
        kind: action or commitment.
        dimension_key: the dimension it is to move, by its key in the rubric.
        expected_points: by how much, 1 to 100; needs a dimension.
        by: who records it; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` may not agree actions of the owner's organisation.
        ValidationError: the owner is not of a member, or a field is malformed.
    """
    who = permissions.standing(by, alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_agree_action(who, owner.organisation_id))
    checks.day_has_come("agreed_on", agreed_on, now)
    checks.are_of_members("owner", alliance, [owner], agreed_on)
    action = Action(
        alliance=alliance,
        owner=owner,
        organisation=owner.organisation,
        kind=kind,
        title=title,
        agreed_on=agreed_on,
        due_on=due_on,
        dimension_key=dimension_key,
        expected_points=expected_points,
    )
    checks.save(action)
    return action


@transaction.atomic
def edit(
    *,
    action: Action,
    owner: Person,
    title: str,
    agreed_on: date,
    due_on: date,
    kind: str = ActionKind.ACTION,
    dimension_key: str = "",
    expected_points: int | None = None,
    by: User | None,
    now: datetime,
) -> Action:
    """Change an action; with a new owner it becomes an action of his organisation.

    Raises:
        PermissionDenied: `by` may not edit actions of the old or the new owner's organisation.
        ValidationError: as in `agree`, or it would be done before it was agreed.
    """
    who = permissions.standing(by, action.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_agree_action(who, action.organisation_id))
    permissions.require(permissions.why_cannot_agree_action(who, owner.organisation_id))
    checks.day_has_come("agreed_on", agreed_on, now)
    checks.are_of_members("owner", action.alliance, [owner], agreed_on)
    action.owner, action.organisation = owner, owner.organisation
    action.title, action.kind = title, kind
    action.agreed_on, action.due_on = agreed_on, due_on
    action.dimension_key, action.expected_points = dimension_key, expected_points
    checks.save(action)
    return action


@transaction.atomic
def mark_done(*, action: Action, on: date, by: User | None, now: datetime) -> Action:
    """Record the day an action was done.

    Raises:
        PermissionDenied: it is not `by`'s own, and he may not edit actions of this organisation.
        ValidationError: the day is still to come, or before it was agreed.
    """
    who = permissions.standing(by, action.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_mark_done(who, action))
    checks.day_has_come("on", on, now)
    said = _("It was agreed on %(day)s. Enter that day or a later one.")
    checks.not_before("on", on, action.agreed_on, said)
    action.done_on = on
    checks.save(action)
    return action


@transaction.atomic
def undo_done(*, action: Action, by: User | None, now: datetime) -> Action:
    """Take back that an action was done.

    Raises:
        PermissionDenied: as in `mark_done`.
    """
    who = permissions.standing(by, action.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_mark_done(who, action))
    action.done_on = None
    checks.save(action)
    return action
