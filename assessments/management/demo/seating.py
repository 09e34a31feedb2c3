"""Lives of people in their seats: who comes, who goes, who comes after."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Level, Person, Role
from alliance_health.alliances.operations import people, seats
from assessments.management.demo.cast import Cast
from assessments.management.demo.chance import dice
from assessments.management.demo.content import AlliancePart, Content, Holder, SidePart
from assessments.management.demo.lives import Life
from assessments.management.demo.quarters import Quarters
from assessments.management.demo.sign_ins import SIGN_INS

_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class _Term:
    """Somebody's time in a seat."""

    holder: Holder
    role: Role
    function: str
    starts_on: date
    ends_on: date | None = None


class Seating:
    """Fills the seats of all alliances."""

    def __init__(
        self, content: Content, cast: Cast, quarters: Quarters, users: Mapping[str, User]
    ) -> None:
        self._names = content.names
        self._organisations = {one.short_name: one for one in content.organisations}
        self._cast = cast
        self._quarters = quarters
        self._users = users
        self._emails = {(one.organisation, one.name): one.email for one in SIGN_INS}
        self._taken = {
            (side.organisation, holder.name)
            for alliance in content.alliances
            for side in alliance.sides
            for holder in (*side.managers, *side.sponsors, *side.members)
        }

    def lives(self, alliance: AlliancePart) -> Iterator[Life]:
        """Return the lives of an alliance's seats."""
        for side in alliance.sides:
            for term in (*self._named(alliance, side), *self._team(alliance, side)):
                yield self._sits(alliance, side, term)

    def person(
        self, organisation: str, name: str, title: str, function: str = "", *, now: datetime
    ) -> Person:
        """Return somebody of an organisation, added to the register where he is not yet in it."""
        key = (organisation, name)
        if key not in self._cast.people:
            email = self._emails.get(key) or self._address(organisation, name)
            self._cast.people[key] = people.add_person(
                organisation=self._cast.organisations[organisation],
                name=name,
                email=email,
                job_title=title,
                function=function,
                user=self._users.get(email),
                by=None,
                now=now,
            )
        return self._cast.people[key]

    def _sits(self, alliance: AlliancePart, side: SidePart, term: _Term) -> Life:
        now = yield term.starts_on
        holder = term.holder
        seat = seats.appoint(
            alliance=self._cast.alliances[alliance.name],
            person=self.person(
                side.organisation, holder.name, holder.title, term.function, now=now
            ),
            role=term.role,
            starts_on=term.starts_on,
            level=Level[holder.level.upper()] if holder.level else None,
            by=None,
            now=now,
        )
        self._cast.sit(alliance.name, side.organisation, seat)
        if term.ends_on is not None:
            now = yield term.ends_on
            seats.end_seat(seat=seat, ends_on=term.ends_on, by=None, now=now)
            self._cast.stand_up(alliance.name, side.organisation, seat)

    def _named(self, alliance: AlliancePart, side: SidePart) -> Iterator[_Term]:
        for role, holders in ((Role.MANAGER, side.managers), (Role.SPONSOR, side.sponsors)):
            for holder in holders:
                yield _Term(
                    holder,
                    role,
                    function="",
                    starts_on=self._quarters.day(holder.starts or alliance.starts),
                    ends_on=self._quarters.day(holder.ends) if holder.ends else None,
                )

    def _team(self, alliance: AlliancePart, side: SidePart) -> Iterator[_Term]:
        starts_on = self._quarters.day(alliance.starts)
        leaves = [self._quarters.day(day) for day in side.leavers]
        staying = side.team - len(leaves)
        for number in range(side.team):
            holder, function = self._member(alliance, side, number)
            if number < staying:
                yield _Term(holder, Role.TEAM, function, starts_on)
                continue
            ends_on = leaves[number - staying]
            yield _Term(holder, Role.TEAM, function, starts_on, ends_on)
            after, function = self._member(alliance, side, number + len(leaves))
            yield _Term(after, Role.TEAM, function, ends_on + timedelta(days=1))

    def _member(self, alliance: AlliancePart, side: SidePart, number: int) -> tuple[Holder, str]:
        """Return the `number`th member of a team with his function: named, or invented."""
        function = side.functions[number % len(side.functions)]
        if number < len(side.members):
            return side.members[number], function.capitalize()
        chance = dice("member", alliance.name, side.organisation, number)
        pools = self._organisations[side.organisation].people
        while True:
            [drawn] = chance.choices(list(pools), weights=list(pools.values()))
            pool = self._names.pools[drawn]
            name = f"{chance.choice(pool.given)} {chance.choice(pool.family)}"
            if (side.organisation, name) not in self._taken:
                break
        self._taken.add((side.organisation, name))
        title = chance.choice(self._names.functions[function])
        return Holder(name=name, title=title), function.capitalize()

    def _address(self, organisation: str, name: str) -> str:
        letters = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN))
        given, *family = re.sub(r"[^a-z -]", "", letters).split()
        return f"{given}.{''.join(family)}@{self._organisations[organisation].domain}"
