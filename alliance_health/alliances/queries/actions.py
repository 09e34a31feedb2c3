"""Actions and commitments of an alliance."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import Action, Alliance


@dataclass(frozen=True, slots=True)
class ActionRow:
    """Who does what by when, and whether it was in time."""

    id: int
    title: str
    kind: str
    owner: str
    organisation: str
    due_on: date
    done_on: date | None
    is_overdue: bool
    is_late: bool
    may_edit: bool
    may_mark: bool


def visible_actions(user: User, on: date) -> QuerySet[Action]:
    """Return the actions of the alliances that a user may see; nothing is read yet."""
    return Action.objects.filter(alliance__in=Alliance.objects.visible_to(user, on)).select_related(
        "alliance", "owner", "organisation"
    )


def open_actions(alliance: Alliance, who: permissions.Standing, on: date) -> tuple[ActionRow, ...]:
    """Return what is still to be done in an alliance, the next due first; 1 query.

    Args:
        alliance: taken from the reader's scope.
        who: the reader, for what he may change.
        on: today.
    """
    found = alliance.actions.filter(done_on__isnull=True).order_by("due_on", "pk")
    return tuple(_row(action, who, on) for action in found.select_related("owner", "organisation"))


def done_actions(
    alliance: Alliance, who: permissions.Standing, on: date, limit: int | None = None
) -> tuple[ActionRow, ...]:
    """Return what was done in an alliance, the latest first; 1 query.

    Args:
        alliance: taken from the reader's scope.
        who: the reader, for what he may change.
        on: today.
        limit: the most to return; without it all.
    """
    found = alliance.actions.filter(done_on__isnull=False).order_by("-done_on", "-pk")
    return tuple(
        _row(action, who, on) for action in found.select_related("owner", "organisation")[:limit]
    )


def _row(action: Action, who: permissions.Standing, on: date) -> ActionRow:
    return ActionRow(
        id=action.pk,
        title=action.title,
        kind=action.get_kind_display(),
        owner=action.owner.name,
        organisation=action.organisation.short_name,
        due_on=action.due_on,
        done_on=action.done_on,
        is_overdue=action.done_on is None and action.due_on < on,
        is_late=action.done_on is not None and action.done_on > action.due_on,
        may_edit=permissions.why_cannot_agree_action(who, action.organisation_id) is None,
        may_mark=permissions.why_cannot_mark_done(who, action) is None,
    )
