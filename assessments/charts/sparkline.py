"""A line as small as a word: where a score came from."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.charts import scale, svg
from assessments.charts.bands import Band, Boundaries, band_at, band_of

WIDTH, HEIGHT, EDGE = 112.0, 36.0, 6.0


def _described(values: Sequence[float | None]) -> str:
    said = [_("no data") if v is None else str(scale.whole(v)) for v in values]
    return ", ".join(said) if any(v is not None for v in values) else _("No scores yet.")


def _last_band(values: Sequence[float | None], bounds: Boundaries, band: object) -> Band:
    known = [v for v in values if v is not None]
    return band_of(band) if band is not None else band_at(known[-1] if known else None, bounds)


def sparkline(
    values: Sequence[float | None],
    bands: Boundaries = (50.0, 70.0),
    *,
    title: str,
    band: object = None,
) -> SafeString:
    """Draw scores in order of time, oldest first, without axes or text.

    Args:
        values: one per quarter, 0 to 100, None where there is none; the line breaks there.
        bands: the rubric's boundaries; those in view are drawn as hairlines.
        title: what it shows, for example "Overall, last 8 quarters".
        band: the band in force at the end, where it is not the one the boundaries give.

    Returns:
        SVG, 112 by 36.
    """
    known = [scale.clean(v) for v in values]
    low, high = scale.window((v for v in known if v is not None), step=1.0)
    across = scale.Scale(0.0, max(1.0, len(known) - 1.0), EDGE, WIDTH - EDGE)
    up = scale.Scale(low, high, HEIGHT - EDGE, EDGE)

    marks: list[str] = []
    if not any(v is not None for v in known):
        marks.append(
            svg.line(
                EDGE,
                HEIGHT / 2,
                WIDTH - EDGE,
                HEIGHT / 2,
                class_="ch-tick",
                stroke=svg.INK_2,
                stroke_dasharray="2 4",
            )
        )
    else:
        marks += [
            svg.line(EDGE, up(edge), WIDTH - EDGE, up(edge)) for edge in bands if low < edge < high
        ]
    last = None
    for run in scale.runs([v is not None for v in known]):
        places = [(across(i), up(v)) for i in run if (v := known[i]) is not None]
        last = places[-1]
        if len(places) > 1:
            marks.append(svg.polyline(places, width=1.75))
        else:
            x, y = last
            marks.append(svg.element("circle", cx=x, cy=y, r=1.75, class_="ch-dot", fill=svg.DATA))
    if last:
        marks.append(svg.mark(_last_band(known, bands, band), *last, 3.6))
    return svg.picture(
        *marks,
        width=WIDTH,
        height=HEIGHT,
        title=title,
        description=_described(known),
        class_="chart-spark",
    )
