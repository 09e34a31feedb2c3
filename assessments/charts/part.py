"""What a part adds to a change: a bar from nothing to the left or to the right."""

import math

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.charts import scale, svg

WIDTH, HEIGHT, EDGE = 96.0, 14.0, 2.0


def part_bar(value: float | None, reach: float, *, title: str) -> SafeString:
    """Draw a part of a change; below nothing it lies to the left, above it to the right.

    Args:
        value: points, or None: then only the line of nothing is drawn.
        reach: points from the middle to each end, the same for all bars that stand together.
        title: what it is a part from, for example a dimension.

    Returns:
        SVG, 96 by 14.
    """
    known = value if value is not None and math.isfinite(value) else None
    room = reach if math.isfinite(reach) and reach > 0 else 1.0
    across = scale.Scale(-1.0, 1.0, EDGE, WIDTH - EDGE)
    middle = across(0.0)
    marks = []
    if known:
        end = across(known / room)
        marks.append(
            svg.element(
                "rect",
                x=min(middle, end),
                y=3,
                width=abs(end - middle),
                height=HEIGHT - 6,
                class_="ch-dot",
                fill=svg.DATA,
            )
        )
    marks.append(svg.line(middle, 0, middle, HEIGHT, class_="ch-tick", stroke=svg.INK_2))
    said = _("No part.") if known is None else _("%(points).1f points.") % {"points": known}
    return svg.picture(
        *marks, width=WIDTH, height=HEIGHT, title=title, description=said, class_="chart-part"
    )
