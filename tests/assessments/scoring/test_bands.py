import pytest

from assessments.scoring import Band, BandLimits
from assessments.scoring.bands import band_after, band_probability, is_provisional, plain_band
from assessments.scoring.uncertainty import Error, Interval

LIMITS = BandLimits()


@pytest.mark.parametrize(
    ("score", "band"),
    [(0, "red"), (49.999, "red"), (50, "amber"), (69.999, "amber"), (70, "green"), (100, "green")],
)
def test_plain_band(score: float, band: str) -> None:
    assert plain_band(LIMITS, score) == band
    assert band_after(LIMITS, score, None) == band


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
    assert band_after(LIMITS, score, Band(previous)) == band


def test_band_probability_by_hand() -> None:
    error = Error(se=5.143459, df=12.575302)
    chances = [band_probability(LIMITS, band, 63.722222, error) for band in Band]

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
    assert is_provisional(probability, Interval(low, high)) is provisional
