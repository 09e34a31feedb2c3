"""Who changed what in an alliance; read by administrators."""

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from alliance_health.alliances.models import Alliance
from alliance_health.audit import queries as audit
from alliance_health.audit.queries import Source

_INTERNAL = {"note": "is_internal"}


def history(alliance: Alliance, page: str | None) -> audit.History:
    """Return one page of an alliance's changes, the newest first; internal notes are left out.

    Args:
        alliance: taken from the reader's scope.
        page: the number of the page, as it stands in the address.
    """
    return audit.history(_sources(alliance.pk), page)


def _events(model: str) -> type[Model]:
    """Return the event model that pghistory made for a model of the register."""
    return apps.get_model("alliances", f"{model}Event")


def _once(model: str, alliance: int) -> QuerySet[Model, dict[str, int]]:
    """Return the keys of an alliance's records of a model, those removed since among them."""
    return QuerySet(_events(model)).filter(alliance=alliance).values("pgh_obj")


def _sources(alliance: int) -> tuple[Source, ...]:
    own = Q(alliance=alliance)
    promised = Q(objective__in=_once("Objective", alliance))
    met = Q(touchpoint__in=_once("Touchpoint", alliance))
    return (
        Source(_events("Alliance"), _("alliance"), Q(pgh_obj=alliance), ("name",)),
        Source(_events("Membership"), _("membership"), own, ("organisation",), "alliance"),
        Source(_events("Seat"), _("seat"), own, ("person", "role"), "alliance"),
        Source(_events("Objective"), _("objective"), own, ("statement",), "alliance"),
        Source(_events("Plan"), _("plan"), promised, ("objective",), "objective"),
        Source(_events("CheckIn"), _("check-in"), promised, ("objective", "on"), "objective"),
        Source(
            _events("Confirmation"),
            _("confirmation"),
            promised,
            ("objective", "organisation", "on"),
            "objective",
        ),
        Source(_events("Touchpoint"), _("touchpoint"), own, ("kind", "on"), "alliance", _INTERNAL),
        Source(
            _events("Participation"),
            _("participation"),
            met,
            ("person", "organisation"),
            "touchpoint",
        ),
        Source(_events("Obstacle"), _("obstacle"), own, ("title",), "alliance", _INTERNAL),
        Source(_events("Action"), _("action"), own, ("title",), "alliance"),
    )
