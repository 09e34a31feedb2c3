"""The register's lists: alliances, organisations, people."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from alliance_health.accounts.requests import AuthenticatedRequest
from alliance_health.alliances import permissions
from alliance_health.alliances.queries import alliances as alliance_queries
from alliance_health.alliances.queries import organisations as organisation_queries
from alliance_health.alliances.queries import people as people_queries


def _sought(request: AuthenticatedRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()


def _list(
    request: AuthenticatedRequest,
    template: str,
    found: alliance_queries.AllianceList
    | organisation_queries.OrganisationList
    | people_queries.PersonList,
) -> HttpResponse:
    sought = _sought(request)
    return render(
        request,
        template,
        {
            "found": found,
            "sought": sought,
            "query": urlencode({"q": sought}) if sought else "",
            "may_add": permissions.why_cannot_keep_register(request.user) is None,
        },
    )


@require_safe
def register(request: AuthenticatedRequest) -> HttpResponse:
    """List the alliances that the reader may see."""
    found = alliance_queries.alliances(
        request.user, timezone.localdate(), _sought(request), request.GET.get("page")
    )
    return _list(request, "alliances/register.html", found)


@require_safe
def organisations(request: AuthenticatedRequest) -> HttpResponse:
    """List the organisations that the reader may see."""
    found = organisation_queries.organisations(
        request.user, timezone.localdate(), _sought(request), request.GET.get("page")
    )
    return _list(request, "alliances/organisations.html", found)


@require_safe
def people(request: AuthenticatedRequest) -> HttpResponse:
    """List the people that the reader may see."""
    found = people_queries.people(
        request.user, timezone.localdate(), _sought(request), request.GET.get("page")
    )
    return _list(request, "alliances/people.html", found)
