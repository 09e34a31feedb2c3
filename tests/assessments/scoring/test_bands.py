import numpy as np
import pytest

from assessments.scoring import BANDS, NO_BAND, Band, BandLimits
from assessments.scoring.bands import band_after, band_probability, is_provisional, plain_band
from assessments.scoring.uncertainty import Error, Interval
from tests.assessments.scoring.examples import column

LIMITS = BandLimits()


def plain(score: float) -> str:
    [step] = plain_band(LIMITS, column(score))
    return BANDS[step]


def after(score: float, previous: str | None) -> str:
    step = NO_BAND if previous is None else BANDS.index(Band(previous))
    [found] = band_after(LIMITS, column(score), np.array([step], dtype=np.int8))
    return BANDS[found]


@pytest.mark.parametrize(
    ("score", "band"),
    [(0, "red"), (49.999, "red"), (50, "amber"), (69.999, "amber"), (70, "green"), (100, "green")],
)
def test_plain_band(score: float, band: str) -> None:
    assert plain(score) == band
    assert after(score, None) == band


@pytest.mark.parametrize(
    ("previous", "score", "band"),
    [
        ("red", 52.9, "red"),
        ("red", 53, "amber"),
        ("red", 72.9, "amber"),  # past amber's boundary, not yet past green's
        ("red", 73, "green"),
        ("amber", 72.9, "amber"),
        ("amber", 73, "green"),
        ("amber", 47, "amber"),
        ("amber", 46.9, "red"),
        ("green", 67, "green"),
        ("green", 66.9, "amber"),
        ("green", 47, "amber"),  # below green's boundary, not yet below amber's
        ("green", 46.9, "red"),
    ],
)
def test_band_after_passes_each_boundary_in_turn(previous: str, score: float, band: str) -> None:
    assert after(score, previous) == band


def test_a_score_that_is_not_there_has_no_band() -> None:
    nothing = column(float("nan"))

    assert plain_band(LIMITS, nothing).tolist() == [NO_BAND]
    assert band_after(LIMITS, nothing, np.zeros(1, dtype=np.int8)).tolist() == [NO_BAND]


def test_band_probability_by_hand() -> None:
    error = Error(se=column(5.143459), df=column(12.575302))
    bands = np.arange(3, dtype=np.int8)
    chances = band_probability(LIMITS, bands, column(63.722222), error).tolist()

    assert chances[1] == pytest.approx(0.867770, abs=1e-6)
    assert sum(chances) == pytest.approx(1)


@pytest.mark.parametrize(
    ("probability", "low", "high", "provisional"),
    [(0.6, 40, 80, False), (0.59, 40, 80, True), (0.9, 39, 80, True)],
)
def test_is_provisional_when_unlikely_or_wide(
    probability: float,
    low: float,
    high: float,
    provisional: bool,
) -> None:
    shown = Interval(column(low), column(high))

    assert is_provisional(column(probability), shown).tolist() == [provisional]
