"""Some of the demo's nights, the last among them: its warnings, and what people do about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from alliance_health.accounts.models import User
from assessments.management.demo.lives import Life
from assessments.management.demo.sign_ins import DOMAIN, SPONSOR
from assessments.models import Signal, SignalKind
from assessments.operations import signals


@dataclass(frozen=True, slots=True)
class _Answer:
    """What somebody who signs in does about the oldest warning of a kind in an alliance."""

    alliance: str
    kind: SignalKind
    email: str
    text: str


_ANSWERS: Sequence[_Answer] = (
    _Answer(
        "Grid Edge",
        SignalKind.SPONSOR_SEAT_VACANT,
        SPONSOR.email,
        "I have asked Hradovec's board for a name; until there is one I call its works director.",
    ),
    _Answer(
        "Paylink",
        SignalKind.OBSTACLE_OPEN,
        f"manager.jirani@{DOMAIN}",
        "We ask for two fixed days a month in Castellmar's release calendar.",
    ),
)


_DAYS_AGO = (60, 21)


def nights(today: date) -> Life:
    """Return the life of the watches before the last: what has been warned of for a while."""
    for days in _DAYS_AGO:
        day = today - timedelta(days=days)
        yield day
        signals.watch(on=day)


def watch(now: datetime) -> None:
    """Watch all alliances as of today, and let people answer.

    Args:
        now: the instant at which the demo ends.
    """
    signals.watch(on=timezone.localdate(now))
    for answer in _ANSWERS:
        raised = Signal.objects.filter(
            alliance__name=answer.alliance, kind=answer.kind, ended_on__isnull=True
        )
        for signal in raised.order_by("pk")[:1]:  # what is over on some days of a quarter has none
            signals.acknowledge(
                signal=signal,
                answer=answer.text,
                by=User.objects.get(email=answer.email),
                now=now,
            )
