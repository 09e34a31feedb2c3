"""The portfolio: every alliance somebody may see, worst first."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from django.contrib.humanize.templatetags.humanize import ordinal
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance
from assessments import scoring
from assessments.models import (
    Assessment,
    CycleState,
    Dimension,
    NodeKind,
    ResponseState,
    Score,
    ScoreRun,
)
from assessments.queries import figures, signals
from assessments.queries.figures import OVERALL, QUARTERS_SHOWN, Figure, Movement, Node
from assessments.queries.signals import WarningCount

_WORST_FIRST = {"red": 0, "amber": 1, "green": 2}
_AFTER_ALL = 101.0


@dataclass(frozen=True, slots=True)
class Column:
    """A dimension of the heat table."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One alliance in one dimension."""

    name: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Place:
    """The places that an alliance can hold among others, counted from the lowest score."""

    first: int
    last: int
    of: int

    @property
    def said(self) -> str:
        """The places in words."""
        if self.first == 1 and self.last == self.of:
            return _("cannot be placed")
        places = {"first": ordinal(self.first), "last": ordinal(self.last), "of": self.of}
        if self.first == self.last:
            return _("%(first)s of %(of)d") % places
        return _("%(first)s to %(last)s of %(of)d") % places


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """One scored alliance."""

    id: int
    name: str
    members: str
    cycle: str
    is_older: bool
    overall: Figure
    change: Movement | None
    history: tuple[float | None, ...]
    bounds: tuple[float, float]
    cells: tuple[Cell, ...]
    warnings: WarningCount | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class PortfolioGroup:
    """The alliances judged by one rubric; numbers of different rubrics do not compare.

    `about_places` and `about_order` are empty, and no row has a place, where there are too few
    scored alliances to compare.
    """

    rubric: str
    cycle: str
    headline: str
    columns: tuple[Column, ...]
    rows: tuple[PortfolioRow, ...]
    about_places: str = ""
    about_order: str = ""


@dataclass(frozen=True, slots=True)
class OpenRound:
    """How far the answering is in a cycle that is open."""

    cycle: str
    closes_on: date
    asked: int
    answered: int


@dataclass(frozen=True, slots=True)
class Unscored:
    """An alliance without a score, and why."""

    id: int
    name: str
    members: str
    reason: str
    warnings: WarningCount | None = None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All of the portfolio page."""

    groups: tuple[PortfolioGroup, ...]
    unscored: tuple[Unscored, ...]
    open_rounds: tuple[OpenRound, ...]

    @property
    def is_empty(self) -> bool:
        return not self.groups and not self.unscored


def portfolio(user: User, on: date) -> Portfolio:
    """Return the portfolio of a user: a heat table a rubric, at-risk alliances first.

    8 queries, whatever the number of alliances.

    Args:
        user: who asks; only alliances visible to him are in it.
        on: today.
    """
    alliances = list(figures.visible_alliances(user, on).active().prefetch_related("organisations"))
    keys = [alliance.pk for alliance in alliances]
    runs: dict[int, list[ScoreRun]] = defaultdict(list)
    for run in figures.latest_runs(keys):
        runs[run.assessment.alliance_id].append(run)
    shown = {key: found[:QUARTERS_SHOWN] for key, found in runs.items()}
    recent = [run.pk for found in shown.values() for run in found[:2]]
    scores = _scores(recent, [run.pk for found in shown.values() for run in found])
    columns: dict[int, list[Column]] = defaultdict(list)
    versions = {found[0].rubric_version_id for found in shown.values()}
    for dimension in Dimension.objects.filter(version__in=versions).order_by(
        "pillar__position", "position"
    ):
        columns[dimension.version_id].append(Column(dimension.key, dimension.name))
    open_by_alliance = _open_assessments(keys)
    expiry = figures.cycles_to_expiry(versions)
    old = {
        key
        for key, found in shown.items()
        if figures.is_out_of_date(found[0].assessment.cycle, expiry[found[0].rubric_version_id], on)
    }
    warned = signals.counts(keys)
    return Portfolio(
        groups=_groups(alliances, shown, scores, columns, old, warned),
        unscored=tuple(
            Unscored(
                id=a.pk,
                name=a.name,
                members=_members(a),
                reason=_why_unscored(open_by_alliance.get(a.pk)),
                warnings=warned.get(a.pk),
            )
            for a in alliances
            if a.pk not in shown
        ),
        open_rounds=_rounds(list(open_by_alliance.values())),
    )


def _members(alliance: Alliance) -> str:
    return ", ".join(sorted({o.short_name for o in alliance.organisations.all()}))


def _scores(recent: Sequence[int], shown: Sequence[int]) -> dict[int, dict[Node, Score]]:
    """Read the whole alliances' scores: every node of recent runs, the overall of the others."""
    found: dict[int, dict[Node, Score]] = defaultdict(dict)
    for score in Score.objects.filter(
        Q(run__in=recent) | Q(run__in=shown, node_kind=NodeKind.OVERALL)
    ):
        found[score.run_id][figures.node_of(score)] = score
    return found


