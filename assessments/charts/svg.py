"""A small writer of SVG: escapes what it is given, and refuses numbers that cannot be drawn."""

import math
from xml.sax.saxutils import escape, quoteattr

from django.utils.safestring import SafeString, mark_safe

from assessments.charts.bands import Band

# The light tokens of app.css, for places where no style sheet reaches: print, PDF, mail.
INK, INK_2, LINE, PAPER, DATA = "#14181f", "#5b6472", "#d7dce3", "#ffffff", "#1f4e79"
RIBBON = "#dce6f0"
FONT = "Inter, system-ui, sans-serif"
TEXT_PX = 12.0
# Inter's letters are a little over half as wide as high; used to keep text inside its place.
LETTER = 0.57


def number(value: float) -> str:
    """Write a coordinate with at most two decimals."""
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be drawn")
    # Adding zero turns a rounded minus zero into zero.
    return f"{round(value, 2) + 0.0:.10g}"


def _attribute(name: str, value: object) -> str:
    text = number(value) if isinstance(value, (int, float)) else str(value)
    return f" {name.rstrip('_').replace('_', '-')}={quoteattr(_printable(text))}"


def _printable(text: str) -> str:
    # XML 1.0 cannot hold control characters or lone surrogates, not even escaped.
    return "".join(
        c for c in text if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff"
    )


def element(name: str, *children: str, **attributes: object) -> str:
    """Write one element; None leaves an attribute out, `class_` becomes class."""
    opening = name + "".join(_attribute(k, v) for k, v in attributes.items() if v is not None)
    inside = "".join(children)
    return f"<{opening}>{inside}</{name}>" if inside else f"<{opening}/>"


def words(value: object) -> str:
    """Escape a text for the inside of an element."""
    return escape(_printable(str(value)))


def text(
    x: float,
    y: float,
    value: object,
    *,
    class_: str = "ch-ink-2",
    fill: str = INK_2,
    anchor: str = "start",
    weight: int | None = None,
    size: float = TEXT_PX,
) -> str:
    """Write one line of text, never smaller than 12 px."""
    return element(
        "text",
        words(value),
        x=x,
        y=y,
        class_=class_,
        fill=fill,
        text_anchor=None if anchor == "start" else anchor,
        font_weight=weight,
        font_size=size,
    )


def width_of(value: str, *, size: float = TEXT_PX) -> float:
    """Estimate how wide a text will be."""
    return len(value) * size * LETTER


def shorten(value: str, width: float, *, size: float = TEXT_PX) -> str:
    """Cut a text that would not fit, and say so by an ellipsis."""
    room = max(1, int(width / (size * LETTER)))
    return value if len(value) <= room else value[: max(1, room - 1)].rstrip() + "…"


def wrap(value: str, width: float, *, lines: int = 2, size: float = TEXT_PX) -> list[str]:
    """Break a text at spaces into at most `lines` lines; the last one is shortened to fit."""
    written: list[str] = []
    rest = value.split()
    while rest and len(written) < lines - 1:
        line = rest.pop(0)
        while rest and width_of(f"{line} {rest[0]}", size=size) <= width:
            line = f"{line} {rest.pop(0)}"
        written.append(shorten(line, width, size=size))
    return [*written, shorten(" ".join(rest), width, size=size)] if rest else written


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    class_: str = "ch-line",
    stroke: str = LINE,
    **more: object,
) -> str:
    """Draw a straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_, stroke=stroke, **more)


def polyline(points: list[tuple[float, float]], *, width: float = 2.0) -> str:
    """Draw the data line."""
    return element(
        "polyline",
        points=_pairs(points),
        class_="ch-data",
        fill="none",
        stroke=DATA,
        stroke_width=width,
        stroke_linejoin="round",
        stroke_linecap="round",
    )


def polygon(points: list[tuple[float, float]], **attributes: object) -> str:
    """Draw a closed shape."""
    return element("polygon", points=_pairs(points), **attributes)


def _pairs(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def mark(band: Band, x: float, y: float, radius: float, tip: str = "") -> str:
    """Draw a band's shape: circle healthy, triangle watch, diamond at risk, hollow ring no data."""
    paint: dict[str, object] = {
        "class_": f"ch-mark ch-{band.key}",
        "fill": band.fill,
        "stroke": INK,
        "stroke_width": 1,
    }
    inside = element("title", words(tip)) if tip else ""
    match band.key:
        case "amber":
            r = radius * 1.15
            corners = [(x, y - r), (x + r, y + r * 0.8), (x - r, y + r * 0.8)]
        case "red":
            r = radius * 1.2
            corners = [(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
        case _:
            return element("circle", inside, cx=x, cy=y, r=radius, **paint)
    return element("polygon", inside, points=_pairs(corners), **paint)


def picture(
    *children: str, width: float, height: float, title: str, description: str, class_: str
) -> SafeString:
    """Close a drawing: an image with a name and a description for those who do not see it."""
    return mark_safe(  # noqa: S308  every text and attribute went through element() or words()
        element(
            "svg",
            element("title", words(title)),
            element("desc", words(description)),
            *children,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(width)} {number(height)}",
            width=width,
            height=height,
            role="img",
            class_=f"chart {class_}",
            font_family=FONT,
        )
    )
