from decimal import Decimal

import pytest

from assessments.scoring.weights import weighted_mean, whole_shares


def test_whole_shares_keeps_the_ratio() -> None:
    assert whole_shares([Decimal("0.35"), Decimal("0.30"), Decimal("0.35")]) == (7, 6, 7)


def test_whole_shares_is_the_same_at_any_scale() -> None:
    assert whole_shares([Decimal(35), Decimal(30)]) == whole_shares([Decimal("3.5"), Decimal(3)])


def test_weighted_mean_weighs() -> None:
    assert weighted_mean([80.0, 75.0], [2, 1]) == pytest.approx(78.3333333333)


def test_weighted_mean_of_equal_values_is_that_value_to_the_last_digit() -> None:
    assert weighted_mean([100.0] * 3, [0.1, 0.2, 0.7]) == 100.0
