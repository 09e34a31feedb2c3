"""People of organisations; administrators add and change them."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance_health.accounts.requests import AuthenticatedRequest
from alliance_health.alliances import permissions
from alliance_health.alliances.forms.organisations import DescribePerson
from alliance_health.alliances.operations import people as operations
from alliance_health.alliances.queries import choices
from alliance_health.alliances.queries import people as queries
from alliance_health.alliances.views.records import (
    Ask,
    Crumb,
    as_entered,
    ask,
    read_or_send,
    sent,
    under_register,
)


def _parents() -> tuple[Crumb, ...]:
    return under_register(Crumb(_("People"), reverse("alliances:people")))


@read_or_send
def new_person(request: AuthenticatedRequest) -> HttpResponse:
    """Add somebody of an organisation."""
    permissions.require(permissions.why_cannot_keep_register(request.user))
    page = Ask(
        heading=_("New person"),
        submit=_("Add the person"),
        back=reverse("alliances:people"),
        parents=_parents(),
    )
    form = DescribePerson(
        sent(request),
        {"organisation": request.GET.get("organisation", "")},
        organisations=choices.every_organisation(),
        find_user=queries.user_with_address,
    )
    do = operations.add_person
    return ask(request, form, page, do=do, said=_("The person is in the register."))


@read_or_send
def edit_person(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Change what is said of somebody."""
    found = get_object_or_404(queries.visible_people(request.user, timezone.localdate()), pk=pk)
    permissions.require(permissions.why_cannot_keep_register(request.user))
    page = Ask(
        heading=_("Edit %(name)s") % {"name": found},
        submit=_("Save"),
        back=reverse("alliances:people"),
        parents=_parents(),
    )
    form = DescribePerson(
        sent(request),
        {
            **as_entered(found, DescribePerson),
            "user": found.user.email if found.user else "",
        },
        organisations=choices.every_organisation(),
        find_user=queries.user_with_address,
    )
    do = partial(operations.edit_person, person=found)
    return ask(request, form, page, do=do, said=_("The person is changed."))
