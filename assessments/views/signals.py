"""Early warnings: the list, and one of them with what is done about it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from alliance_health.accounts.requests import AuthenticatedRequest
from alliance_health.alliances.permissions import require
from alliance_health.alliances.views.records import read_or_send, sent
from assessments.forms.signals import Acknowledge
from assessments.operations import signals as operations
from assessments.queries import signals as queries


@require_safe
def signals(request: AuthenticatedRequest) -> HttpResponse:
    """List the running warnings of the reader's alliances."""
    found = queries.signals(request.user, timezone.localdate(), request.GET.get("page"))
    return render(request, "assessments/signals.html", {"found": found})


@read_or_send
def signal(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show one warning; take what is done about it."""
    today = timezone.localdate()
    found = get_object_or_404(queries.visible_signals(request.user, today), pk=pk)
    row = queries.signal(found, request.user, today)
    form = Acknowledge(sent(request), {"answer": row.answer})
    if request.method == "POST":
        require(row.why_not_answer)
        if form.is_valid():
            try:
                operations.acknowledge(
                    signal=found, by=request.user, now=timezone.now(), **form.cleaned_data
                )
            except ValidationError as refusal:
                form.take(refusal)
            else:
                messages.success(request, _("Your answer stands beside the warning."))
                return redirect(
                    f"{reverse('assessments:alliance', args=[row.alliance_id])}#warnings"
                )
    return render(request, "assessments/signal.html", {"row": row, "form": form})
