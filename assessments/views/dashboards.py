"""What sponsors and managers read: the portfolio, and one alliance."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from alliance_health.accounts.requests import AuthenticatedRequest
from assessments.queries import alliances, dashboards, figures
from assessments.queries import why as reasons


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


@require_safe
def why(
    request: AuthenticatedRequest, pk: int, kind: str = "overall", key: str = ""
) -> HttpResponse:
    """Show why a number is what it is; of `?run=` an earlier scoring."""
    found = get_object_or_404(figures.visible_alliances(request.user, timezone.localdate()), pk=pk)
    run = request.GET.get("run", "")
    page = reasons.why_page(found, (kind, key), int(run) if run.isdecimal() else None)
    if page is None:
        raise Http404
    return render(request, "assessments/why.html", {"page": page})
