"""How sure a score is: the value on its interval, on the whole range from 0 to 100."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.charts import scale, svg
from assessments.charts.bands import Boundaries, band_at, band_of

WIDTH, HEIGHT, EDGE = 120.0, 16.0, 6.0


def _described(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return _("No score.")
    if low is None or high is None:
        return _("%(value)d of 100, without an interval.") % {"value": scale.whole(value)}
    return _("%(value)d of 100, probably between %(low)d and %(high)d.") % {
        "value": scale.whole(value),
        "low": scale.whole(low),
        "high": scale.whole(high),
    }


def interval_bar(
    value: float | None,
    low: float | None,
    high: float | None,
    bands: Boundaries = (50.0, 70.0),
    *,
    title: str,
    band: object = None,
) -> SafeString:
    """Draw a value and its interval on a bar from 0 to 100.

    Args:
        value: the score, or None: then only the empty bar is drawn.
        low: lower end of the interval, or None.
        high: upper end of the interval, or None.
        bands: the rubric's boundaries, drawn as ticks.
        title: what it shows, for example "Overall score".
        band: the band in force, where it is not the one the boundaries give.

    Returns:
        SVG, 120 by 16.
    """
    value, low, high = scale.clean(value), scale.clean(low), scale.clean(high)
    along = scale.Scale(0.0, 100.0, EDGE, WIDTH - EDGE)
    middle = HEIGHT / 2
    marks = [svg.line(EDGE, middle, WIDTH - EDGE, middle, stroke_width=2, stroke_linecap="round")]
    marks += [
        svg.line(
            along(edge), middle - 5, along(edge), middle + 5, class_="ch-tick", stroke=svg.INK_2
        )
        for edge in bands
    ]
    if low is not None and high is not None and value is not None:
        marks.append(
            svg.line(
                *(along(low), middle, along(high), middle),
                class_="ch-data",
                stroke=svg.DATA,
                stroke_width=4,
                stroke_linecap="round",
            )
        )
    if value is not None:
        shown = band_of(band) if band is not None else band_at(value, bands)
        marks.append(svg.mark(shown, along(value), middle, 4.5))
    return svg.picture(
        *marks,
        width=WIDTH,
        height=HEIGHT,
        title=title,
        description=_described(value, low, high),
        class_="chart-interval",
    )
