"""How health is said on screen: a band's word, shape and class; points, changes, pictures."""

from collections.abc import Sequence

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments import charts
from assessments.charts import scale, svg
from assessments.queries import figures

register = template.Library()

MINUS = "−"
NOTHING = "–"


@register.filter
def band_label(band: object) -> str:
    """Say a band: Healthy, Watch, At risk or No data."""
    return str(charts.band_of(band).word)


@register.filter
def band_class(band: object) -> str:
    """Give the end of a band's CSS classes: green, amber, red or none."""
    return charts.band_of(band).key


@register.filter
def band_glyph(band: object) -> str:
    """Give a band's shape as a character, for plain text and mails."""
    return charts.band_of(band).glyph


@register.simple_tag
def band_shape(band: object) -> SafeString:
    """Draw a band's shape in the colour of the text around it; its word must stand beside it."""
    found = charts.band_of(band)
    inner = {
        "green": svg.element("circle", cx=6, cy=6, r=4.5),
        "amber": svg.element("polygon", points="6,1 11.5,10.5 0.5,10.5"),
        "red": svg.element("polygon", points="6,0.5 11.5,6 6,11.5 0.5,6"),
        "none": svg.element("rect", x=1.5, y=5, width=9, height=2),
    }[found.key]
    drawn = svg.element(
        "svg",
        inner,
        viewBox="0 0 12 12",
        width=12,
        height=12,
        class_="shape",
        fill=found.text,
        aria_hidden="true",
        focusable="false",
    )
    return mark_safe(drawn)  # noqa: S308  nothing from outside in it


@register.filter
def points(value: float | None) -> str:
    """Round a score to whole points; a dash where there is none."""
    cleaned = scale.clean(value)
    return NOTHING if cleaned is None else str(scale.whole(cleaned))


@register.filter
def decimals(value: float | None) -> str:
    """Write a number with two digits, as a coefficient or a mean level; a dash for none."""
    return NOTHING if value is None else f"{value:.2f}".replace("-", MINUS)


@register.filter
def percent(share: float | None) -> str:
    """Write a share in whole per cent; a dash where there is none."""
    return NOTHING if share is None else f"{scale.whole(100 * share)} %"


def _change(value: float | None) -> int | None:
    """Round a change to whole points, halves away from zero, so that up and down look alike."""
    if value is None:
        return None
    return scale.whole(abs(value)) * (1 if value > 0 else -1)


@register.filter
def delta(value: float | None) -> str:
    """Write a change with its sign: +4, −3, 0; a dash where there is none."""
    change = _change(value)
    if change is None:
        return NOTHING
    if change == 0:
        return "0"
    return f"+{change}" if change > 0 else f"{MINUS}{-change}"


@register.filter
def tenths(value: float | None) -> str:
    """Write a part of a change with its sign and one decimal: +4.2, −0.3, 0.0."""
    return NOTHING if value is None else figures.signed(value)


@register.filter
def delta_arrow(value: float | None) -> str:
    """Give the sign that goes before a change: up, down, or level."""
    change = _change(value)
    if change is None:
        return ""
    if change == 0:
        return "="
    return "▲" if change > 0 else "▼"


@register.filter
def delta_words(value: float | None) -> str:
    """Say a change in words, for those who do not see the arrow."""
    change = _change(value)
    if change is None:
        return _("no earlier score")
    if change == 0:
        return _("no change")
    if change > 0:
        return ngettext("up %(count)d point", "up %(count)d points", change) % {"count": change}
    return ngettext("down %(count)d point", "down %(count)d points", -change) % {"count": -change}


@register.filter
def level_number(value: object) -> str:
    """Give the digit of an answer level; nothing for an answer that is no level (cannot tell)."""
    said = str(value)
    return said if said.isdecimal() else ""


@register.simple_tag
def sparkline(
    values: Sequence[float | None],
    bands: charts.Boundaries = (50.0, 70.0),
    *,
    title: str,
    band: object = None,
) -> SafeString:
    """Draw a sparkline; see assessments.charts."""
    return charts.sparkline(values, bands, title=title, band=band)


@register.simple_tag
def interval_bar(
    value: float | None,
    low: float | None,
    high: float | None,
    bands: charts.Boundaries = (50.0, 70.0),
    *,
    title: str,
    band: object = None,
) -> SafeString:
    """Draw a score on its interval; see assessments.charts."""
    return charts.interval_bar(value, low, high, bands, title=title, band=band)


@register.simple_tag
def part_bar(value: float | None, reach: float, *, title: str) -> SafeString:
    """Draw a part of a change; see assessments.charts."""
    return charts.part_bar(value, reach, title=title)


@register.simple_tag
def trend(
    points: Sequence[charts.Point],
    bands: charts.Boundaries = (50.0, 70.0),
    *,
    title: str,
    events: Sequence[charts.Event] = (),
) -> SafeString:
    """Draw a score over the quarters; see assessments.charts."""
    return charts.trend(points, bands, title=title, events=events)


@register.simple_tag
def dumbbell(rows: Sequence[charts.Row], *, title: str) -> SafeString:
    """Draw the gaps between sides; see assessments.charts."""
    return charts.dumbbell(rows, title=title)


@register.filter
def initials(name: object) -> str:
    """Take the first letters of the first and the last word of a name."""
    parts = str(name).split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


@register.filter
def error_anchor(field: BoundField) -> str:
    """Give the id a link in the error summary leads to: the control, of radios the first one."""
    return field.id_for_label or f"{field.auto_id}_0"
