"""The vocabulary of health: each band's word, shape and printed colours, written once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The two boundaries of a rubric: red below the first, green from the second on.
Boundaries = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Band:
    """How one band is said and shown; the colours repeat the light tokens of app.css."""

    key: str
    word: str | Promise
    glyph: str
    fill: str
    tint: str
    text: str


GREEN = Band("green", _("Healthy"), "●", fill="#3a98a1", tint="#e4f2f3", text="#17626a")
AMBER = Band("amber", _("Watch"), "▲", fill="#f5c860", tint="#fdf4dc", text="#7a5200")
RED = Band("red", _("At risk"), "◆", fill="#7f1418", tint="#f7e4e3", text="#8a1a1f")
NONE = Band("none", _("No data"), "–", fill="#ffffff", tint="#f6f8fa", text="#5b6472")
# Grey like no data, because nobody should act on it; the number still stands beside it.
OLD = replace(NONE, word=_("Out of date"))
BANDS = {**{band.key: band for band in (GREEN, AMBER, RED, NONE)}, "old": OLD}


def band_of(key: object) -> Band:
    """Find a band by its key; whatever is not known is no data."""
    return BANDS.get(str(key), NONE)


def limits(bounds: Boundaries) -> Sequence[tuple[Band, float, float]]:
    """List the bands with the scores they span, lowest first."""
    amber_from, green_from = bounds
    return ((RED, 0.0, amber_from), (AMBER, amber_from, green_from), (GREEN, green_from, 100.0))


def band_at(value: float | None, bounds: Boundaries) -> Band:
    """Name the band a value lies in when nothing but the boundaries is known."""
    if value is None:
        return NONE
    amber_from, green_from = bounds
    if value >= green_from:
        return GREEN
    return AMBER if value >= amber_from else RED
