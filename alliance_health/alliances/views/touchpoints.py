"""Touchpoints: recorded, edited, removed."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alliance_health.accounts.requests import AuthenticatedRequest
from alliance_health.alliances import permissions
from alliance_health.alliances.forms.records import Record
from alliance_health.alliances.forms.touchpoints import DescribeTouchpoint, RecordTouchpoint
from alliance_health.alliances.operations import touchpoints as operations
from alliance_health.alliances.queries import alliances, choices
from alliance_health.alliances.queries import touchpoints as queries
from alliance_health.alliances.views.records import (
    Ask,
    as_entered,
    ask,
    place,
    read_or_send,
    sent,
    under_alliance,
)


@read_or_send
def new_touchpoint(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Record what a sponsor did."""
    today = timezone.localdate()
    found = get_object_or_404(alliances.visible_alliances(request.user, today), pk=pk)
    who = permissions.standing(request.user, found, today)
    permissions.require(permissions.why_cannot_record_touchpoint(who))
    page = Ask(
        heading=_("New touchpoint in %(name)s") % {"name": found},
        lead=_("Something a sponsor did for the alliance."),
        submit=_("Record the touchpoint"),
        back=place(pk, "touchpoints"),
        parents=under_alliance(pk, found.name),
    )
    form = RecordTouchpoint(
        sent(request),
        {"on": today, "kind": choices.DEFAULT_TOUCHPOINT},
        people=choices.people_to_meet(who, found, today),
        organisations=choices.organisations_for(who, found, today),
        own=who.organisation_id,
    )
    do = partial(operations.record, alliance=found)
    return ask(request, form, page, do=do, said=_("The touchpoint is recorded."))


@read_or_send
def edit_touchpoint(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Change a touchpoint."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_touchpoints(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_edit_touchpoint(who, found))
    page = Ask(
        heading=_("Edit the touchpoint of %(day)s") % {"day": date_format(found.on, "j F Y")},
        submit=_("Save"),
        back=place(found.alliance_id, "touchpoints"),
        parents=under_alliance(found.alliance_id, found.alliance.name),
    )
    took_part = list(found.participants.values_list("pk", flat=True))
    form = DescribeTouchpoint(
        sent(request),
        {**as_entered(found, DescribeTouchpoint), "participants": took_part},
        people=choices.people_to_meet(who, found.alliance, today, also=took_part),
        organisations=(choices.Option(found.organisation),),
        own=who.organisation_id,
    )
    do = partial(operations.edit, touchpoint=found)
    return ask(request, form, page, do=do, said=_("The touchpoint is changed."))


@read_or_send
def remove_touchpoint(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Ask once more, then remove a touchpoint."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_touchpoints(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_edit_touchpoint(who, found))
    page = Ask(
        heading=_("Remove the touchpoint of %(day)s") % {"day": date_format(found.on, "j F Y")},
        lead=_(
            "Remove it if it never took place. It no longer counts, and nobody but an "
            "administrator sees in the history that it was here. It cannot be brought back."
        ),
        submit=_("Remove the touchpoint"),
        back=place(found.alliance_id, "touchpoints"),
        parents=under_alliance(found.alliance_id, found.alliance.name),
        is_loss=True,
    )
    do = partial(operations.remove, touchpoint=found)
    return ask(request, Record(sent(request)), page, do=do, said=_("The touchpoint is removed."))
