"""Pictures of scores, drawn on the server as SVG: they work without JavaScript, in print and PDF.

Each function takes plain values and returns safe SVG text. Shapes carry presentation attributes
(the light palette, for print, PDF and mail) and CSS classes, by which app.css repaints them in
the dark theme. Colour never speaks alone: each band has a shape and a word.
"""

from assessments.charts.bands import AMBER, BANDS, GREEN, NONE, RED, Band, Boundaries, band_of
from assessments.charts.dumbbell import DumbbellRow, Row, Side, SideValue, dumbbell
from assessments.charts.interval import interval_bar
from assessments.charts.part import part_bar
from assessments.charts.sparkline import sparkline
from assessments.charts.trend import Event, Point, TrendEvent, TrendPoint, trend

__all__ = [
    "AMBER",
    "BANDS",
    "GREEN",
    "NONE",
    "RED",
    "Band",
    "Boundaries",
    "DumbbellRow",
    "Event",
    "Point",
    "Row",
    "Side",
    "SideValue",
    "TrendEvent",
    "TrendPoint",
    "band_of",
    "dumbbell",
    "interval_bar",
    "part_bar",
    "sparkline",
    "trend",
]
