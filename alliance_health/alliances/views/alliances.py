"""An alliance's page of the register, its members and its history."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from alliance_health.accounts.requests import AuthenticatedRequest
from alliance_health.alliances import permissions
from alliance_health.alliances.forms.alliances import (
    AddMember,
    DescribeAlliance,
    EndMembership,
    FoundAlliance,
)
from alliance_health.alliances.operations import alliances as operations
from alliance_health.alliances.queries import alliances as queries
from alliance_health.alliances.queries import choices, seats
from alliance_health.alliances.queries import history as history_queries
from alliance_health.alliances.views.records import (
    Ask,
    as_entered,
    ask,
    place,
    read_or_send,
    sent,
    under_alliance,
    under_register,
)


@require_safe
def alliance(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show what the register knows of an alliance."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_alliances(request.user, today), pk=pk)
    who = permissions.standing(request.user, found, today)
    page = queries.alliance(found, who, today, show_all="all" in request.GET)
    return render(request, "alliances/alliance.html", {"page": page})


@read_or_send
def new_alliance(request: AuthenticatedRequest) -> HttpResponse:
    """Found an alliance."""
    permissions.require(permissions.why_cannot_keep_register(request.user))
    page = Ask(
        heading=_("New alliance"),
        submit=_("Add the alliance"),
        back=reverse("alliances:register"),
        parents=under_register(),
    )
    form = FoundAlliance(
        sent(request),
        {
            "starts_on": timezone.localdate(),
            "stage": choices.DEFAULT_STAGE,
            "sponsor_meetings_per_quarter": 1,
            "advocacy_per_quarter": 1,
        },
        organisations=choices.every_organisation(),
    )
    return ask(
        request,
        form,
        page,
        do=operations.found_alliance,
        said=_("The alliance is in the register. Now appoint its managers and sponsors."),
        then=lambda made: reverse("alliances:alliance", args=[made.pk]),
    )


@read_or_send
def edit_alliance(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Change what is said of an alliance."""
    found = get_object_or_404(queries.visible_alliances(request.user, timezone.localdate()), pk=pk)
    permissions.require(permissions.why_cannot_keep_register(request.user))
    page = Ask(
        heading=_("Edit %(name)s") % {"name": found},
        submit=_("Save"),
        back=reverse("alliances:alliance", args=[pk]),
        parents=under_alliance(pk, found.name),
    )
    form = DescribeAlliance(sent(request), as_entered(found, DescribeAlliance))
    do = partial(operations.edit_alliance, alliance=found)
    return ask(request, form, page, do=do, said=_("The alliance is changed."))


@read_or_send
def add_member(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Let an organisation join an alliance."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_alliances(request.user, today), pk=pk)
    permissions.require(permissions.why_cannot_keep_register(request.user))
    page = Ask(
        heading=_("New member of %(name)s") % {"name": found},
        submit=_("Add the member"),
        back=place(pk, "members"),
        parents=under_alliance(pk, found.name),
    )
    form = AddMember(
        sent(request), {"starts_on": today}, organisations=choices.every_organisation()
    )
    do = partial(operations.add_member, alliance=found)
    return ask(request, form, page, do=do, said=_("The member is added. Now appoint its people."))


@read_or_send
def end_membership(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Ask for the last day of a membership, and say what ends with it."""
    today = timezone.localdate()
    found = get_object_or_404(seats.visible_memberships(request.user, today), pk=pk)
    permissions.require(permissions.why_cannot_keep_register(request.user))
    page = Ask(
        heading=_("End the membership of %(name)s") % {"name": found.organisation},
        lead=_(
            "%(organisation)s has been a member of %(alliance)s since %(day)s. Its seats end on "
            "the same day; after it, its people no longer see the alliance. What they recorded "
            "stays."
        )
        % {
            "organisation": found.organisation,
            "alliance": found.alliance,
            "day": date_format(found.starts_on, "j F Y"),
        },
        submit=_("End the membership"),
        back=place(found.alliance_id, "members"),
        parents=under_alliance(found.alliance_id, found.alliance.name),
        is_loss=True,
    )
    form = EndMembership(sent(request), {"ends_on": found.ends_on or today})
    do = partial(operations.end_membership, membership=found)
    return ask(request, form, page, do=do, said=_("The membership has its last day."))


@require_safe
def history(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show who changed what in an alliance."""
    found = get_object_or_404(queries.visible_alliances(request.user, timezone.localdate()), pk=pk)
    permissions.require(permissions.why_cannot_read_history(request.user))
    page = history_queries.history(found, request.GET.get("page"))
    return render(
        request,
        "alliances/history.html",
        {"page": page, "name": found.name, "parents": under_alliance(pk, found.name)},
    )
