"""Obstacles: raised, edited, escalated, resolved, reopened."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance_health.accounts.requests import AuthenticatedRequest
from alliance_health.alliances import permissions
from alliance_health.alliances.forms.obstacles import (
    DescribeObstacle,
    Escalate,
    RaiseObstacle,
    Resolve,
)
from alliance_health.alliances.forms.records import Record
from alliance_health.alliances.operations import obstacles as operations
from alliance_health.alliances.queries import alliances, choices
from alliance_health.alliances.queries import obstacles as queries
from alliance_health.alliances.views.records import (
    Ask,
    about,
    as_entered,
    ask,
    place,
    read_or_send,
    sent,
    under_alliance,
)


@read_or_send
def new_obstacle(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Raise what stands in the way."""
    today = timezone.localdate()
    found = get_object_or_404(alliances.visible_alliances(request.user, today), pk=pk)
    who = permissions.standing(request.user, found, today)
    permissions.require(permissions.why_cannot_raise_obstacle(who))
    page = Ask(
        heading=_("New obstacle in %(name)s") % {"name": found},
        lead=_(
            "The number of obstacles is never held against an alliance; how they are handled is."
        ),
        submit=_("Raise the obstacle"),
        back=place(pk, "obstacles"),
        parents=under_alliance(pk, found.name),
    )
    form = RaiseObstacle(
        sent(request),
        {"raised_on": today, "severity": choices.DEFAULT_SEVERITY},
        organisations=choices.organisations_for(who, found, today),
        own=who.organisation_id,
    )
    do = partial(operations.raise_obstacle, alliance=found)
    return ask(request, form, page, do=do, said=_("The obstacle is raised."))


@read_or_send
def edit_obstacle(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Change what is said of an obstacle."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_obstacles(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_handle_obstacle(who, found))
    alliance = (found.alliance_id, found.alliance.name)
    page = about(found.title, alliance, "obstacles", _("Edit the obstacle"), _("Save"))
    form = DescribeObstacle(
        sent(request),
        as_entered(found, DescribeObstacle),
        organisations=(choices.Option(found.organisation),),
        own=who.organisation_id,
    )
    do = partial(operations.edit, obstacle=found)
    return ask(request, form, page, do=do, said=_("The obstacle is changed."))


@read_or_send
def escalate_obstacle(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Ask a sponsor to take an obstacle out of the way."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_obstacles(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_handle_obstacle(who, found))
    alliance = (found.alliance_id, found.alliance.name)
    page = about(found.title, alliance, "obstacles", _("Escalate the obstacle"), _("Escalate"))
    form = Escalate(
        sent(request),
        {"to": found.escalated_to_id, "on": found.escalated_on or today},
        sponsors=choices.sponsors(found.alliance, today),
    )
    do = partial(operations.escalate, obstacle=found)
    return ask(request, form, page, do=do, said=_("The obstacle is escalated."))


@read_or_send
def resolve_obstacle(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Record the day an obstacle was out of the way."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_obstacles(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_handle_obstacle(who, found))
    alliance = (found.alliance_id, found.alliance.name)
    page = about(found.title, alliance, "obstacles", _("Resolve the obstacle"), _("Resolve"))
    form = Resolve(sent(request), {"on": found.resolved_on or today})
    do = partial(operations.resolve, obstacle=found)
    return ask(request, form, page, do=do, said=_("The obstacle is out of the way."))


@read_or_send
def reopen_obstacle(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Ask once more, then reopen an obstacle."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_obstacles(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_handle_obstacle(who, found))
    alliance = (found.alliance_id, found.alliance.name)
    page = about(found.title, alliance, "obstacles", _("Reopen the obstacle"), _("Reopen"))
    do = partial(operations.reopen, obstacle=found)
    return ask(request, Record(sent(request)), page, do=do, said=_("The obstacle is open again."))
