"""Running early warnings as pages show them: a sentence each, since when, and what is done."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Role, Seat
from alliance_health.alliances.permissions import Standing
from assessments import permissions
from assessments.models import Signal, SignalKind
from assessments.queries import figures

ROWS_A_PAGE = 50

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WarningRow:
    """One running warning."""

    id: int
    alliance_id: int
    alliance: str
    rule: str
    sentence: str
    raised_on: date
    answer: str
    answered_by: str
    answered_at: datetime | None
    why_not_answer: str | None

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None


@dataclass(frozen=True, slots=True)
class WarningCount:
    """How many warnings of an alliance run, and how many of them nobody has answered."""

    running: int = 0
    unanswered: int = 0

    @property
    def words(self) -> str:
        """How many wait for an answer and how many have one; only what there is is named."""
        answered = self.running - self.unanswered
        parts = []
        if self.unanswered:
            parts.append(_("%(n)d unanswered") % {"n": self.unanswered})
        if answered:
            parts.append(_("%(n)d answered") % {"n": answered})
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class WarningList:
    """One page of the warnings, those without an answer first."""

    rows: tuple[WarningRow, ...]
    page: Page[Signal]

    @property
    def why_not_answer(self) -> str | None:
        """Why the reader can answer none of them; None if he can answer one."""
        return _why_none(self.rows)


@dataclass(frozen=True, slots=True)
class AllianceWarnings:
    """The running warnings of one alliance, those without an answer first."""

    rows: tuple[WarningRow, ...] = ()

    @property
    def why_not_answer(self) -> str | None:
        """Why the reader can answer none of them; None if he can."""
        return _why_none(self.rows)


def _why_none(rows: Collection[WarningRow]) -> str | None:
    if any(row.why_not_answer is None for row in rows):
        return None
    return next((row.why_not_answer for row in rows), None)


def visible_signals(user: User, on: date) -> QuerySet[Signal]:
    """Return the warnings, running or ended, of the alliances that a user may see.

    Args:
        user: who asks.
        on: today.

    Returns:
        A scoped queryset; nothing is read yet.
    """
    return Signal.objects.filter(alliance__in=figures.visible_alliances(user, on)).select_related(
        "alliance", "acknowledged_by"
    )


def signals(user: User, on: date, page: str | None) -> WarningList:
    """Return one page of the running warnings that a user may see; 3 queries.

    Args:
        user: who asks.
        on: today.
        page: the number of the page, as it stands in the address.
    """
    found = _running(visible_signals(user, on))
    shown = Paginator(found, ROWS_A_PAGE).get_page(page)
    return WarningList(_rows(shown, user, on), shown)


def of_alliance(alliance: Alliance, user: User, on: date) -> AllianceWarnings:
    """Return the running warnings of an alliance that the caller took from its reader's scope.

    2 queries.

    Args:
        alliance: the alliance.
        user: who reads.
        on: today.
    """
    found = _running(Signal.objects.filter(alliance=alliance))
    return AllianceWarnings(_rows(found.select_related("alliance", "acknowledged_by"), user, on))


def signal(found: Signal, user: User, on: date) -> WarningRow:
    """Return one warning that the caller took from `visible_signals`; 1 query.

    Args:
        found: the warning.
        user: who reads.
        on: today.
    """
    return _row(found, _standings(user, on), on)


def counts(alliances: Iterable[int]) -> dict[int, WarningCount]:
    """Return how many warnings run, by alliance; those without one are left out; 1 query.

    Args:
        alliances: keys of the alliances, which the caller has scoped.
    """
    rows = (
        Signal.objects.filter(alliance__in=alliances, ended_on__isnull=True)
        .order_by()
        .values_list("alliance")
        .annotate(
            running=Count("pk"), unanswered=Count("pk", filter=Q(acknowledged_at__isnull=True))
        )
    )
    return {alliance: WarningCount(running, unanswered) for alliance, running, unanswered in rows}


def _running(found: QuerySet[Signal]) -> QuerySet[Signal]:
    return found.filter(ended_on__isnull=True).order_by(
        F("acknowledged_at").desc(nulls_first=True), "-raised_on", "alliance__name", "pk"
    )


def _rows(found: Iterable[Signal], user: User, on: date) -> tuple[WarningRow, ...]:
    who = _standings(user, on)
    return tuple(_row(one, who, on) for one in found)


def _standings(user: User, on: date) -> Callable[[int], Standing]:
    """Return what somebody is on a day in an alliance, by its key; 1 query for all of them."""
    seats = Seat.objects.held_on(on).filter(person__user=user)
    held = {
        alliance: Standing(
            is_administrator=user.is_staff,
            person_id=person,
            organisation_id=organisation,
            role=Role(role),
        )
        for alliance, person, organisation, role in seats.values_list(
            "alliance", "person", "organisation", "role"
        )
    }
    without_seat = Standing(is_administrator=user.is_staff)
    return lambda alliance: held.get(alliance, without_seat)


def _row(found: Signal, who: Callable[[int], Standing], on: date) -> WarningRow:
    return WarningRow(
        id=found.pk,
        alliance_id=found.alliance_id,
        alliance=found.alliance.name,
        rule=found.facts.get("rule") or found.get_kind_display(),
        sentence=sentence(found, on),
        raised_on=found.raised_on,
        answer=found.answer,
        answered_by=found.acknowledged_by.name if found.acknowledged_by else "",
        answered_at=found.acknowledged_at,
        why_not_answer=permissions.why_cannot_acknowledge(who(found.alliance_id), found),
    )


# --- what a warning says ------------------------------------------------------------------------
def sentence(found: Signal, on: date) -> str:
    """Say what a warning is about, from the numbers and names of the last watch.

    Args:
        found: the warning.
        on: today; days are counted up to it.
    """
    return _SENTENCES[SignalKind(found.kind)](found.facts, on)


def _days_since(facts: Facts, on: date) -> int:
    return (on - date.fromisoformat(facts["since"])).days


def _seat_vacant(facts: Facts, on: date) -> str:
    days = _days_since(facts, on)
    return ngettext(
        "%(organisation)s has had no executive sponsor for %(days)d day.",
        "%(organisation)s has had no executive sponsor for %(days)d days.",
        days,
    ) % {"organisation": facts["organisation"], "days": days}


def _silence(facts: Facts, on: date) -> str:
    days = _days_since(facts, on)
    told = {"days": days, "every": facts["every"]}
    if facts["have_met"]:
        said = ngettext(
            "No meeting of sponsors from two organisations for %(days)d day; one every %(every)d "
            "was agreed.",
            "No meeting of sponsors from two organisations for %(days)d days; one every %(every)d "
            "was agreed.",
            days,
        )
    else:
        said = ngettext(
            "Sponsors of two organisations have not met in the %(days)d day of the alliance; one "
            "meeting every %(every)d was agreed.",
            "Sponsors of two organisations have not met in the %(days)d days of the alliance; one "
            "meeting every %(every)d was agreed.",
            days,
        )
    return said % told


def _falling(facts: Facts, _on: date) -> str:
    return ngettext(
        "Progress against plan fell from %(before)d to %(now)d within %(days)d day.",
        "Progress against plan fell from %(before)d to %(now)d within %(days)d days.",
        facts["days"],
    ) % {"before": facts["before"], "now": facts["now"], "days": facts["days"]}


def _obstacle(facts: Facts, on: date) -> str:
    days = _days_since(facts, on)
    return ngettext(
        "“%(title)s” has stood in the way for %(days)d day.",
        "“%(title)s” has stood in the way for %(days)d days.",
        days,
    ) % {"title": facts["title"], "days": days}


def _declines(facts: Facts, _on: date) -> str:
    what = facts["pillar"] or _("The overall score")
    return ngettext(
        "%(what)s has clearly declined in %(cycles)d cycles in a row, the last time by %(n)d "
        "point.",
        "%(what)s has clearly declined in %(cycles)d cycles in a row, the last time by %(n)d "
        "points.",
        facts["points"],
    ) % {"what": what, "cycles": facts["cycles"], "n": facts["points"]}


def _gap(facts: Facts, _on: date) -> str:
    others = _("the others")
    said = (
        ngettext(
            "Clear gap in %(pillar)s that was not there in the cycle before: %(higher)s %(n)d "
            "point above %(lower)s.",
            "Clear gap in %(pillar)s that was not there in the cycle before: %(higher)s %(n)d "
            "points above %(lower)s.",
            facts["points"],
        )
        if facts["pillar"]
        else ngettext(
            "Clear gap overall that was not there in the cycle before: %(higher)s %(n)d point "
            "above %(lower)s.",
            "Clear gap overall that was not there in the cycle before: %(higher)s %(n)d points "
            "above %(lower)s.",
            facts["points"],
        )
    )
    return said % {
        "pillar": facts["pillar"],
        "higher": facts["higher"] or others,
        "lower": facts["lower"] or others,
        "n": facts["points"],
    }


def _few_answers(facts: Facts, _on: date) -> str:
    return ngettext(
        "%(answered)d of %(asked)d person asked at %(organisation)s has answered; %(cycle)s closes "
        "on %(day)s.",
        "%(answered)d of %(asked)d people asked at %(organisation)s have answered; %(cycle)s "
        "closes on %(day)s.",
        facts["asked"],
    ) % {
        "answered": facts["answered"],
        "asked": facts["asked"],
        "organisation": facts["organisation"],
        "cycle": facts["cycle"],
        "day": date_format(date.fromisoformat(facts["closes_on"]), "j F Y"),
    }


_SENTENCES: Mapping[SignalKind, Callable[[Facts, date], str]] = {
    SignalKind.SPONSOR_SEAT_VACANT: _seat_vacant,
    SignalKind.SPONSOR_SILENCE: _silence,
    SignalKind.ATTAINMENT_FALLING: _falling,
    SignalKind.OBSTACLE_OPEN: _obstacle,
    SignalKind.DECLINES_IN_A_ROW: _declines,
    SignalKind.GAP_NEWLY_CLEAR: _gap,
    SignalKind.LOW_RESPONSE: _few_answers,
}
