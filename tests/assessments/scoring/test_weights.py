from decimal import Decimal

import pytest

from assessments.scoring.weights import weighted_mean, whole_shares
from tests.assessments.scoring.examples import column


def test_whole_shares_keeps_the_ratio() -> None:
    assert whole_shares([Decimal("0.35"), Decimal("0.30"), Decimal("0.35")]) == (7, 6, 7)


def test_whole_shares_is_the_same_at_any_scale() -> None:
    assert whole_shares([Decimal(35), Decimal(30)]) == whole_shares([Decimal("3.5"), Decimal(3)])


def test_weighted_mean_weighs() -> None:
    found = weighted_mean([column(80, 0), column(75, 60)], [column(2, 1), column(1, 3)])

    assert found == pytest.approx([78.3333333333, 45])


def test_weighted_mean_of_equal_values_is_that_value_to_the_last_digit() -> None:
    found = weighted_mean([column(100)] * 3, [column(0.1), column(0.2), column(0.7)])

    assert found.tolist() == [100.0]


def test_weighted_mean_passes_over_what_has_no_share() -> None:
    nothing = float("nan")
    found = weighted_mean([column(nothing, 40), column(70, 60)], [column(0, 1), column(2, 1)])

    assert found.tolist() == [70, 50]
