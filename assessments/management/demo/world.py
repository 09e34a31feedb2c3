"""The demo as a whole: told from its first day until now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Organisation, Person
from alliance_health.alliances.operations import alliances, organisations, people
from assessments.management.demo.cast import Cast
from assessments.management.demo.content import AlliancePart, Content, read
from assessments.management.demo.lives import Life, live
from assessments.management.demo.quarters import Quarters
from assessments.management.demo.register import Register
from assessments.management.demo.rounds import FIRST_QUARTER, Rounds
from assessments.management.demo.seating import Seating
from assessments.management.demo.sign_ins import ADMINISTRATOR, PASSWORD, PORTFOLIO, SIGN_INS
from assessments.management.demo.watching import nights, watch
from assessments.models import Cycle, Response, ResponseState, ScoreRun
from assessments.operations import rubric_documents, rubrics

RUBRIC = Path(settings.BASE_DIR) / "assessments" / "rubrics" / "default.yaml"


@dataclass(frozen=True, slots=True)
class Told:
    """How much there is."""

    organisations: int
    people: int
    alliances: int
    cycles: int
    answered: int
    scorings: int


@transaction.atomic
def tell(*, now: datetime) -> Told:
    """Make the whole demo, or nothing.

    Args:
        now: the instant at which it ends.
    """
    content = read()
    quarters = Quarters(timezone.localdate(now))
    began_on = min(quarters.day(part.starts) for part in content.alliances)
    began_at = datetime.combine(began_on, time(), timezone.get_current_timezone())
    version = rubrics.load_rubric(document=rubric_documents.read(RUBRIC), by=None, now=began_at)
    cast = Cast()
    seating = Seating(content, cast, quarters, _users())
    lives = [
        _begins(content, cast, seating, began_on),
        *(_founded(part, cast, quarters) for part in content.alliances),
        *(life for part in content.alliances for life in seating.lives(part)),
        *(
            life
            for part in content.alliances
            for life in Register(part, cast, quarters, FIRST_QUARTER).lives()
        ),
        *Rounds(content, cast, quarters, version).lives(),
        nights(quarters.today),
    ]
    live(lives, now)
    watch(now)
    return Told(
        organisations=Organisation.objects.count(),
        people=Person.objects.count(),
        alliances=Alliance.objects.count(),
        cycles=Cycle.objects.count(),
        answered=Response.objects.filter(state=ResponseState.SUBMITTED).count(),
        scorings=ScoreRun.objects.count(),
    )


def _users() -> Mapping[str, User]:
    """Make those who can sign in, and return them by e-mail."""
    made = {
        one.email: User.objects.create_user(one.email, PASSWORD, name=one.name)
        for one in SIGN_INS
        if one is not ADMINISTRATOR
    }
    made[ADMINISTRATOR.email] = User.objects.create_superuser(
        ADMINISTRATOR.email, PASSWORD, name=ADMINISTRATOR.name
    )
    return made


def _begins(content: Content, cast: Cast, seating: Seating, on: date) -> Life:
    now = yield on
    for part in content.organisations:
        cast.organisations[part.short_name] = organisations.add_organisation(
            name=part.name,
            short_name=part.short_name,
            country=part.country,
            sector=part.sector,
            by=None,
            now=now,
        )
    reader = seating.person(
        PORTFOLIO.organisation, PORTFOLIO.name, "Chief strategy officer", now=now
    )
    if reader.user:
        people.grant_portfolio(organisation=reader.organisation, user=reader.user, by=None, now=now)


def _founded(part: AlliancePart, cast: Cast, quarters: Quarters) -> Life:
    starts_on = quarters.day(part.starts)
    now = yield starts_on
    cast.alliances[part.name] = alliances.found_alliance(
        name=part.name,
        purpose=part.purpose,
        members=[cast.organisations[name] for name in part.members],
        starts_on=starts_on,
        stage=part.stage,
        region=part.region,
        ends_on=quarters.day(part.ends) if part.ends else None,
        sponsor_meetings_per_quarter=part.meetings_a_quarter,
        advocacy_per_quarter=part.advocacy_a_quarter,
        by=None,
        now=now,
    )
