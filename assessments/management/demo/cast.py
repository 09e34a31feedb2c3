"""Who is who: the rows that have been made so far, by the names that the content uses."""

from collections import defaultdict
from dataclasses import dataclass, field

from alliance_health.alliances.models import Alliance, Organisation, Person, Role, Seat


@dataclass(slots=True)
class Cast:
    """The world as it is on the day that has come."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    alliances: dict[str, Alliance] = field(default_factory=dict)
    people: dict[tuple[str, str], Person] = field(default_factory=dict)
    _seats: dict[tuple[str, str, Role], list[Seat]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def sit(self, alliance: str, organisation: str, seat: Seat) -> None:
        """Note that somebody holds a seat from now on."""
        self._seats[(alliance, organisation, Role(seat.role))].append(seat)

    def stand_up(self, alliance: str, organisation: str, seat: Seat) -> None:
        """Note that somebody holds a seat no longer."""
        self._seats[(alliance, organisation, Role(seat.role))].remove(seat)

    def holders(self, alliance: str, organisation: str, role: Role) -> list[Person]:
        """Return who holds a role's seats now."""
        return [seat.person for seat in self._seats[(alliance, organisation, role)]]

    def holder(self, alliance: str, organisation: str, role: Role) -> Person | None:
        """Return the first who holds a role's seat now; None while it is vacant."""
        return next(iter(self.holders(alliance, organisation, role)), None)
