"""What sponsors and managers read: the portfolio, and one alliance."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from alliance_health.accounts.requests import AuthenticatedRequest
from assessments.queries import alliances, dashboards, figures


@require_safe
def portfolio(request: AuthenticatedRequest) -> HttpResponse:
    """Show every alliance the reader may see, the worst first."""
    page = dashboards.portfolio(request.user, timezone.localdate())
    return render(request, "assessments/portfolio.html", {"page": page})


@require_safe
def alliance(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show one alliance's health."""
    today = timezone.localdate()
    found = get_object_or_404(figures.visible_alliances(request.user, today), pk=pk)
    page = alliances.alliance_page(found, request.user, today)
    return render(request, "assessments/alliance.html", {"page": page})
