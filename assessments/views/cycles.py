"""Cycles: the list, a new one, who has answered, opening, closing, and personal links."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliance_health.accounts.requests import AuthenticatedRequest
from assessments import permissions
from assessments.forms.cycles import NewCycle, OpenCycle, OpensItself
from assessments.operations import cycles as operations
from assessments.operations import responses
from assessments.queries import cycles as queries
from assessments.queries import rubrics

_read_or_send = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def cycles(request: AuthenticatedRequest) -> HttpResponse:
    """List the cycles the reader may see."""
    rows = queries.cycles(request.user, timezone.localdate())
    return render(
        request,
        "assessments/cycles.html",
        {"rows": rows, "why_not_new": permissions.why_cannot_draft_cycle(request.user)},
    )


@_read_or_send
def new_cycle(request: AuthenticatedRequest) -> HttpResponse:
    """Draft a cycle."""
    if reason := permissions.why_cannot_draft_cycle(request.user):
        raise PermissionDenied(reason)
    versions = {version.pk: version for version in rubrics.published_versions()}
    choices = [(key, str(version)) for key, version in versions.items()]
    form = NewCycle(request.POST if request.method == "POST" else None, versions=choices)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        data["rubric_version"] = versions[data["rubric_version"]]
        try:
            cycle = operations.draft_cycle(by=request.user, now=timezone.now(), **data)
        except operations.CycleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            said = (
                _("%(name)s is drafted. It opens by itself when the day has come.")
                if data["opens_itself"]
                else _("%(name)s is drafted. Open it when the day has come.")
            )
            messages.success(request, said % data)
            return redirect("assessments:cycle", pk=cycle.pk)
    return render(request, "assessments/new_cycle.html", {"form": form, "has_rubric": choices})


@require_safe
def cycle(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show who was asked and who has answered, never what."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_cycles(request.user, today), pk=pk)
    return render(
        request,
        "assessments/cycle.html",
        {
            "page": queries.board(found, request.user, today),
            "why_not_open": permissions.why_cannot_open_cycle(request.user, found),
            "why_not_close": permissions.why_cannot_close_cycle(request.user, found),
            "may_send_links": request.user.is_staff,
        },
    )


@_read_or_send
def open_cycle(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Ask which alliances take part, then open the cycle."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_cycles(request.user, today), pk=pk)
    if reason := permissions.why_cannot_open_cycle(request.user, found):
        raise PermissionDenied(reason)
    askable = {a.pk: a for a in queries.alliances_to_ask(request.user, today)}
    names = [(key, alliance.name) for key, alliance in askable.items()]
    form = OpenCycle(request.POST if request.method == "POST" else None, alliances=names)
    if request.method == "POST" and form.is_valid():
        chosen = [askable[key] for key in form.cleaned_data["alliances"]]
        try:
            operations.open_cycle(
                cycle=found, alliances=chosen, by=request.user, now=timezone.now()
            )
        except operations.CycleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("%(cycle)s is open. People can answer now.") % {"cycle": found}
            )
            return redirect("assessments:cycle", pk=pk)
    return render(
        request, "assessments/open_cycle.html", {"form": form, "cycle": found, "names": names}
    )


@require_POST
def opens_itself(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Let a draft open by itself on its day, or not."""
    found = get_object_or_404(queries.visible_cycles(request.user, timezone.localdate()), pk=pk)
    if reason := permissions.why_cannot_open_cycle(request.user, found):
        raise PermissionDenied(reason)
    form = OpensItself(request.POST)
    form.full_clean()
    chosen = form.cleaned_data["opens_itself"]
    operations.set_opens_itself(
        cycle=found, opens_itself=chosen, by=request.user, now=timezone.now()
    )
    said = (
        _("%(cycle)s opens by itself when its day has come, within seconds if it is today.")
        if chosen
        else _("%(cycle)s does not open by itself any more. Open it when the day has come.")
    )
    messages.success(request, said % {"cycle": found})
    return redirect("assessments:cycle", pk=pk)


@_read_or_send
def close_cycle(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Ask once more, then close the cycle; its scores follow by themselves."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_cycles(request.user, today), pk=pk)
    if reason := permissions.why_cannot_close_cycle(request.user, found):
        raise PermissionDenied(reason)
    refused = ""
    if request.method == "POST":
        try:
            operations.close_cycle(cycle=found, by=request.user, now=timezone.now())
        except operations.CycleRefused as refusal:
            refused = str(refusal)
        else:
            messages.success(
                request,
                _("%(cycle)s is closed. Its scores appear within minutes.") % {"cycle": found},
            )
            return redirect("assessments:cycle", pk=pk)
    page = queries.board(found, request.user, today)
    return render(request, "assessments/close_cycle.html", {"page": page, "refused": refused})


@require_POST
def send_link(request: AuthenticatedRequest, pk: UUID) -> HttpResponse:
    """Mail a respondent his personal link; an earlier one stops working."""
    found = get_object_or_404(queries.visible_responses(request.user, timezone.localdate()), pk=pk)
    if reason := permissions.why_cannot_send_link(request.user, found):
        raise PermissionDenied(reason)
    try:
        responses.send_link(response=found, by=request.user, now=timezone.now())
    except responses.ResponseRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("A new link is on its way to %(person)s.") % {"person": found.person}
        )
    return redirect("assessments:cycle", pk=found.assessment.cycle_id)
