"""What every page's frame shows: where one can go, the theme, the version."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import alliance_health

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the top bar."""

    label: str | Promise
    url: str
    icon: str
    is_current: bool


def _items(request: HttpRequest) -> list[NavItem]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    entries = [
        (_("Portfolio"), "assessments:portfolio", "layout-grid"),
        (_("Warnings"), "assessments:signals", "triangle-alert"),
        (_("My questionnaires"), "assessments:my_questionnaires", "clipboard-check"),
        (_("Cycles"), "assessments:cycles", "calendar-range"),
        (_("Register"), "alliances:register", "book-open"),
    ]
    if user.is_staff:
        entries.append((_("Rubrics"), "assessments:rubrics", "ruler"))
        entries.append((_("Jobs"), "assessments:jobs", "activity"))
    return [
        NavItem(label, url := reverse(name), icon, request.path.startswith(url))
        for label, name, icon in entries
    ]


def site(request: HttpRequest) -> dict[str, Any]:
    """Give every template the navigation, the reader's theme and the product's version."""
    theme = request.COOKIES.get("theme", "auto")
    return {
        "nav_items": _items(request),
        "theme": theme if theme in THEMES else "auto",
        "app_version": alliance_health.__version__,
    }
