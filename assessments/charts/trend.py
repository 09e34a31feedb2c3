"""A score over the quarters: its interval, its bands, what happened, where the rubric changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from assessments.charts import scale, svg
from assessments.charts.bands import Boundaries, band_of, limits

# One drawing per width of the place it stands in, so that text is never scaled below 12 px.
VARIANTS = (("wide", 720.0, 288.0), ("middle", 480.0, 256.0), ("narrow", 288.0, 232.0))
LEFT, RIGHT, TOP, BOTTOM, NOTE = 30.0, 60.0, 30.0, 28.0, 20.0


class Point(Protocol):
    """What a point of the trend must offer; a query's own dataclass will do."""

    @property
    def label(self) -> str: ...
    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def band(self) -> object: ...
    @property
    def rebased(self) -> bool: ...


class Event(Protocol):
    """What a note in the trend must offer."""

    @property
    def label(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One quarter; `rebased` says that the rubric changed between the last quarter and this one."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    band: object = None
    rebased: bool = False


@dataclass(frozen=True, slots=True)
class TrendEvent:
    """Something that happened in the quarter with this label."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class _Frame:
    points: Sequence[TrendPoint]
    bounds: Boundaries
    width: float
    height: float
    across: scale.Scale
    up: scale.Scale
    lane: float

    @property
    def spacing(self) -> float:
        return (self.across.end - self.across.start) / max(1, len(self.points) - 1)


def _cleaned(point: Point) -> TrendPoint:
    value, low, high = scale.clean(point.value), scale.clean(point.low), scale.clean(point.high)
    if value is None or low is None or high is None:
        low = high = None
    return TrendPoint(point.label, value, low, high, point.band, point.rebased)


def _zones(frame: _Frame) -> list[str]:
    marks = []
    left, right = LEFT, frame.width - RIGHT
    for band, low, high in limits(frame.bounds):
        top, bottom = frame.up(high), frame.up(low)
        if bottom - top < 0.5:
            continue
        marks.append(
            svg.element(
                "rect",
                x=left,
                y=top,
                width=right - left,
                height=bottom - top,
                class_=f"ch-zone-{band.key}",
                fill=band.tint,
                fill_opacity=0.6,
            )
        )
        if bottom - top >= 2 * svg.TEXT_PX:
            marks.append(
                svg.text(
                    *(right + 8, (top + bottom) / 2 + 4, band.word),
                    class_=f"ch-word-{band.key}",
                    fill=band.text,
                    weight=600,
                )
            )
    for edge in scale.ticks(frame.up.low, frame.up.high):
        marks.append(svg.line(left, frame.up(edge), right, frame.up(edge)))
        marks.append(svg.text(left - 8, frame.up(edge) + 4, scale.whole(edge), anchor="end"))
    return marks


def _quarters(frame: _Frame) -> list[str]:
    """Label as many quarters as fit, always the last."""
    widest = max((svg.width_of(p.label) for p in frame.points), default=0.0)
    every = max(1, -int(-(min(widest, 90.0) + 10) // max(frame.spacing, 1.0)))
    base, last = frame.up.start + frame.lane + 20, len(frame.points) - 1
    marks = []
    for index, point in enumerate(frame.points):
        if (last - index) % every == 0:
            label = svg.shorten(point.label, 90.0)
            half = svg.width_of(label) / 2
            x = min(max(frame.across(index), half), frame.width - half)
            marks.append(svg.text(x, base, label, anchor="middle"))
    return marks


def _ribbon(frame: _Frame) -> list[str]:
    marks = []
    for run in scale.runs([p.low is not None for p in frame.points]):
        chosen = [(frame.across(i), frame.points[i]) for i in run]
        upper = [(x, frame.up(p.high)) for x, p in chosen if p.high is not None]
        lower = [(x, frame.up(p.low)) for x, p in chosen if p.low is not None]
        if len(run) > 1:
            outline = [*upper, *reversed(lower)]
            marks.append(
                svg.polygon(outline, class_="ch-ribbon", fill=svg.RIBBON, fill_opacity=0.85)
            )
        for (x, top), (_x, bottom) in zip(upper, lower, strict=True):
            marks.append(svg.line(x, top, x, bottom, class_="ch-whisker", stroke=svg.DATA))
            marks += [
                svg.line(x - 4, y, x + 4, y, class_="ch-whisker", stroke=svg.DATA)
                for y in (top, bottom)
            ]
    return marks


def _lines(frame: _Frame) -> list[str]:
    marks = []
    for run in scale.runs([p.value is not None for p in frame.points]):
        part: list[tuple[float, float]] = []
        for index in run:
            value = frame.points[index].value
            if frame.points[index].rebased and len(part) > 1:
                marks.append(svg.polyline(part))
            if frame.points[index].rebased:
                part = []
            if value is not None:
                part.append((frame.across(index), frame.up(value)))
        if len(part) > 1:
            marks.append(svg.polyline(part))
    return marks


def _breaks(frame: _Frame) -> list[str]:
    """Mark where the rubric changed: figures on both sides do not compare as they stand."""
    marks = []
    word = _("rebased")
    for index, point in enumerate(frame.points):
        if point.rebased:
            x = frame.across(index - 0.5) if index else LEFT
            half = svg.width_of(word) / 2
            middle = min(max(x, LEFT + half), frame.width - RIGHT - half)
            marks.append(
                svg.line(
                    *(x, TOP - 6, x, frame.up.start),
                    class_="ch-tick",
                    stroke=svg.INK_2,
                    stroke_dasharray="2 3",
                )
            )
            marks.append(svg.text(middle, TOP - 12, word, anchor="middle"))
    return marks


def _notes(frame: _Frame, events: Sequence[Event]) -> list[str]:
    """Number the events below their quarter; the list beside the picture has the words."""
    marks = []
    place = {p.label: i for i, p in enumerate(frame.points)}
    taken: dict[int, int] = {}
    for count, event in enumerate(events, start=1):
        if event.label not in place:
            continue
        index = place[event.label]
        row = taken.get(index, 0)
        taken[index] = row + 1
        x, y = frame.across(index), frame.up.start + 12 + row * NOTE
        tip = svg.element("title", svg.words(f"{event.label}: {event.text}"))
        marks.append(
            svg.element(
                "g",
                tip,
                svg.element(
                    "circle",
                    cx=x,
                    cy=y,
                    r=8.5,
                    class_="ch-note",
                    fill=svg.PAPER,
                    stroke=svg.INK,
                ),
                svg.text(
                    x, y + 4.2, count, class_="ch-ink", fill=svg.INK, anchor="middle", weight=600
                ),
            )
        )
    return marks


def _marks(frame: _Frame) -> list[str]:
    marks = []
    known = [i for i, p in enumerate(frame.points) if p.value is not None]
    every_value = frame.spacing >= 40
    for index in known:
        point = frame.points[index]
        value = point.value or 0.0
        band = band_of(point.band)
        x, y = frame.across(index), frame.up(value)
        tip = f"{point.label}: {scale.whole(value)}, {band.word}"
        marks.append(svg.mark(band, x, y, 5.0, tip))
        if every_value or index == known[-1]:
            beside = [frame.points[i].value for i in (index - 1, index + 1) if i in known]
            level = sum(v for v in beside if v is not None) / len(beside) if beside else value
            above = y - 11 if value >= level else y + 20
            above = y + 20 if above < TOP + 10 else above
            above = y - 11 if above > frame.up.start - 4 else above
            marks.append(
                svg.text(
                    *(x, above, scale.whole(value)),
                    class_="ch-ink ch-halo",
                    fill=svg.INK,
                    anchor="middle",
                    weight=650,
                    size=13.0,
                )
            )
    return marks


def _described(points: Sequence[TrendPoint]) -> str:
    said = []
    for point in points:
        if point.value is None:
            said.append(_("%(quarter)s: no data") % {"quarter": point.label})
        elif point.low is None or point.high is None:
            said.append(f"{point.label}: {scale.whole(point.value)}")
        else:
            said.append(
                _("%(quarter)s: %(value)d, between %(low)d and %(high)d")
                % {
                    "quarter": point.label,
                    "value": scale.whole(point.value),
                    "low": scale.whole(point.low),
                    "high": scale.whole(point.high),
                }
            )
    return "; ".join(said) or _("No scores yet.")


def _variant(
    name: str,
    width: float,
    height: float,
    points: Sequence[TrendPoint],
    bounds: Boundaries,
    title: str,
    events: Sequence[Event],
) -> SafeString:
    known = [v for p in points for v in (p.value, p.low, p.high) if v is not None]
    low, high = scale.window(known, least=40.0)
    edge = 24.0
    if len(points) > 1:
        across = scale.Scale(0.0, len(points) - 1.0, LEFT + edge, width - RIGHT - edge)
    else:
        middle = (LEFT + width - RIGHT) / 2
        across = scale.Scale(0.0, 1.0, middle, middle)
    up = scale.Scale(low, high, height - BOTTOM, TOP)
    together = Counter(e.label for e in events)
    lane = NOTE * max((together[p.label] for p in points), default=0)
    frame = _Frame(points, bounds, width, height + lane, across, up, lane)
    drawn = [*_zones(frame), *_quarters(frame), *_ribbon(frame), *_breaks(frame), *_lines(frame)]
    drawn += [*_notes(frame, events), *_marks(frame)]
    if not known:
        drawn.append(
            svg.text(
                *((LEFT + width - RIGHT) / 2, (up.start + up.end) / 2, _("No scores yet")),
                class_="ch-ink ch-halo",
                fill=svg.INK,
                anchor="middle",
                size=14.0,
            )
        )
    return svg.picture(
        *drawn,
        width=width,
        height=frame.height,
        title=title,
        description=_described(points),
        class_=f"chart--{name}",
    )


def trend(
    points: Sequence[Point],
    bands: Boundaries = (50.0, 70.0),
    *,
    title: str,
    events: Sequence[Event] = (),
) -> SafeString:
    """Draw a score over time with its bands, intervals, notes and breaks.

    Args:
        points: oldest first; see TrendPoint. A missing value breaks the line.
        bands: the rubric's boundaries; the zones behind the line.
        title: what it shows, for example "Overall score by quarter".
        events: numbered in the order given, placed at the point with the same label.

    Returns:
        SVG three times, for a wide, a middling and a narrow place; app.css shows the one that fits.
    """
    cleaned = [_cleaned(p) for p in points]
    drawn = (_variant(*variant, cleaned, bands, title, events) for variant in VARIANTS)
    return mark_safe("".join(drawn))  # noqa: S308  each part is safe already
