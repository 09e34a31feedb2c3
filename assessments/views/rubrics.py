"""Rubrics, to be read by everybody who signs in: people may know how they are judged."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from alliance_health.accounts.requests import AuthenticatedRequest
from assessments.queries import rubrics as queries


@require_safe
def rubrics(request: AuthenticatedRequest) -> HttpResponse:
    """List the rubrics with their versions."""
    return render(request, "assessments/rubrics.html", {"versions": queries.versions()})


@require_safe
def rubric(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show what one version asks and weighs."""
    version = get_object_or_404(queries.all_versions(), pk=pk)
    page = queries.version_page(version)
    return render(request, "assessments/rubric.html", {"page": page})
