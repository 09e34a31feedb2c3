from datetime import UTC, date, datetime

from assessments.management.demo.lives import Life, live

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def test_lives_go_on_day_by_day_and_in_order_within_a_day() -> None:
    lived: list[tuple[str, datetime]] = []

    def life(name: str, *days: date) -> Life:
        for day in days:
            now = yield day
            lived.append((name, now))

    live(
        [
            life("first", date(2026, 11, 3), date(2026, 11, 20)),
            life("second", date(2026, 11, 2), date(2026, 11, 3)),
        ],
        NOW,
    )

    assert lived == [
        ("second", datetime(2026, 11, 2, 9, tzinfo=UTC)),
        ("first", datetime(2026, 11, 3, 9, tzinfo=UTC)),
        ("second", datetime(2026, 11, 3, 9, tzinfo=UTC)),
        ("first", datetime(2026, 11, 20, 9, tzinfo=UTC)),
    ]


def test_today_is_not_later_than_now_and_tomorrow_never_comes() -> None:
    lived: list[datetime] = []

    def life() -> Life:
        lived.append((yield date(2026, 11, 24)))
        lived.append((yield date(2026, 11, 25)))

    live([life()], NOW)

    assert lived == [NOW]


def test_a_day_that_has_passed_comes_at_once() -> None:
    lived: list[datetime] = []

    def life() -> Life:
        lived.append((yield date(2026, 11, 10)))
        lived.append((yield date(2026, 11, 1)))

    live([life()], NOW)

    assert lived == [datetime(2026, 11, 10, 9, tzinfo=UTC)] * 2
