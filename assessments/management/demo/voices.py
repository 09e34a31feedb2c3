"""Comments: given to those who answer as somebody would who says such a thing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from alliance_health.alliances.models import Role
from assessments.management.demo.content import Voice
from assessments.models import Response
from assessments.operations.responses import Given

# A rater's answers in the making, by question key and organisation asked about.
ItemKey = tuple[str, str]
Sheet = dict[ItemKey, Given]

PRAISE_FROM, BLAME_UP_TO = 4, 3  # levels that go with a comment of that mood
_LIKING = {"high": -1, "low": 1, "any": 0}


def comment(
    voices: Iterable[Voice], there: Sequence[Response], sheets: Mapping[str, Sheet]
) -> None:
    """Give comments to those who think so, most of them to different people.

    Args:
        voices: what is said on one side in one quarter.
        there: who answers on that side.
        sheets: their answers by name; each comment changes one of them.
    """
    said: Counter[str] = Counter()
    for voice in voices:
        found = _speaker(voice, there, sheets, said)
        if found is not None:
            name, key = found
            said[name] += 1
            given = sheets[name][key]
            sheets[name][key] = replace(
                given, level=_as_said(voice, given.level), comment=voice.text
            )


def _speaker(
    voice: Voice,
    there: Iterable[Response],
    sheets: Mapping[str, Sheet],
    said: Mapping[str, int],
) -> tuple[str, ItemKey] | None:
    """Return who says it of which item: in confidence first, then who has said least so far."""
    candidates = [
        (
            one.role != Role.TEAM,
            said[one.person.name],
            _LIKING[voice.mood] * given.level,
            one.person.name,
            key,
        )
        for one in there
        for key, given in sheets[one.person.name].items()
        if key[0] == voice.question and given.level is not None
    ]
    if not candidates:
        return None
    *_order, name, key = min(candidates)
    return name, key


def _as_said(voice: Voice, level: int | None) -> int | None:
    """Return a level that goes with what is said."""
    if level is None or voice.mood == "any":
        return level
    return max(level, PRAISE_FROM) if voice.mood == "high" else min(level, BLAME_UP_TO)
