"""Obstacles of an alliance by their age; an internal note is for its own organisation alone."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import Alliance, Obstacle


@dataclass(frozen=True, slots=True)
class ObstacleRow:
    """An obstacle as the reader may see it; `age_days` runs until it was resolved."""

    id: int
    title: str
    note: str
    is_internal: bool
    organisation: str
    severity: str
    raised_on: date
    raised_by: str
    age_days: int
    escalated_to: str
    escalated_on: date | None
    resolved_on: date | None
    may_handle: bool


def visible_obstacles(user: User, on: date) -> QuerySet[Obstacle]:
    """Return the obstacles of the alliances that a user may see; nothing is read yet.

    Their notes are among them: whoever shows one asks `permissions.may_read_note` first.
    """
    return Obstacle.objects.filter(
        alliance__in=Alliance.objects.visible_to(user, on)
    ).select_related("alliance", "organisation")


def open_obstacles(
    alliance: Alliance, who: permissions.Standing, on: date
) -> tuple[ObstacleRow, ...]:
    """Return an alliance's open obstacles, the oldest first; 1 query.

    Args:
        alliance: taken from the reader's scope.
        who: the reader; internal notes of other organisations are left out.
        on: today, for their age.
    """
    found = alliance.obstacles.filter(resolved_on__isnull=True).order_by("raised_on", "pk")
    return tuple(_row(obstacle, who, on) for obstacle in _with_names(found))


def resolved_obstacles(
    alliance: Alliance, who: permissions.Standing, on: date, limit: int | None = None
) -> tuple[ObstacleRow, ...]:
    """Return an alliance's resolved obstacles, the latest first; 1 query.

    Args:
        alliance: taken from the reader's scope.
        who: the reader; internal notes of other organisations are left out.
        on: today.
        limit: the most to return; without it all.
    """
    found = alliance.obstacles.filter(resolved_on__isnull=False).order_by("-resolved_on", "-pk")
    return tuple(_row(obstacle, who, on) for obstacle in _with_names(found)[:limit])


def _with_names(obstacles: QuerySet[Obstacle]) -> QuerySet[Obstacle]:
    return obstacles.select_related("organisation", "raised_by", "escalated_to")


def _row(obstacle: Obstacle, who: permissions.Standing, on: date) -> ObstacleRow:
    is_open = permissions.may_read_note(who, obstacle)
    return ObstacleRow(
        id=obstacle.pk,
        title=obstacle.title,
        note=obstacle.note if is_open else "",
        is_internal=obstacle.is_internal and is_open,
        organisation=obstacle.organisation.name,
        severity=obstacle.get_severity_display(),
        raised_on=obstacle.raised_on,
        raised_by=obstacle.raised_by.name if obstacle.raised_by else "",
        age_days=((obstacle.resolved_on or on) - obstacle.raised_on).days,
        escalated_to=obstacle.escalated_to.name if obstacle.escalated_to else "",
        escalated_on=obstacle.escalated_on,
        resolved_on=obstacle.resolved_on,
        may_handle=permissions.why_cannot_handle_obstacle(who, obstacle) is None,
    )
