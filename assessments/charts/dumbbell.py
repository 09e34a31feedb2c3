"""Where the sides of an alliance see it differently: one row a question, one mark a side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from assessments.charts import scale, svg

# One drawing per width of the place it stands in: beside the bar, or above it, stands the label.
VARIANTS = (("wide", 720.0, 230.0), ("middle", 480.0, 160.0), ("narrow", 288.0, 0.0))
GAP_COLUMN, EDGE, LEGEND_LINE, AXIS = 48.0, 10.0, 22.0, 24.0
ROW, LABEL, LABEL_LINE = 40.0, 13.0, 16.0


class Side(Protocol):
    """What one side's answer must offer; a query's own dataclass will do."""

    @property
    def side(self) -> str: ...
    @property
    def value(self) -> float | None: ...


class Row(Protocol):
    """What one row must offer."""

    @property
    def label(self) -> str: ...
    @property
    def sides(self) -> Sequence[Side]: ...


@dataclass(frozen=True, slots=True)
class SideValue:
    """What one side says, 0 to 100; None where too few of it answered."""

    side: str
    value: float | None


@dataclass(frozen=True, slots=True)
class DumbbellRow:
    """One thing all sides were asked about; sides in the same order in every row."""

    label: str
    sides: tuple[SideValue, ...]


def _sign(index: int, x: float, y: float, tip: str) -> str:
    """Draw a side's mark: full circle, hollow circle, full square, hollow square, and again."""
    hollow = index % 2 == 1
    paint: dict[str, object] = {
        "class_": "ch-side-hollow" if hollow else "ch-side",
        "fill": svg.PAPER if hollow else svg.DATA,
        "stroke": svg.DATA,
        "stroke_width": 2,
    }
    inside = svg.element("title", svg.words(tip))
    if index % 4 < 2:
        return svg.element("circle", inside, cx=x, cy=y, r=6, **paint)
    return svg.element("rect", inside, x=x - 5.5, y=y - 5.5, width=11, height=11, **paint)


def _legend(names: Sequence[str], width: float) -> tuple[list[str], float]:
    """Set the sides' names in as many lines as they need; return the marks and their height."""
    marks: list[str] = []
    x, y = EDGE, 12.0
    for index, name in enumerate(names):
        shown = svg.shorten(name, min(width - 40, 260.0), size=13.0)
        needed = 16 + svg.width_of(shown, size=13.0) + 20
        if x > EDGE and x + needed > width:
            x, y = EDGE, y + LEGEND_LINE
        marks.append(_sign(index, x + 2, y - 4, name))
        marks.append(svg.text(x + 16, y, shown, class_="ch-ink", fill=svg.INK, size=13.0))
        x += needed
    return marks, y + 10


def _gap(values: Sequence[float]) -> str:
    return str(scale.whole(max(values)) - scale.whole(min(values))) if len(values) > 1 else "–"


def _meeting(places: list[tuple[float, int, str]]) -> list[list[tuple[float, int, str]]]:
    """Group marks that would overlap on one line."""
    groups: list[list[tuple[float, int, str]]] = []
    for place in sorted(places):
        if groups and place[0] - groups[-1][-1][0] < 12:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _row(row: Row, y: float, along: scale.Scale, gap_x: float) -> list[str]:
    known = [
        (i, s.side, v) for i, s in enumerate(row.sides) if (v := scale.clean(s.value)) is not None
    ]
    values = [v for _i, _side, v in known]
    marks = [svg.line(along.start, y, along.end, y)]
    if len(values) > 1:
        marks.append(
            svg.line(
                *(along(min(values)), y, along(max(values)), y),
                class_="ch-gap",
                stroke=svg.DATA,
                stroke_width=4,
                stroke_opacity=0.35,
            )
        )
    if not values:
        marks.append(
            svg.text(
                *((along.start + along.end) / 2, y + 4, _("Too few answers to show")),
                class_="ch-ink-2 ch-halo",
                anchor="middle",
            )
        )
    # Equal values would hide one another: those that meet are set one above the other.
    for group in _meeting([(along(v), i, f"{side}: {scale.whole(v)}") for i, side, v in known]):
        step = min(13.0, 28.0 / max(1, len(group) - 1))
        for place, (x, index, tip) in enumerate(group):
            marks.append(_sign(index, x, y + (place - (len(group) - 1) / 2) * step, tip))
    marks.append(
        svg.text(
            gap_x,
            y + 4,
            _gap(values),
            class_="ch-ink",
            fill=svg.INK,
            anchor="end",
            weight=650,
            size=13.0,
        )
    )
    return marks


def _described(rows: Sequence[Row]) -> str:
    said = []
    for row in rows:
        sides = ", ".join(
            f"{s.side} {_('no data') if (v := scale.clean(s.value)) is None else scale.whole(v)}"
            for s in row.sides
        )
        said.append(f"{row.label}: {sides}")
    return "; ".join(said) or _("No answers yet.")


def _variant(
    name: str, width: float, label_width: float, rows: Sequence[Row], title: str
) -> SafeString:
    stacked = label_width == 0.0
    marks, top = _legend([s.side for s in rows[0].sides] if rows else [], width)
    gap_x = width - 4
    along = scale.Scale(0.0, 100.0, label_width + EDGE, width - GAP_COLUMN - EDGE)
    room = width - GAP_COLUMN if stacked else label_width - 8
    drawn: list[str] = []
    y = top + AXIS
    for row in rows:
        lines = svg.wrap(row.label, room, size=LABEL)
        # Stacked: the label's lines, then the bar. Else: the bar beside the middle of the label.
        middle = y + len(lines) * LABEL_LINE + 16 if stacked else y + ROW / 2
        first = y + 12 if stacked else middle + 4.5 - (len(lines) - 1) * LABEL_LINE / 2
        drawn += [
            svg.text(0, first + n * LABEL_LINE, said, class_="ch-ink", fill=svg.INK, size=LABEL)
            for n, said in enumerate(lines)
        ]
        drawn += _row(row, middle, along, gap_x)
        y = middle + ROW / 2
    for tick in (0.0, 25.0, 50.0, 75.0, 100.0):
        marks.append(svg.text(along(tick), top + 12, scale.whole(tick), anchor="middle"))
        if not stacked:
            marks.append(svg.line(along(tick), top + 18, along(tick), y, stroke_dasharray="1 3"))
    marks.append(svg.text(gap_x, top + 12, _("Gap"), anchor="end", weight=600))
    marks += drawn
    return svg.picture(
        *marks,
        width=width,
        height=y + 6,
        title=title,
        description=_described(rows),
        class_=f"chart--{name}",
    )


def dumbbell(rows: Sequence[Row], *, title: str) -> SafeString:
    """Draw how far apart the sides are, row by row, in the order given.

    Args:
        rows: see DumbbellRow; put the widest gap first. A side without a value has no mark.
        title: what it shows, for example "How the two sides see sponsor engagement".

    Returns:
        SVG three times, for a wide, a middling and a narrow place; app.css shows the one that fits.
    """
    drawn = (_variant(*variant, rows, title) for variant in VARIANTS)
    return mark_safe("".join(drawn))  # noqa: S308  each part is safe already
