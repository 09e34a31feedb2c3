"""Objectives: one's page, promising, checking in, confirming, rebasing, ending."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from alliance_health.accounts.requests import AuthenticatedRequest
from alliance_health.alliances import permissions
from alliance_health.alliances.forms.objectives import (
    CheckIn,
    Confirm,
    DescribeObjective,
    EndObjective,
    PromiseObjective,
    Rebase,
)
from alliance_health.alliances.operations import objectives as operations
from alliance_health.alliances.queries import alliances, choices
from alliance_health.alliances.queries import objectives as queries
from alliance_health.alliances.views.records import (
    Ask,
    Crumb,
    as_entered,
    ask,
    place,
    read_or_send,
    sent,
    under_alliance,
)


def _page_of(pk: int) -> str:
    return reverse("alliances:objective", args=[pk])


@require_safe
def objective(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show an objective against its plan, its values and its confirmations."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_objectives(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    page = queries.objective(found, who, today)
    parents = under_alliance(page.alliance_id, page.alliance)
    return render(request, "alliances/objective.html", {"page": page, "parents": parents})


@read_or_send
def new_objective(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Promise an objective."""
    today = timezone.localdate()
    found = get_object_or_404(alliances.visible_alliances(request.user, today), pk=pk)
    who = permissions.standing(request.user, found, today)
    permissions.require(permissions.why_cannot_promise(who))
    page = Ask(
        heading=_("New objective of %(name)s") % {"name": found},
        lead=_("Something the alliance promises, as a measure that can be read on a day."),
        submit=_("Promise the objective"),
        back=place(pk, "objectives"),
        parents=under_alliance(pk, found.name),
    )
    form = PromiseObjective(
        sent(request),
        {"weight": 1, "starts_on": today},
        owners=choices.organisations_for(who, found, today),
    )
    do = partial(operations.promise, alliance=found)
    return ask(request, form, page, do=do, said=_("The objective is promised."))


def _about(pk: int, statement: str, alliance: tuple[int, str], heading: str, submit: str) -> Ask:
    """Return the words of a page about an objective."""
    return Ask(
        heading=heading,
        lead=statement,
        submit=submit,
        back=_page_of(pk),
        parents=under_alliance(*alliance, Crumb(statement, _page_of(pk))),
    )


@read_or_send
def edit_objective(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Change an objective's words, owner or weight."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_objectives(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_promise(who, found.owner_id))
    alliance = (found.alliance_id, found.alliance.name)
    page = _about(pk, found.statement, alliance, _("Edit the objective"), _("Save"))
    form = DescribeObjective(
        sent(request),
        as_entered(found, DescribeObjective),
        owners=choices.organisations_for(who, found.alliance, today),
    )
    do = partial(operations.edit_objective, objective=found)
    return ask(request, form, page, do=do, said=_("The objective is changed."))


@read_or_send
def check_in(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Record an objective's value on a day."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_objectives(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_check_in(who, found))
    alliance = (found.alliance_id, found.alliance.name)
    page = _about(pk, found.statement, alliance, _("Check in"), _("Record the value"))
    form = CheckIn(sent(request), {"on": today}, measure=found.measure, unit=found.unit)
    do = partial(operations.check_in, objective=found)
    return ask(request, form, page, do=do, said=_("The value is recorded."))


@read_or_send
def confirm(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Confirm that an objective is still what an organisation wants."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_objectives(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_confirm(who))
    alliance = (found.alliance_id, found.alliance.name)
    page = _about(pk, found.statement, alliance, _("Confirm the objective"), _("Confirm"))
    form = Confirm(
        sent(request),
        {"on": today},
        organisations=choices.organisations_for(who, found.alliance, today),
    )
    do = partial(operations.confirm, objective=found)
    return ask(request, form, page, do=do, said=_("The objective is confirmed."))


@read_or_send
def rebase(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Give an objective a new plan."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_objectives(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_promise(who, found.owner_id))
    alliance = (found.alliance_id, found.alliance.name)
    page = _about(pk, found.statement, alliance, _("Rebase the objective"), _("Set the new plan"))
    form = Rebase(sent(request), {**queries.values_in_force(found, today), "agreed_on": today})
    do = partial(operations.rebase, objective=found)
    return ask(request, form, page, do=do, said=_("The new plan holds. The old one stays below."))


@read_or_send
def end_objective(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Ask for the day an objective ended."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_objectives(request.user, today), pk=pk)
    who = permissions.standing(request.user, found.alliance, today)
    permissions.require(permissions.why_cannot_promise(who, found.owner_id))
    alliance = (found.alliance_id, found.alliance.name)
    page = _about(pk, found.statement, alliance, _("End the objective"), _("End the objective"))
    form = EndObjective(sent(request), {"ended_on": found.ended_on or today})
    do = partial(operations.end_objective, objective=found)
    return ask(request, form, page, do=do, said=_("The objective has ended."))
