"""What the register's pages have in common: one page asks, one operation answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.models import model_to_dict
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alliance_health.accounts.requests import AuthenticatedRequest
from alliance_health.alliances.forms.records import Record

_Result = TypeVar("_Result")

read_or_send = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Crumb:
    """A page above this one."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Ask:
    """The words of a page with a form, and where it leads."""

    heading: str
    submit: str
    back: str
    parents: tuple[Crumb, ...]
    lead: str = ""
    is_loss: bool = False


def under_register(*parents: Crumb) -> tuple[Crumb, ...]:
    """Return the way from the register to a page."""
    return (Crumb(_("Register"), reverse("alliances:register")), *parents)


def under_alliance(pk: int, name: str, *parents: Crumb) -> tuple[Crumb, ...]:
    """Return the way from the register over an alliance to a page."""
    return under_register(Crumb(name, reverse("alliances:alliance", args=[pk])), *parents)


def place(pk: int, section: str) -> str:
    """Return the address of a section of an alliance's page."""
    return f"{reverse('alliances:alliance', args=[pk])}#{section}"


def about(title: str, alliance: tuple[int, str], section: str, heading: str, submit: str) -> Ask:
    """Return the words of a page about a record that stands in a section of its alliance's page."""
    return Ask(
        heading=heading,
        lead=title,
        submit=submit,
        back=place(alliance[0], section),
        parents=under_alliance(*alliance),
    )


def sent(request: AuthenticatedRequest) -> QueryDict | None:
    """Return what was sent; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def as_entered(record: Model, form: type[Record]) -> Mapping[str, object]:
    """Return a record's values as they would be entered in a form."""
    return model_to_dict(record, fields=list(form.base_fields))


def ask(
    request: AuthenticatedRequest,
    form: Record,
    page: Ask,
    *,
    do: Callable[..., _Result],
    said: str,
    then: Callable[[_Result], str] | None = None,
) -> HttpResponse:
    """Show a form; once it is sent and taken, say so and go on.

    Args:
        request: of the reader.
        form: what is asked.
        page: the words around it.
        do: the operation; it gets what was entered, who and when.
        said: what to say when it is done.
        then: where to go on, by what the operation returned; without it, back.
    """
    if request.method == "POST" and form.is_valid():
        try:
            done = do(**form.cleaned_data, by=request.user, now=timezone.now())
        except ValidationError as refusal:
            form.take(refusal)
        else:
            messages.success(request, said)
            return redirect(then(done) if then else page.back)
    return render(request, "alliances/record_form.html", {"form": form, "page": page})
