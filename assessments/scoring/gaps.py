"""How far the sides are apart, and whether that is more than noise (part 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assessments.scoring.spec import FEWEST_SIDES, Parameters
from assessments.scoring.uncertainty import Error, Interval, combine, interval, p_value


class GapVerdict(StrEnum):
    CLEAR = "clear"
    POSSIBLE = "possible"
    ALIGNED = "aligned"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class SideView:
    """What one side's own people say, without evidence.

    Attributes:
        value: from 0 to 100.
        se: standard error, in points.
        df: degrees of freedom.
        shown: the interval, cut to 0 and 100.
        n: raters that contribute.
        is_hidden: whether this must stay inside.
        is_incomplete: whether a dimension is missing of those that the alliance has.
    """

    value: float
    se: float
    df: float
    shown: Interval
    n: int
    is_hidden: bool
    is_incomplete: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """One side's view less another's, or less the mean of the others.

    Attributes:
        side: whose view.
        other: the other side; None for the mean of the others.
        value: points, from -100 to 100.
        se: standard error, in points.
        df: degrees of freedom.
        interval: of the gap, not cut.
        p: how often chance alone would bring such a gap.
        p_holm: the same, allowing for as many looks as there are sides; None for two sides.
        verdict: what may be said of it.
        is_shown: whether no side in it is hidden.
    """

    side: str
    other: str | None
    value: float
    se: float
    df: float
    interval: Interval
    p: float
    p_holm: float | None
    verdict: GapVerdict
    is_shown: bool

    @property
    def name(self) -> str:
        return f"{self.side} minus {self.other or 'others'}"


def gaps(parameters: Parameters, views: Mapping[str, SideView]) -> tuple[Gap, ...]:
    """Return the gaps between the sides.

    Args:
        parameters: what is material, what is possible, and the levels.
        views: by side, in the order of the sides.

    Returns:
        For two sides the first less the second; for more, each less the mean of the others; none
        if there are fewer than two.
    """
    if len(views) < FEWEST_SIDES:
        return ()
    hidden = any(view.is_hidden for view in views.values())
    pairs: list[tuple[str, str | None]]
    if len(views) == FEWEST_SIDES:
        first, second = views
        pairs = [(first, second)]
    else:
        pairs = [(side, None) for side in views]
    found = [_difference(views, side) for side, _ in pairs]
    chances = [p_value(value, error) for value, error in found]
    adjusted = holm(chances) if len(pairs) > 1 else None
    return tuple(
        Gap(
            side=side,
            other=other,
            value=value,
            se=error.se,
            df=error.df,
            interval=interval(value, error, parameters.confidence),
            p=chances[position],
            p_holm=adjusted[position] if adjusted else None,
            verdict=gap_verdict(
                parameters, value, error, adjusted[position] if adjusted else chances[position]
            ),
            is_shown=not hidden,
        )
        for position, ((side, other), (value, error)) in enumerate(zip(pairs, found, strict=True))
    )


def _difference(views: Mapping[str, SideView], side: str) -> tuple[float, Error]:
    """Return one side's view less the mean of the others, with its error."""
    own = views[side]
    others = [view for name, view in views.items() if name != side]
    k = len(others)
    value = own.value - sum(sorted(view.value for view in others)) / k
    parts = [(own.se**2, own.df), *((view.se**2 / k**2, view.df) for view in others)]
    return value, combine(parts)


def holm(chances: Sequence[float]) -> list[float]:
    """Return the p values adjusted for being several (Holm 1979), in the same order."""
    adjusted = [0.0] * len(chances)
    highest = 0.0
    for rank, position in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        highest = max(highest, min((len(chances) - rank) * chances[position], 1.0))
        adjusted[position] = highest
    return adjusted


def gap_verdict(parameters: Parameters, value: float, error: Error, p: float) -> GapVerdict:
    """Return what may be said of a gap: a test decides, and "cannot tell" is an honest answer."""
    if abs(value) >= parameters.material_points:
        if p < 1 - parameters.confidence:
            return GapVerdict.CLEAR
        if p < parameters.possible_p_below:
            return GapVerdict.POSSIBLE
    if interval(value, error, parameters.equivalence_level).within(parameters.material_points):
        return GapVerdict.ALIGNED
    return GapVerdict.CANNOT_TELL
