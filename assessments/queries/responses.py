"""What is put to a respondent, what he has answered, and whom a personal link belongs to."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from alliance_health.alliances.models import Organisation
from assessments.models import (
    Answer,
    CycleState,
    Question,
    QuestionSet,
    Response,
    Side,
    Target,
    rater_key,
)

MOST_OTHERS = 3  # other organisations that one respondent is asked about


@dataclass(frozen=True, slots=True)
class Item:
    """A question as it is put to a respondent: about the alliance, or about one organisation."""

    question: Question
    about: Organisation | None
    text: str


def respondents_key(response: Response) -> str:
    """Return the pseudonym under which a respondent's answers lie."""
    return rater_key(response.assessment.alliance_id, f"person:{response.person_id}")


def is_asked(question: Question, question_set: str, organisations: int) -> bool:
    """Return whether a cycle asks a question at all.

    Args:
        question: of the cycle's rubric version.
        question_set: the cycle's.
        organisations: how many sides the assessment has.
    """
    in_set = question.is_core or question_set == QuestionSet.FULL
    return in_set and organisations >= question.minimum_organisations


def others_asked_about(own: int, sides: Sequence[int], rater: str) -> list[int]:
    """Return the other organisations that a rater is asked about: all, or three by rotation.

    The choice is the same each time it is made for the same rater.

    Args:
        own: key of the rater's organisation.
        sides: keys of all sides, in the order in which they are shown.
        rater: the rater's pseudonym, the seed of the rotation.
    """
    others = [side for side in sides if side != own]
    if len(others) <= MOST_OTHERS:
        return others
    drawn = sorted(others, key=lambda side: hashlib.sha256(f"{rater}:{side}".encode()).digest())
    chosen = set(drawn[:MOST_OTHERS])
    return [side for side in others if side in chosen]


def asked_about(question: Question, own: int, sides: Sequence[int], rater: str) -> list[int | None]:
    """Return whom a question is about for a rater: organisations, or None for the alliance.

    Args:
        question: one that the rater's role is asked.
        own: key of the rater's organisation.
        sides: keys of all sides, in the order in which they are shown.
        rater: the rater's pseudonym.
    """
    match question.target:
        case Target.JOINT:
            return [None]
        case Target.OWN:
            return [own]
        case Target.OTHER:
            return [*others_asked_about(own, sides, rater)]
        case _:
            return [own, *others_asked_about(own, sides, rater)]


def items_of(response: Response) -> tuple[Item, ...]:
    """Return the items put to a respondent, in the rubric's order; 2 queries.

    Args:
        response: with its assessment, cycle and organisation.
    """
    return items_of_all([response])[response.pk]


def items_of_all(asked: Sequence[Response]) -> dict[UUID, tuple[Item, ...]]:
    """Return the items put to several respondents, each in the rubric's order; 2 queries.

    Args:
        asked: each with its assessment, cycle and organisation.
    """
    sides: dict[int, dict[int, Organisation]] = defaultdict(dict)
    for side in Side.objects.filter(
        assessment__in={response.assessment_id for response in asked}
    ).select_related("organisation"):
        sides[side.assessment_id][side.organisation_id] = side.organisation
    questions: dict[int, list[Question]] = defaultdict(list)
    for question in Question.objects.filter(
        version__in={response.assessment.cycle.rubric_version_id for response in asked}
    ).order_by("dimension__pillar__position", "dimension__position", "position"):
        questions[question.version_id].append(question)
    return {
        response.pk: tuple(
            _items(
                response,
                questions[response.assessment.cycle.rubric_version_id],
                sides[response.assessment_id],
            )
        )
        for response in asked
    }


def _items(
    response: Response, questions: Sequence[Question], sides: Mapping[int, Organisation]
) -> Iterator[Item]:
    rater, own = respondents_key(response), response.organisation
    question_set = response.assessment.cycle.question_set
    for question in questions:
        if response.role in question.roles and is_asked(question, question_set, len(sides)):
            for key in asked_about(question, own.pk, list(sides), rater):
                about = sides[key] if key else None
                yield Item(question, about, _text(question, own, about))


def _text(question: Question, own: Organisation, about: Organisation | None) -> str:
    said = question.text.replace("{own}", own.name)
    return said.replace("{organisation}", about.name) if about else said


def answers_of(response: Response) -> Mapping[tuple[int, int | None], Answer]:
    """Return a respondent's own answers by question and organisation; 1 query.

    Args:
        response: the caller has made sure that the reader is its respondent.
    """
    found: Iterable[Answer] = Answer.objects.filter(
        sheet__assessment=response.assessment_id, sheet__rater_key=respondents_key(response)
    )
    return {(answer.question_id, answer.about_id): answer for answer in found}


def link_digest(secret: str) -> str:
    """Return what is stored of a personal link's secret: its SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def response_by_link(secret: str) -> Response | None:
    """Return the response that a personal link opens, None if it opens nothing; 1 query.

    A link works while its cycle is open.

    Args:
        secret: as it stands in the link.
    """
    return (
        Response.objects.filter(
            link_digest=link_digest(secret), assessment__cycle__state=CycleState.OPEN
        )
        .select_related("assessment__alliance", "assessment__cycle", "organisation", "person")
        .first()
    )
