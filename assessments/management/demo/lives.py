"""Lives: what goes on with one record, told one after the other and lived through at once.

A life is a generator. It yields the day on which it goes on, is sent the instant when that day has
come, and does what was to be done. A day after today never comes.
"""

from collections.abc import Generator, Iterable
from datetime import date, datetime, time
from heapq import heapify, heappop, heapreplace

from django.utils import timezone

Life = Generator[date, datetime, None]

WORK_BEGINS = time(9)


def live(lives: Iterable[Life], now: datetime) -> None:
    """Let all lives go on, day by day, until today; on the same day in the order given.

    Args:
        lives: not begun yet.
        now: the instant at which it ends.
    """
    today = timezone.localdate(now)
    waiting = [(next(life), number, life) for number, life in enumerate(lives)]
    heapify(waiting)
    while waiting and waiting[0][0] <= today:
        day, number, life = waiting[0]
        try:
            goes_on = life.send(_instant(day, now))
        except StopIteration:
            heappop(waiting)
        else:
            heapreplace(waiting, (max(day, goes_on), number, life))
    for _day, _number, life in waiting:
        life.close()


def _instant(day: date, now: datetime) -> datetime:
    """Return when work begins on a day; today not later than now."""
    return min(datetime.combine(day, WORK_BEGINS, timezone.get_current_timezone()), now)