def _open_assessments(alliances: Sequence[int]) -> dict[int, Assessment]:
    """Read the assessments of open cycles with how many were asked and have answered."""
    submitted = Q(responses__state=ResponseState.SUBMITTED)
    rows = (
        Assessment.objects.filter(alliance__in=alliances, cycle__state=CycleState.OPEN)
        .select_related("cycle")
        .annotate(asked=Count("responses"), answered=Count("responses", filter=submitted))
        .order_by("-cycle__starts_on")
    )
    return {row.alliance_id: row for row in rows}


def _rounds(assessments: Sequence[Assessment]) -> tuple[OpenRound, ...]:
    by_cycle: dict[int, list[Assessment]] = defaultdict(list)
    for row in assessments:
        by_cycle[row.cycle_id].append(row)
    return tuple(
        OpenRound(
            cycle=rows[0].cycle.name,
            closes_on=rows[0].cycle.closes_on,
            asked=sum(row.asked for row in rows),  # type: ignore[attr-defined]
            answered=sum(row.answered for row in rows),  # type: ignore[attr-defined]
        )
        for rows in by_cycle.values()
    )


def _why_unscored(open_assessment: Assessment | None) -> str:
    if open_assessment is None:
        return _("No cycle with this alliance has closed yet.")
    return _("%(cycle)s is open: %(answered)d of %(asked)d have answered.") % {
        "cycle": open_assessment.cycle.name,
        "answered": open_assessment.answered,  # type: ignore[attr-defined]
        "asked": open_assessment.asked,  # type: ignore[attr-defined]
    }


def _groups(
    alliances: Sequence[Alliance],
    runs: dict[int, list[ScoreRun]],
    scores: dict[int, dict[Node, Score]],
    columns: dict[int, list[Column]],
    old: Collection[int],
    warned: dict[int, WarningCount],
) -> tuple[PortfolioGroup, ...]:
    by_rubric: dict[int, list[Alliance]] = defaultdict(list)
    for alliance in alliances:
        if alliance.pk in runs:
            by_rubric[runs[alliance.pk][0].rubric_version.rubric_id].append(alliance)
    groups = []
    for members in by_rubric.values():
        newest = max(
            (runs[a.pk][0] for a in members),
            key=lambda run: (run.assessment.cycle.starts_on, run.rubric_version.number),
        )
        cycle = newest.assessment.cycle
        heads = tuple(columns[newest.rubric_version_id])
        order = _order(
            {a.pk: scores[runs[a.pk][0].pk].get(OVERALL) for a in members if a.pk not in old}
        )
        rows = sorted(
            (
                replace(
                    _row(
                        a,
                        runs[a.pk],
                        scores,
                        heads,
                        cycle.pk,
                        warned.get(a.pk),
                        is_out_of_date=a.pk in old,
                    ),
                    place=order.places.get(a.pk),
                )
                for a in members
            ),
            key=lambda row: _badness(row, order.scores),
        )
        groups.append(
            PortfolioGroup(
                rubric=newest.rubric_version.rubric.name,
                cycle=cycle.name,
                headline=headline([row.overall.band for row in rows]),
                columns=heads,
                rows=tuple(rows),
                about_places=order.about_places,
                about_order=order.about_order,
            )
        )
    return tuple(sorted(groups, key=lambda group: (-len(group.columns), group.rubric)))


