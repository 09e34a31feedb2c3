"""What runs by itself, for the administrator who watches it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from alliance_health.accounts.requests import AuthenticatedRequest
from assessments import permissions
from assessments.operations import scoring_jobs
from assessments.queries import jobs as queries


@require_safe
def jobs(request: AuthenticatedRequest) -> HttpResponse:
    """Show what is due, how it gets on, and what was given up."""
    if reason := permissions.why_cannot_see_jobs(request.user):
        raise PermissionDenied(reason)
    return render(request, "assessments/jobs.html", {"page": queries.page(timezone.now())})


@require_POST
def retry_jobs(request: AuthenticatedRequest) -> HttpResponse:
    """Have everything tried again that was given up."""
    return _retry(request)


@require_POST
def retry_job(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Have one scoring tried again that was given up."""
    return _retry(request, pk)


def _retry(request: AuthenticatedRequest, pk: int | None = None) -> HttpResponse:
    number = scoring_jobs.retry_given_up(by=request.user, now=timezone.now(), job_id=pk)
    if number:
        said = ngettext(
            "%(number)s scoring is due again. It is tried within seconds.",
            "%(number)s scorings are due again. They are tried within seconds.",
            number,
        )
        messages.success(request, said % {"number": number})
    else:
        messages.info(request, _("Nothing of this is given up any more."))
    return redirect("assessments:jobs")
