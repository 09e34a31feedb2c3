from datetime import date

import pytest

from assessments.management.demo.quarters import Quarters

NOVEMBER = Quarters(date(2026, 11, 24))


@pytest.mark.parametrize(
    ("quarter", "name", "first", "last"),
    [
        (0, "2026 Q4", date(2026, 10, 1), date(2026, 12, 31)),
        (-3, "2026 Q1", date(2026, 1, 1), date(2026, 3, 31)),
        (-8, "2024 Q4", date(2024, 10, 1), date(2024, 12, 31)),
        (1, "2027 Q1", date(2027, 1, 1), date(2027, 3, 31)),
    ],
)
def test_quarter_has_name_and_days(quarter: int, name: str, first: date, last: date) -> None:
    assert (NOVEMBER.name(quarter), NOVEMBER.first(quarter), NOVEMBER.last(quarter)) == (
        name,
        first,
        last,
    )


def test_day_is_counted_within_its_quarter_and_stays_in_it() -> None:
    assert NOVEMBER.day("-3/20") == date(2026, 1, 20)
    assert NOVEMBER.day("-3/95") == date(2026, 3, 31)


@pytest.mark.parametrize("quarter", range(-9, 4))
def test_number_and_place_of_a_day_are_those_of_its_quarter(quarter: int) -> None:
    assert NOVEMBER.number(NOVEMBER.first(quarter)) == quarter
    assert NOVEMBER.number(NOVEMBER.last(quarter)) == quarter
    assert NOVEMBER.place(NOVEMBER.first(quarter)) == quarter
    assert quarter < NOVEMBER.place(NOVEMBER.nth(quarter, 46)) < quarter + 1


@pytest.mark.parametrize(
    ("day", "at_work"),
    [
        (date(2026, 11, 20), date(2026, 11, 20)),
        (date(2026, 11, 21), date(2026, 11, 20)),
        (date(2026, 11, 22), date(2026, 11, 20)),
        (date(2026, 11, 23), date(2026, 11, 23)),
        (date(2028, 7, 1), date(2028, 7, 3)),
    ],
    ids=["Friday", "Saturday", "Sunday", "Monday", "first Saturday of a quarter"],
)
def test_people_work_on_weekdays_of_the_same_quarter(day: date, at_work: date) -> None:
    assert NOVEMBER.at_work(day) == at_work
