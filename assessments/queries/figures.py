"""Scores as pages show them: a number with its interval, its band and how it moved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance
from alliance_health.alliances.models.alliance import AllianceQuerySet
from assessments.models import (
    Cycle,
    CycleState,
    NodeKind,
    RubricVersion,
    Score,
    ScoreRun,
    SideScore,
)
from assessments.queries.rules import rules_of

QUARTERS_SHOWN = 8

# What a number is about: its kind and its key in the rubric.
Node = tuple[str, str]
OVERALL: Node = (NodeKind.OVERALL.value, "")
OUT_OF_DATE = "old"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number as it is shown; `value` is None where there are too few answers to show."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    band: str = "none"
    is_provisional: bool = False
    is_incomplete: bool = False
    raters: int = 0
    # Solid colour is kept for what asks for attention: at risk, or in another band than before.
    is_solid: bool = False

    @property
    def is_shown(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class Movement:
    """How far a number moved since the cycle before, and what may be said of it."""

    points: float
    since: str
    verdict: str
    sentence: str
    is_rebased: bool = False

    @property
    def is_real(self) -> bool:
        """Whether chance is ruled out."""
        return self.verdict in ("improved", "declined")

    @property
    def word(self) -> str:
        """The verdict in the language of the page."""
        words = {
            "improved": _("improved"),
            "declined": _("declined"),
            "possible": _("possible"),
            "stable": _("stable"),
        }
        return words.get(self.verdict, _("cannot tell"))


def visible_alliances(user: User, on: date) -> AllianceQuerySet:
    """Return the alliances that a user may see on a day; the first access check of every page.

    Args:
        user: who asks.
        on: today.

    Returns:
        A scoped queryset; nothing is read yet.
    """
    return Alliance.objects.visible_to(user, on)


def latest_runs(alliances: Iterable[int]) -> QuerySet[ScoreRun]:
    """Return the latest scoring of each closed assessment of some alliances, newest cycle first.

    One query.

    Args:
        alliances: keys of the alliances, which the caller has scoped.
    """
    newest = (
        ScoreRun.objects.filter(
            assessment__alliance__in=alliances, assessment__cycle__state=CycleState.CLOSED
        )
        .order_by("assessment", "-as_of", "-computed_at", "-pk")
        .distinct("assessment")
    )
    return (
        ScoreRun.objects.filter(pk__in=newest.values("pk"))
        .select_related("assessment__cycle", "rubric_version__rubric", "before__assessment__cycle")
        .defer("rubric_version__document", "rubric_version__description")
        .order_by("-assessment__cycle__starts_on", "-assessment__cycle", "assessment")
    )


def band_word(band: str) -> str:
    """Say a band."""
    words = {"green": _("Healthy"), "amber": _("Watch"), "red": _("At risk")}
    return words.get(band, _("No data"))


def likely(probability: float) -> str:
    """Say how probable the shown band is; nothing is ever wholly certain."""
    percent = round(probability * 100)
    if percent == 100:
        return _("It is almost certain that this band is the right one.")
    return _("It is %(percent)d %% likely that this band is the right one.") % {"percent": percent}


def node_of(row: Score) -> Node:
    """Return what a stored number is about."""
    return (row.node_kind, row.node_key)


def cycles_to_expiry(versions: Iterable[int]) -> dict[int, float]:
    """Return after how many cycles a score is out of date, by rubric version; 1 query.

    Args:
        versions: keys of the rubric versions.
    """
    rows = RubricVersion.objects.filter(pk__in=set(versions))
    return {version.pk: rules_of(version).cycles_to_expiry for version in rows}


def is_out_of_date(cycle: Cycle, cycles: float, on: date) -> bool:
    """Return whether what was said in a cycle is too old to go by.

    Args:
        cycle: in which people were asked.
        cycles: after how many of its own lengths, from its last day on.
        on: today.
    """
    length = cycle.ends_on - cycle.starts_on + timedelta(days=1)
    return on > cycle.ends_on + cycles * length


def figure(
    score: Score | None, before: Score | None = None, *, is_out_of_date: bool = False
) -> Figure:
    """Return a stored score as a figure.

    Args:
        score: the row, or None where nothing may be shown.
        before: the same number in the cycle before, to see whether it changed its band.
        is_out_of_date: whether it is too old for a band; the number is shown, in grey.
    """
    if score is None or score.value is None:
        return Figure(raters=score.raters if score else 0)
    if is_out_of_date:
        return Figure(
            value=score.value,
            low=score.low,
            high=score.high,
            band=OUT_OF_DATE,
            is_incomplete=score.is_incomplete,
            raters=score.raters,
        )
    crossed = before is not None and bool(before.band) and before.band != score.band
    return Figure(
        value=score.value,
        low=score.low,
        high=score.high,
        band=score.band or "none",
        is_provisional=score.is_provisional,
        is_incomplete=score.is_incomplete,
        raters=score.raters,
        is_solid=score.band == "red" or crossed,
    )


def side_figure(score: SideScore | None) -> Figure:
    """Return one side's own number as a figure.

    Args:
        score: None where nothing may be shown.
    """
    if score is None:
        return Figure()
    return Figure(
        value=score.value,
        low=score.low,
        high=score.high,
        is_incomplete=score.is_incomplete,
        raters=score.raters,
    )


def boundaries(version: RubricVersion) -> tuple[float, float]:
    """Return where amber and green begin in a rubric version."""
    bands = version.parameters["bands"]
    return float(bands["amber_from"]), float(bands["green_from"])


def movement(score: Score | None, run: ScoreRun) -> Movement | None:
    """Return how a number moved, with its sentence; None where nothing compares.

    Args:
        score: a number of the run.
        run: with the run before and its cycle.
    """
    if score is None or score.change_points is None or run.before is None:
        return None
    since = run.before.assessment.cycle.name
    return Movement(
        points=score.change_points,
        since=since,
        verdict=score.change_verdict,
        sentence=_change_sentence(score.change_points, score.change_verdict, since),
        is_rebased=run.is_rebased,
    )


def whole_points(value: float) -> int:
    """Round to whole points, halves away from zero, as the pages do."""
    return int(abs(value) + 0.5) * (1 if value > 0 else -1)


def signed(points: float) -> str:
    """Write a change with its sign and one decimal: +4.2, −0.3, 0.0."""
    tenths = int(abs(points) * 10 + 0.5)
    sign = "" if not tenths else "+" if points > 0 else "−"
    return f"{sign}{tenths // 10}.{tenths % 10}"


def moved(points: int, since: str) -> str:
    """Say how far something moved, in whole points."""
    if points == 0:
        return _("Level with %(since)s") % {"since": since}
    said = (
        ngettext(
            "Up %(count)d point since %(since)s", "Up %(count)d points since %(since)s", points
        )
        if points > 0
        else ngettext(
            "Down %(count)d point since %(since)s", "Down %(count)d points since %(since)s", -points
        )
    )
    return said % {"count": abs(points), "since": since}


def _change_sentence(points: float, verdict: str, since: str) -> str:
    told = moved(whole_points(points), since)
    match verdict:
        case "improved":
            return _("%(moved)s: a real improvement, more than chance explains.") % {"moved": told}
        case "declined":
            return _("%(moved)s: a real decline, more than chance explains.") % {"moved": told}
        case "possible":
            return _("%(moved)s: possibly real, but chance could explain it.") % {"moved": told}
        case "stable":
            return _("%(moved)s: stable, nothing of weight has moved.") % {"moved": told}
        case _:
            return _("%(moved)s: too few answers to tell whether that is real.") % {"moved": told}
