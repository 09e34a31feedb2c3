"""Actions and commitments: agreed, edited, done."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance_health.accounts.requests import AuthenticatedRequest
from alliance_health.alliances import permissions
from alliance_health.alliances.forms.actions import AgreeAction, MarkDone
from alliance_health.alliances.forms.records import Record
from alliance_health.alliances.operations import actions as operations
from alliance_health.alliances.queries import actions as queries
from alliance_health.alliances.queries import alliances, choices
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
def new_action(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Agree who does what by when."""
    today = timezone.localdate()
    found = get_object_or_404(alliances.visible_alliances(request.user, today), pk=pk)
    who = permissions.standing(request.user, found, today)
    permissions.require(permissions.why_cannot_agree_action(who))
    page = Ask(
        heading=_("New action in %(name)s") % {"name": found},
        lead=_(
            "An action is agreed by the alliance; a commitment is one person's word to the other "
            "side."
        ),
        submit=_("Agree the action"),
        back=place(pk, "actions"),
        parents=under_alliance(pk, found.name),
    )
    form = AgreeAction(
        sent(request),
        {"kind": choices.DEFAULT_ACTION, "agreed_on": today, "owner": who.person_id},
        people=choices.people_to_act(who, found, today),
    )
    do = partial(operations.agree, alliance=found)
    return ask(request, form, page, do=do, said=_("The action is agreed."))


@read_or_send
def edit_action(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Change an action; the effect it is to have stays."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_actions(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_agree_action(who, found.organisation_id))
    alliance = (found.alliance_id, found.alliance.name)
    page = about(found.title, alliance, "actions", _("Edit the action"), _("Save"))
    form = AgreeAction(
        sent(request),
        as_entered(found, AgreeAction),
        people=choices.people_to_act(who, found.alliance, today, also=found.owner_id),
    )
    do = partial(
        operations.edit,
        action=found,
        dimension_key=found.dimension_key,
        expected_points=found.expected_points,
    )
    return ask(request, form, page, do=do, said=_("The action is changed."))


@read_or_send
def mark_done(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Record the day an action was done."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_actions(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_mark_done(who, found))
    alliance = (found.alliance_id, found.alliance.name)
    page = about(found.title, alliance, "actions", _("Mark as done"), _("Mark as done"))
    form = MarkDone(sent(request), {"on": found.done_on or today})
    do = partial(operations.mark_done, action=found)
    return ask(request, form, page, do=do, said=_("The action is done."))


@read_or_send
def undo_done(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Ask once more, then take back that an action was done."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_actions(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_mark_done(who, found))
    alliance = (found.alliance_id, found.alliance.name)
    page = about(found.title, alliance, "actions", _("Not done after all"), _("Take it back"))
    do = partial(operations.undo_done, action=found)
    return ask(request, Record(sent(request)), page, do=do, said=_("The action is open again."))
