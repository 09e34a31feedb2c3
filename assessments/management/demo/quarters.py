"""Days counted from the quarter that today lies in."""

from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = 3
A_YEAR = 12
FRIDAY, SUNDAY = 5, 7


@dataclass(frozen=True, slots=True)
class Quarters:
    """The quarters around a day; 0 is its own, -1 the one before.

    Attributes:
        today: the day that all others are counted from.
    """

    today: date

    def first(self, quarter: int) -> date:
        """Return a quarter's first day."""
        months = self.today.year * A_YEAR + self.today.month - 1
        start = (months // MONTHS + quarter) * MONTHS
        return date(start // A_YEAR, start % A_YEAR + 1, 1)

    def last(self, quarter: int) -> date:
        """Return a quarter's last day."""
        return self.first(quarter + 1) - timedelta(days=1)

    def name(self, quarter: int) -> str:
        """Return a quarter as people say it, for example 2026 Q4."""
        first = self.first(quarter)
        return f"{first.year} Q{(first.month - 1) // MONTHS + 1}"

    def day(self, said: str) -> date:
        """Return the day that the content calls `-3/20`: the 20th of the quarter three back."""
        quarter, number = said.split("/")
        return self.nth(int(quarter), int(number))

    def nth(self, quarter: int, number: int) -> date:
        """Return a quarter's `number`th day, its last one where it is shorter than that."""
        return min(self.first(quarter) + timedelta(days=number - 1), self.last(quarter))

    def at_work(self, day: date) -> date:
        """Return a day on which people work: itself, the Friday before, or the quarter's Monday."""
        friday = day - timedelta(days=max(0, day.isoweekday() - FRIDAY))
        if self.number(friday) == self.number(day):
            return friday
        return day + timedelta(days=SUNDAY + 1 - day.isoweekday())

    def number(self, day: date) -> int:
        """Return the quarter that a day lies in."""
        months = (day.year - self.today.year) * A_YEAR + day.month - 1
        return months // MONTHS - (self.today.month - 1) // MONTHS

    def place(self, day: date) -> float:
        """Return where a day stands between quarters: -3.5 is the middle of the one three back."""
        quarter = self.number(day)
        first, after = self.first(quarter), self.first(quarter + 1)
        return quarter + (day - first).days / (after - first).days
