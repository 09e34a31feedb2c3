"""Alliances: which of them somebody may see, the list, and one alliance's page of the register."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import Alliance, Membership
from alliance_health.alliances.models.alliance import AllianceQuerySet
from alliance_health.alliances.models.periods import running_on
from alliance_health.alliances.queries import actions, objectives, obstacles, seats, touchpoints
from alliance_health.alliances.queries.actions import ActionRow
from alliance_health.alliances.queries.objectives import ObjectiveRow
from alliance_health.alliances.queries.obstacles import ObstacleRow
from alliance_health.alliances.queries.touchpoints import TouchpointRow

ROWS_A_PAGE = 50
LATEST = 8


@dataclass(frozen=True, slots=True)
class AllianceRow:
    """One alliance in the list."""

    id: int
    name: str
    members: tuple[str, ...]
    stage: str
    region: str
    starts_on: date


@dataclass(frozen=True, slots=True)
class AllianceList:
    """One page of the list."""

    rows: tuple[AllianceRow, ...]
    page: Page[Alliance]


@dataclass(frozen=True, slots=True)
class AlliancePage:
    """All of one alliance's page of the register.

    Of what is over, only the latest are there unless all were asked for; `has_more` says so.
    """

    id: int
    name: str
    purpose: str
    stage: str
    region: str
    starts_on: date
    ends_on: date | None
    sponsor_meetings_per_quarter: int
    advocacy_per_quarter: int
    standing: str
    members: seats.Members
    objectives: tuple[ObjectiveRow, ...]
    ended_objectives: tuple[ObjectiveRow, ...]
    touchpoints: tuple[TouchpointRow, ...]
    open_obstacles: tuple[ObstacleRow, ...]
    resolved_obstacles: tuple[ObstacleRow, ...]
    open_actions: tuple[ActionRow, ...]
    done_actions: tuple[ActionRow, ...]
    has_more: bool
    may_administer: bool
    may_appoint: bool
    may_promise: bool
    may_record_touchpoint: bool
    may_raise: bool
    may_agree: bool


def visible_alliances(user: User, on: date) -> AllianceQuerySet:
    """Return the alliances that a user may see on a day; nothing is read yet."""
    return Alliance.objects.visible_to(user, on)


def alliances(user: User, on: date, sought: str, page: str | None) -> AllianceList:
    """Return one page of the alliances that a user may see, by name; 3 queries.

    Args:
        user: who asks.
        on: today.
        sought: part of a name.
        page: the number of the page, as it stands in the address.
    """
    members = (
        Membership.objects.filter(running_on(on))
        .select_related("organisation")
        .order_by("organisation__short_name")
    )
    found = visible_alliances(user, on).filter(name__icontains=sought)
    shown = Paginator(
        found.prefetch_related(Prefetch("memberships", members)), ROWS_A_PAGE
    ).get_page(page)
    return AllianceList(
        rows=tuple(
            AllianceRow(
                id=alliance.pk,
                name=alliance.name,
                members=tuple(m.organisation.short_name for m in alliance.memberships.all()),
                stage=alliance.get_stage_display(),
                region=alliance.region,
                starts_on=alliance.starts_on,
            )
            for alliance in shown
        ),
        page=shown,
    )


def alliance(
    found: Alliance, who: permissions.Standing, on: date, *, show_all: bool = False
) -> AlliancePage:
    """Return the page of an alliance that the caller took from `visible_alliances`.

    12 queries, whatever the number of members, seats and records.

    Args:
        found: the alliance.
        who: the reader; internal notes of other organisations are left out.
        on: today.
        show_all: whether also what is long over is returned.
    """
    limit = None if show_all else LATEST + 1
    rows = objectives.objectives(found, who, on)
    met = touchpoints.touchpoints(found, who, limit)
    resolved = obstacles.resolved_obstacles(found, who, on, limit)
    done = actions.done_actions(found, who, on, limit)
    shown = None if show_all else LATEST
    return AlliancePage(
        id=found.pk,
        name=found.name,
        purpose=found.purpose,
        stage=found.get_stage_display(),
        region=found.region,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        sponsor_meetings_per_quarter=found.sponsor_meetings_per_quarter,
        advocacy_per_quarter=found.advocacy_per_quarter,
        standing=who.sentence,
        members=seats.members(found, who, on),
        objectives=tuple(row for row in rows if not row.ended_on),
        ended_objectives=tuple(row for row in rows if row.ended_on),
        touchpoints=met[:shown],
        open_obstacles=obstacles.open_obstacles(found, who, on),
        resolved_obstacles=resolved[:shown],
        open_actions=actions.open_actions(found, who, on),
        done_actions=done[:shown],
        has_more=shown is not None and max(len(met), len(resolved), len(done)) > shown,
        may_administer=who.is_administrator,
        may_appoint=permissions.why_cannot_appoint(who, "team", who.organisation_id) is None,
        may_promise=permissions.why_cannot_promise(who) is None,
        may_record_touchpoint=permissions.why_cannot_record_touchpoint(who) is None,
        may_raise=permissions.why_cannot_raise_obstacle(who) is None,
        may_agree=permissions.why_cannot_agree_action(who) is None,
    )