def _row(
    alliance: Alliance,
    runs: Sequence[ScoreRun],
    scores: dict[int, dict[Node, Score]],
    heads: Sequence[Column],
    newest_cycle: int,
    warnings: WarningCount | None,
    *,
    is_out_of_date: bool,
) -> PortfolioRow:
    latest = runs[0]
    now = scores[latest.pk]
    before = scores[runs[1].pk] if len(runs) > 1 else {}

    def seen(node: Node) -> Figure:
        return figures.figure(now.get(node), before.get(node), is_out_of_date=is_out_of_date)

    return PortfolioRow(
        id=alliance.pk,
        name=alliance.name,
        members=_members(alliance),
        cycle=latest.assessment.cycle.name,
        is_older=latest.assessment.cycle_id != newest_cycle,
        overall=seen(OVERALL),
        change=figures.movement(now.get(OVERALL), latest),
        history=tuple(figures.figure(scores[run.pk].get(OVERALL)).value for run in reversed(runs)),
        bounds=figures.boundaries(latest.rubric_version),
        cells=tuple(Cell(head.name, seen((NodeKind.DIMENSION.value, head.key))) for head in heads),
        warnings=warnings,
    )


def _badness(row: PortfolioRow, scores: Mapping[int, float]) -> tuple[int, float, str]:
    return (
        _WORST_FIRST.get(row.overall.band, len(_WORST_FIRST)),
        scores.get(row.id, _AFTER_ALL if row.overall.value is None else row.overall.value),
        row.name,
    )


@dataclass(frozen=True, slots=True)
class _Order:
    """In which order the alliances of a group stand, and what may be read from it.

    `scores`, by which a band is sorted instead of the own ones, and `places` are by alliance.
    """

    scores: Mapping[int, float]
    places: Mapping[int, Place]
    about_places: str = ""
    about_order: str = ""


def _order(overall: Mapping[int, Score | None]) -> _Order:
    """Return what the scores can tell of the order of alliances, if there are enough of them.

    Only of those that the reader sees, so that no place tells anything of another alliance.

    Args:
        overall: the overall score of each that is not out of date, by alliance.
    """
    shown = {
        key: (score.value, score.standard_error)
        for key, score in overall.items()
        if score is not None and score.value is not None and score.standard_error
    }
    if len(shown) < scoring.FEWEST_ALLIANCES:
        return _Order(scores={}, places={})
    ranked = scoring.ranking(*np.array(list(shown.values()), dtype=np.float64).T)
    places = zip(shown, ranked.first.tolist(), ranked.last.tolist(), strict=True)
    return _Order(
        scores=dict(zip(shown, ranked.score.tolist(), strict=True)),
        places={key: Place(first, last, len(shown)) for key, first, last in places},
        about_places=_about_places(len(shown), is_without_order=ranked.is_without_order),
        about_order=_(
            "Within a band, alliances stand by their scores drawn towards the average of all,"
            " %(mean)d: the fewer answers a score rests on, the further. The scores shown are not"
            " changed by it."
        )
        % {"mean": figures.whole_points(ranked.spread.mean)},
    )


def _about_places(alliances: int, *, is_without_order: bool) -> str:
    """Say in one sentence how to read the places."""
    if is_without_order:
        return _(
            "These %(n)d alliances cannot be put in order: their scores differ by no more than"
            " the answers leave open."
        ) % {"n": alliances}
    return _(
        "Places count from the lowest of %(n)d scores; where the places of two alliances overlap,"
        " the answers cannot tell which of them is lower."
    ) % {"n": alliances}


def headline(bands: Sequence[str]) -> str:
    """Say in one sentence how many alliances are in which band; only what there is is named.

    Args:
        bands: the overall band of each alliance.
    """
    known = ("red", "amber", "green", figures.OUT_OF_DATE)
    count = {band: sum(b == band for b in bands) for band in known}
    blank = len(bands) - sum(count.values())
    parts = []
    if count["red"]:
        parts.append(
            ngettext("%(n)d alliance is at risk", "%(n)d alliances are at risk", count["red"])
            % {"n": count["red"]}
        )
    if count["amber"]:
        parts.append(
            ngettext("%(n)d is to be watched", "%(n)d are to be watched", count["amber"])
            % {"n": count["amber"]}
        )
    if count["green"]:
        parts.append(
            ngettext("%(n)d is healthy", "%(n)d are healthy", count["green"])
            % {"n": count["green"]}
        )
    if old := count[figures.OUT_OF_DATE]:
        parts.append(ngettext("%(n)d is out of date", "%(n)d are out of date", old) % {"n": old})
    if blank:
        parts.append(
            ngettext("%(n)d has too few answers", "%(n)d have too few answers", blank)
            % {"n": blank}
        )
    return _("%(parts)s.") % {"parts": ", ".join(parts)}
