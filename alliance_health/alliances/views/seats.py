"""Seats: appointing and ending."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance_health.accounts.requests import AuthenticatedRequest
from alliance_health.alliances import permissions
from alliance_health.alliances.forms.alliances import Appoint, EndSeat
from alliance_health.alliances.operations import seats as operations
from alliance_health.alliances.queries import alliances, choices
from alliance_health.alliances.queries import seats as queries
from alliance_health.alliances.views.records import (
    Ask,
    ask,
    place,
    read_or_send,
    sent,
    under_alliance,
)


@read_or_send
def appoint(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Give somebody a seat; the address may name the role that is vacant."""
    today = timezone.localdate()
    found = get_object_or_404(alliances.visible_alliances(request.user, today), pk=pk)
    who = permissions.standing(request.user, found, today)
    role = request.GET.get("role", choices.TEAM)
    permissions.require(permissions.why_cannot_appoint(who, choices.TEAM, who.organisation_id))
    page = Ask(
        heading=_("Appoint to a seat in %(name)s") % {"name": found},
        lead=_("A seat is held for the person's own organisation, from its first to its last day."),
        submit=_("Appoint"),
        back=place(pk, "members"),
        parents=under_alliance(pk, found.name),
    )
    form = Appoint(
        sent(request),
        {"role": role, "starts_on": today},
        roles=choices.roles(who),
        people=choices.people_to_appoint(who, found, today),
    )
    do = partial(operations.appoint, alliance=found)
    return ask(request, form, page, do=do, said=_("The seat is taken."))


@read_or_send
def end_seat(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Ask for the last day of a seat, and say what ends with it."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_seats(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_appoint(who, found.role, found.organisation_id))
    page = Ask(
        heading=_("End the seat of %(person)s") % {"person": found.person},
        lead=_(
            "%(person)s is %(role)s of %(alliance)s for %(organisation)s. The seat no "
            "longer shows them the alliance after its last day, and is vacant until somebody is "
            "appointed."
        )
        % {
            "person": found.person,
            "role": found.get_role_display(),
            "alliance": found.alliance,
            "organisation": found.organisation,
        },
        submit=_("End the seat"),
        back=place(found.alliance_id, "members"),
        parents=under_alliance(found.alliance_id, found.alliance.name),
        is_loss=True,
    )
    form = EndSeat(sent(request), {"ends_on": found.ends_on or today})
    do = partial(operations.end_seat, seat=found)
    return ask(request, form, page, do=do, said=_("The seat has its last day."))
