"""Lives of an alliance's records: objectives, touchpoints, obstacles, actions, commitments."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from alliance_health.alliances.models import (
    ActionKind,
    Alliance,
    Objective,
    Person,
    Role,
    TouchpointKind,
)
from alliance_health.alliances.operations import actions, objectives, obstacles, touchpoints
from assessments.management.demo.cast import Cast
from assessments.management.demo.chance import dice, spread_out
from assessments.management.demo.content import (
    ActionPart,
    AlliancePart,
    ObjectivePart,
    ObstaclePart,
    PromisesPart,
    TouchpointPart,
)
from assessments.management.demo.lives import Life
from assessments.management.demo.quarters import Quarters

QUARTER_DAYS = 90
CHECKED_ON = 72  # day of a quarter: shortly before people are asked
CHECKED_LATELY = timedelta(days=9)
APART = timedelta(days=20)  # a note's own day stands for the check-in of that time
CONFIRMED_AFTER = timedelta(days=14)
CONFIRMED_EVERY = timedelta(days=350)
TIME_TO_DO_IT = timedelta(days=21)
NEVER_DONE = 0.3  # of what is late


class Register:
    """Keeps the records of one alliance."""

    def __init__(self, part: AlliancePart, cast: Cast, quarters: Quarters, first: int) -> None:
        """Open the register.

        Args:
            part: the alliance's content.
            cast: who is who.
            quarters: what its days are counted from.
            first: the first quarter in which what comes again each quarter is told.
        """
        self._part = part
        self._cast = cast
        self._quarters = quarters
        started = quarters.number(quarters.day(part.starts))
        self._told = range(max(first, started), 1)

    def lives(self) -> Iterator[Life]:
        """Return the lives of all records."""
        yield from map(self._objective, self._part.objectives)
        yield from map(self._touchpoint, self._part.touchpoints)
        yield from self._meetings()
        yield from self._advocacy()
        yield from map(self._obstacle, self._part.obstacles)
        yield from map(self._action, self._part.actions)
        yield from self._promises(ActionKind.ACTION, self._part.routine.actions)
        yield from self._promises(ActionKind.COMMITMENT, self._part.routine.commitments)

    @property
    def _alliance(self) -> Alliance:
        return self._cast.alliances[self._part.name]

    def _holder(self, side: str, role: Role) -> Person | None:
        return self._cast.holder(self._part.name, side, role)

    def _day(self, said: str) -> date:
        return self._quarters.at_work(self._quarters.day(said))

    def _nth(self, quarter: int, number: int) -> date:
        return self._quarters.at_work(self._quarters.nth(quarter, number))

    # --- objectives -------------------------------------------------------------------------
    def _objective(self, part: ObjectivePart) -> Life:
        starts_on = self._day(part.starts)
        now = yield starts_on
        objective = objectives.promise(
            alliance=self._alliance,
            owner=self._cast.organisations[part.owner],
            statement=part.statement,
            measure=part.measure,
            unit=part.unit,
            baseline=_decimal(part.plan[0]),
            target=_decimal(part.plan[1]),
            starts_on=starts_on,
            due_on=self._day(part.due),
            weight=part.weight,
            by=None,
            now=now,
        )
        notes = {self._day(day): note for day, note in part.notes.items()}
        goes_on = [(day, "checked") for day in self._check_in_days(part, starts_on, notes)]
        goes_on += [(day, "confirmed") for day in self._confirmation_days(starts_on)]
        if part.rebased:
            goes_on.append((self._day(part.rebased.day), "rebased"))
        for day, how in sorted(goes_on):
            now = yield day
            match how:
                case "checked":
                    self._check_in(objective, part, day, notes.get(day, ""), now)
                case "confirmed":
                    self._confirm(objective, day, now)
                case _:
                    self._rebase(objective, part, now)

    def _check_in_days(
        self, part: ObjectivePart, starts_on: date, notes: dict[date, str]
    ) -> list[date]:
        """Return the days of an objective's check-ins: its notes', one a quarter, and lately."""
        chance = dice("check-ins", self._part.name, part.statement)
        until = self._day(part.until) if part.until else self._quarters.today
        days = sorted(notes)
        usual = [self._nth(quarter, CHECKED_ON + chance.randint(-5, 5)) for quarter in self._told]
        lately = self._quarters.today - CHECKED_LATELY + timedelta(days=chance.randint(-3, 3))
        lately = self._quarters.at_work(lately)
        for day in (*usual, lately):
            if starts_on < day <= until and all(abs(day - other) >= APART for other in days):
                days.append(day)
        return days

    def _check_in(
        self, objective: Objective, part: ObjectivePart, day: date, note: str, now: datetime
    ) -> None:
        value = part.course.at(self._quarters.place(day))
        objectives.check_in(
            objective=objective,
            on=day,
            value=_decimal(round(value, _places(part))),
            note=note,
            recorded_by=self._holder(part.owner, Role.MANAGER),
            by=None,
            now=now,
        )

    def _confirmation_days(self, starts_on: date) -> Iterator[date]:
        """Return the days on which an objective is confirmed: soon, then once a year."""
        rule = self._part.confirmations
        until = self._day(rule.until) if rule and rule.until else self._quarters.today
        day = starts_on + CONFIRMED_AFTER
        while day <= until:
            yield day
            day += CONFIRMED_EVERY

    def _confirm(self, objective: Objective, day: date, now: datetime) -> None:
        rule = self._part.confirmations
        for side in rule.sides if rule else self._part.members:
            objectives.confirm(
                objective=objective,
                organisation=self._cast.organisations[side],
                on=day,
                by=None,
                now=now,
            )

    def _rebase(self, objective: Objective, part: ObjectivePart, now: datetime) -> None:
        if part.rebased:
            objectives.rebase(
                objective=objective,
                baseline=_decimal(part.rebased.plan[0]),
                target=_decimal(part.rebased.plan[1]),
                starts_on=self._day(part.rebased.starts),
                due_on=self._day(part.rebased.due),
                agreed_on=self._day(part.rebased.day),
                reason=part.rebased.reason,
                by=None,
                now=now,
            )

    # --- what sponsors do -------------------------------------------------------------------
    def _touchpoint(self, part: TouchpointPart) -> Life:
        day = self._day(part.day)
        now = yield day
        sides = part.among or ([part.by] if part.by else self._part.members)
        sponsors = self._sponsors(sides)
        touchpoints.record(
            alliance=self._alliance,
            organisation=self._cast.organisations[part.by or sides[0]],
            kind=part.kind,
            on=day,
            participants=sponsors,
            stakeholder=part.to,
            note=part.note,
            is_internal=part.internal,
            by=None,
            now=now,
        )

    def _sponsors(self, sides: Sequence[str]) -> list[Person]:
        found = (self._holder(side, Role.SPONSOR) for side in sides)
        return [person for person in found if person is not None]

    def _meetings(self) -> Iterator[Life]:
        """Return the meetings that nobody tells of, so many that the quarter has its number."""
        for quarter in self._told:
            agreed = int(self._part.routine.meetings.since(quarter))
            for day in self._rest_of_quarter(quarter, agreed, TouchpointKind.MEETING, ""):
                yield self._meets(day)

    def _meets(self, day: date) -> Life:
        now = yield day
        sponsors = self._sponsors(self._part.members)
        if len(sponsors) > 1:
            host = self._part.members[day.toordinal() % len(self._part.members)]
            touchpoints.record(
                alliance=self._alliance,
                organisation=self._cast.organisations[host],
                kind=TouchpointKind.MEETING,
                on=day,
                participants=sponsors,
                by=None,
                now=now,
            )

    def _advocacy(self) -> Iterator[Life]:
        """Return the advocacy that nobody tells of, so much that the quarter has its number."""
        for side, curve in self._part.routine.advocacy.items():
            heard = self._part.routine.stakeholders[side]
            for quarter in self._told:
                agreed = int(curve.since(quarter))
                for day in self._rest_of_quarter(quarter, agreed, TouchpointKind.ADVOCACY, side):
                    yield self._advocates(side, heard[quarter % len(heard)], day)

    def _advocates(self, side: str, stakeholder: str, day: date) -> Life:
        now = yield day
        if sponsor := self._holder(side, Role.SPONSOR):
            touchpoints.record(
                alliance=self._alliance,
                organisation=self._cast.organisations[side],
                kind=TouchpointKind.ADVOCACY,
                on=day,
                participants=[sponsor],
                stakeholder=stakeholder,
                by=None,
                now=now,
            )

    def _rest_of_quarter(
        self, quarter: int, agreed: int, kind: TouchpointKind, side: str
    ) -> Iterator[date]:
        """Return days for what is left of a quarter's number beside what is told of one by one."""
        told = sum(
            part.kind == kind and part.by in ("", side) and self._is_in(part.day, quarter)
            for part in self._part.touchpoints
        )
        chance = dice(kind, self._part.name, side, quarter)
        for number in range(told, agreed):
            middle = (2 * number + 1) * QUARTER_DAYS // (2 * agreed)
            yield self._nth(quarter, middle + chance.randint(-9, 9))

    def _is_in(self, said: str, quarter: int) -> bool:
        return self._quarters.number(self._day(said)) == quarter

    # --- obstacles --------------------------------------------------------------------------
    def _obstacle(self, part: ObstaclePart) -> Life:
        day = self._day(part.raised)
        now = yield day
        obstacle = obstacles.raise_obstacle(
            alliance=self._alliance,
            organisation=self._cast.organisations[part.by],
            title=part.title,
            raised_on=day,
            severity=part.severity,
            note=part.note,
            is_internal=part.internal,
            raised_by=self._holder(part.by, Role.MANAGER),
            by=None,
            now=now,
        )
        if part.escalate:
            day = self._day(part.escalate.day)
            now = yield day
            if sponsor := self._holder(part.escalate.to, Role.SPONSOR):
                obstacles.escalate(obstacle=obstacle, to=sponsor, on=day, by=None, now=now)
        if part.resolved:
            day = self._day(part.resolved)
            now = yield day
            obstacles.resolve(obstacle=obstacle, on=day, by=None, now=now)

    # --- actions and commitments ------------------------------------------------------------
    def _action(self, part: ActionPart) -> Life:
        return self._promise(
            part.kind,
            part.title,
            side=part.by,
            role=part.who,
            agreed_on=self._day(part.agreed),
            due_on=self._day(part.due),
            done_on=self._day(part.done) if part.done else None,
            dimension=part.dimension,
            points=part.points,
        )

    def _promises(self, kind: ActionKind, part: PromisesPart) -> Iterator[Life]:
        """Return what comes again each quarter: by turns of each side, in time as often as told."""
        chance = dice("promises", self._part.name, kind)
        due = [(quarter, number) for quarter in self._told for number in range(part.a_quarter)]
        in_time = spread_out(part.on_time.at(quarter) for quarter, _number in due)
        for turn, ((quarter, number), is_in_time) in enumerate(zip(due, in_time, strict=True)):
            spacing = (number + 1) * QUARTER_DAYS // (part.a_quarter + 1)
            due_on = self._nth(quarter, spacing + chance.randint(-6, 6))
            late = timedelta(days=-chance.randint(0, 5) if is_in_time else chance.randint(6, 34))
            done_on = self._quarters.at_work(due_on + late)
            is_dropped = chance.random() < NEVER_DONE and not is_in_time
            yield self._promise(
                kind,
                part.titles[turn % len(part.titles)].format(quarter=self._quarters.name(quarter)),
                side=self._part.members[turn % len(self._part.members)],
                role=Role.TEAM if turn // 2 % 2 else Role.MANAGER,
                agreed_on=due_on - TIME_TO_DO_IT,
                due_on=due_on,
                done_on=None if is_dropped else done_on,
            )

    def _promise(
        self,
        kind: ActionKind,
        title: str,
        *,
        side: str,
        role: Role,
        agreed_on: date,
        due_on: date,
        done_on: date | None,
        dimension: str = "",
        points: int | None = None,
    ) -> Life:
        now = yield agreed_on
        holders = self._cast.holders(self._part.name, side, role)
        if not holders:
            return
        action = actions.agree(
            alliance=self._alliance,
            owner=holders[due_on.toordinal() % len(holders)],
            title=title,
            agreed_on=agreed_on,
            due_on=due_on,
            kind=kind,
            dimension_key=dimension,
            expected_points=points,
            by=None,
            now=now,
        )
        if done_on is not None:
            now = yield done_on
            actions.mark_done(action=action, on=done_on, by=None, now=now)


def _places(part: ObjectivePart) -> int:
    """Return how many decimal places an objective is measured in: those of its plan."""
    exponents = (int(_decimal(value).normalize().as_tuple().exponent) for value in part.plan)
    return max(0, *(-exponent for exponent in exponents))


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))
