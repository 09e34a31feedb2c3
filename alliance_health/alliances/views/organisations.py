"""An organisation, its people, and who may see all of its alliances; administrators change them."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from alliance_health.accounts.requests import AuthenticatedRequest
from alliance_health.alliances import permissions
from alliance_health.alliances.forms.organisations import DescribeOrganisation, GrantPortfolio
from alliance_health.alliances.forms.records import Record
from alliance_health.alliances.operations import organisations as operations
from alliance_health.alliances.operations import people as people_operations
from alliance_health.alliances.queries import organisations as queries
from alliance_health.alliances.queries import people as people_queries
from alliance_health.alliances.views.records import (
    Ask,
    Crumb,
    as_entered,
    ask,
    read_or_send,
    sent,
    under_register,
)


def _all_organisations() -> Crumb:
    return Crumb(_("Organisations"), reverse("alliances:organisations"))


def _page_of(pk: int) -> str:
    return reverse("alliances:organisation", args=[pk])


@require_safe
def organisation(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show an organisation, its alliances and people, as far as the reader may see them."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_organisations(request.user, today), pk=pk)
    page = queries.organisation(found, request.user, today, request.GET.get("page"))
    may_change = permissions.why_cannot_keep_register(request.user) is None
    return render(request, "alliances/organisation.html", {"page": page, "may_change": may_change})


@read_or_send
def new_organisation(request: AuthenticatedRequest) -> HttpResponse:
    """Add an organisation."""
    permissions.require(permissions.why_cannot_keep_register(request.user))
    page = Ask(
        heading=_("New organisation"),
        submit=_("Add the organisation"),
        back=reverse("alliances:organisations"),
        parents=under_register(_all_organisations()),
    )
    return ask(
        request,
        DescribeOrganisation(sent(request)),
        page,
        do=operations.add_organisation,
        said=_("The organisation is in the register."),
        then=lambda made: _page_of(made.pk),
    )


@read_or_send
def edit_organisation(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Change what is said of an organisation."""
    found = get_object_or_404(
        queries.visible_organisations(request.user, timezone.localdate()), pk=pk
    )
    permissions.require(permissions.why_cannot_keep_register(request.user))
    page = Ask(
        heading=_("Edit %(name)s") % {"name": found},
        submit=_("Save"),
        back=_page_of(pk),
        parents=under_register(_all_organisations(), Crumb(found.name, _page_of(pk))),
    )
    form = DescribeOrganisation(sent(request), as_entered(found, DescribeOrganisation))
    do = partial(operations.edit_organisation, organisation=found)
    return ask(request, form, page, do=do, said=_("The organisation is changed."))


@read_or_send
def grant_portfolio(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Let somebody see all alliances of an organisation."""
    found = get_object_or_404(
        queries.visible_organisations(request.user, timezone.localdate()), pk=pk
    )
    permissions.require(permissions.why_cannot_keep_register(request.user))
    page = Ask(
        heading=_("Who may see all alliances of %(name)s") % {"name": found},
        lead=_("The right is to read only. To record something a person needs a seat."),
        submit=_("Give the right"),
        back=_page_of(pk),
        parents=under_register(_all_organisations(), Crumb(found.name, _page_of(pk))),
    )
    form = GrantPortfolio(sent(request), find_user=people_queries.user_with_address)
    do = partial(people_operations.grant_portfolio, organisation=found)
    return ask(request, form, page, do=do, said=_("The right is given."))


@read_or_send
def revoke_portfolio(request: AuthenticatedRequest, pk: int, user_pk: int) -> HttpResponse:
    """Ask once more, then take the right away."""
    found = get_object_or_404(
        queries.visible_organisations(request.user, timezone.localdate()), pk=pk
    )
    permissions.require(permissions.why_cannot_keep_register(request.user))
    user = get_object_or_404(people_queries.users_with_right(found), pk=user_pk)
    page = Ask(
        heading=_("Take the right from %(user)s") % {"user": user},
        lead=_(
            "%(user)s may then no longer see the alliances of %(organisation)s, except where they "
            "hold a seat."
        )
        % {"user": user, "organisation": found},
        submit=_("Take the right away"),
        back=_page_of(pk),
        parents=under_register(_all_organisations(), Crumb(found.name, _page_of(pk))),
        is_loss=True,
    )
    do = partial(people_operations.revoke_portfolio, organisation=found, user=user)
    return ask(request, Record(sent(request)), page, do=do, said=_("The right is taken away."))
