"""Answering: one's own list, one dimension a page, review, receipt, and the personal link."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from alliance_health.accounts.requests import AuthenticatedRequest
from assessments import permissions
from assessments.forms.questionnaires import SectionForm
from assessments.operations import responses as operations
from assessments.queries import questionnaires as queries
from assessments.queries import responses

# Where a session keeps the response that a personal link opened.
HELD = "held_response"

_read_or_send = require_http_methods(["GET", "HEAD", "POST"])


def _held(request: HttpRequest) -> str | None:
    return request.session.get(HELD)


@require_safe
def my_questionnaires(request: AuthenticatedRequest) -> HttpResponse:
    """List the reader's own questionnaires."""
    rows = queries.mine(request.user)
    return render(request, "assessments/my_questionnaires.html", {"rows": rows})


@login_not_required
@never_cache
@_read_or_send
def questionnaire(request: HttpRequest, pk: UUID, dimension: str) -> HttpResponse:
    """Ask the items of one dimension; save and go on."""
    if not request.user.is_authenticated and not _held(request):
        return redirect_to_login(request.get_full_path())
    response = get_object_or_404(queries.answerable(request.user, _held(request)), pk=pk)
    page = queries.questionnaire(response)
    if page.is_submitted:
        return redirect("assessments:questionnaire_receipt", pk=pk)
    by = queries.answers_as(response, request.user)
    if reason := permissions.why_cannot_answer(by, response):
        raise PermissionDenied(reason)
    place = page.place(dimension)
    if place is None:
        raise Http404
    section = page.sections[place]
    form = SectionForm(request.POST if request.method == "POST" else None, cards=section.cards)
    if request.method == "POST" and form.is_valid():
        try:
            operations.save_answers(
                response=response, answers=form.given(), by=by, now=timezone.now()
            )
        except operations.ResponseRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            following = page.sections[place + 1 :]
            if following and "leave" not in request.POST:
                return redirect("assessments:questionnaire", pk=pk, dimension=following[0].key)
            return redirect("assessments:questionnaire_review", pk=pk)
    return render(
        request,
        "assessments/questionnaire.html",
        {
            "page": page,
            "section": section,
            "form": form,
            "number": place + 1,
            "previous": page.sections[place - 1] if place else None,
        },
    )


@login_not_required
@never_cache
@_read_or_send
def questionnaire_review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the sections and the answers so far; submit them."""
    if not request.user.is_authenticated and not _held(request):
        return redirect_to_login(request.get_full_path())
    response = get_object_or_404(queries.answerable(request.user, _held(request)), pk=pk)
    page = queries.questionnaire(response)
    if page.is_submitted:
        return redirect("assessments:questionnaire_receipt", pk=pk)
    by = queries.answers_as(response, request.user)
    if reason := permissions.why_cannot_answer(by, response):
        raise PermissionDenied(reason)
    refused = ""
    if request.method == "POST":
        try:
            operations.submit(response=response, by=by, now=timezone.now())
        except operations.ResponseRefused as refusal:
            refused = str(refusal)
        else:
            return redirect("assessments:questionnaire_receipt", pk=pk)
    return render(
        request, "assessments/questionnaire_review.html", {"page": page, "refused": refused}
    )


@login_not_required
@never_cache
@require_safe
def questionnaire_receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that the answers have arrived, and what happens to them."""
    if not request.user.is_authenticated and not _held(request):
        return redirect_to_login(request.get_full_path())
    response = get_object_or_404(queries.answerable(request.user, _held(request)), pk=pk)
    page = queries.questionnaire(response)
    if not page.is_submitted:
        return redirect("assessments:questionnaire_review", pk=pk)
    return render(request, "assessments/questionnaire_receipt.html", {"page": page})


@login_not_required
@never_cache
@_read_or_send
def answer(request: HttpRequest, secret: str) -> HttpResponse:
    """Show what a personal link opens; a press of the button, not the visit, opens it.

    Mail scanners visit links: a visit changes nothing. The secret never stands in a Referer.
    """
    response = responses.response_by_link(secret)
    if response is None:
        page = render(request, "assessments/answer_gone.html", status=404)
    elif request.method == "POST":
        request.session.cycle_key()
        request.session[HELD] = str(response.pk)
        page = redirect("assessments:questionnaire_review", pk=response.pk)
    else:
        promised = queries.promise(response)
        page = render(
            request, "assessments/answer.html", {"response": response, "promise": promised}
        )
    page["Referrer-Policy"] = "strict-origin"
    return page
