"""A respondent's questionnaire: what is asked, what is answered already, and what was promised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alliance_health.accounts.models import User
from assessments.models import Answer, CycleState, Dimension, NoLevel, Response, ResponseState
from assessments.queries import responses


@dataclass(frozen=True, slots=True)
class Card:
    """One item as it is put to the respondent, with his answer so far."""

    name: str
    question_id: int
    about_id: int | None
    about: str
    label: str
    text: str
    choices: tuple[tuple[str, str], ...]
    given: str
    comment: str

    @property
    def is_answered(self) -> bool:
        return bool(self.given)

    @property
    def given_words(self) -> str:
        """The chosen level's number and text, or the reason why there is none."""
        words = dict(self.choices).get(self.given, "")
        return f"{self.given}: {words}" if self.given.isdecimal() else words


@dataclass(frozen=True, slots=True)
class Section:
    """The items of one dimension: one page."""

    key: str
    name: str
    about: str
    pillar: str
    cards: tuple[Card, ...]

    @property
    def answered(self) -> int:
        return sum(card.is_answered for card in self.cards)

    @property
    def is_done(self) -> bool:
        return self.answered == len(self.cards)

    @property
    def is_started(self) -> bool:
        return self.answered > 0


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """All that the questionnaire's pages show."""

    id: UUID
    alliance: str
    cycle: str
    organisation: str
    role: str
    closes_on: date
    promise: str
    is_submitted: bool
    submitted_on: date | None
    sections: tuple[Section, ...]

    @property
    def asked(self) -> int:
        return sum(len(section.cards) for section in self.sections)

    @property
    def answered(self) -> int:
        return sum(section.answered for section in self.sections)

    @property
    def missing(self) -> int:
        return self.asked - self.answered

    @property
    def next_open(self) -> Section | None:
        """The first section that is not answered to the end."""
        return next((section for section in self.sections if not section.is_done), None)

    def place(self, key: str) -> int | None:
        """Return where a section stands, from 0; None if nothing of it is asked."""
        keys = [section.key for section in self.sections]
        return keys.index(key) if key in keys else None


@dataclass(frozen=True, slots=True)
class MyRow:
    """One questionnaire in a reader's own list."""

    id: UUID
    alliance: str
    cycle: str
    role: str
    closes_on: date
    state: str
    is_open: bool
    is_started: bool
    is_submitted: bool


def answerable(user: User | AnonymousUser, held: str | None) -> QuerySet[Response]:
    """Return the responses that somebody may open: his own, and the one his link opened.

    Args:
        user: who is signed in, if anybody.
        held: key of the response that this session holds by a personal link.

    Returns:
        A scoped queryset; nothing is read yet.
    """
    own = Q(pk__in=[held] if held else [])
    if user.is_authenticated:
        own |= Q(person__user=user)
    return Response.objects.filter(own).select_related(
        "assessment__alliance", "assessment__cycle__rubric_version", "organisation", "person"
    )


def answers_as(response: Response, user: User | AnonymousUser) -> User | None:
    """Name who answers: the respondent where he is signed in, nobody where a link opened it.

    Args:
        response: taken from `answerable`.
        user: who is signed in, if anybody.
    """
    if user.is_authenticated and response.person.user_id == user.pk:
        return user
    return None


def mine(user: User) -> tuple[MyRow, ...]:
    """Return a reader's own questionnaires, open ones first, then the newest; 1 query.

    Args:
        user: who is signed in.
    """
    is_open = Q(assessment__cycle__state=CycleState.OPEN)
    rows = (
        Response.objects.filter(person__user=user)
        .exclude(assessment__cycle__state=CycleState.DRAFT)
        .select_related("assessment__alliance", "assessment__cycle")
        .annotate(
            is_past=Case(
                When(is_open, then=Value(0)), default=Value(1), output_field=IntegerField()
            )
        )
        .order_by("is_past", "-assessment__cycle__starts_on", "assessment__alliance__name")
    )
    return tuple(
        MyRow(
            id=row.pk,
            alliance=row.assessment.alliance.name,
            cycle=row.assessment.cycle.name,
            role=row.get_role_display(),
            closes_on=row.assessment.cycle.closes_on,
            state=row.get_state_display(),
            is_open=row.assessment.cycle.state == CycleState.OPEN,
            is_started=row.state == ResponseState.STARTED,
            is_submitted=row.state == ResponseState.SUBMITTED,
        )
        for row in rows
    )


def questionnaire(response: Response) -> Questionnaire:
    """Return a response's items by dimension, with the answers so far.

    A fixed number of queries: 1, and those of `responses.items_of` and `responses.answers_of`.

    Args:
        response: taken from `answerable`.
    """
    cycle = response.assessment.cycle
    answers = responses.answers_of(response)
    cards: dict[int, list[Card]] = {}
    for item in responses.items_of(response):
        answer = answers.get((item.question.pk, item.about.pk if item.about else None))
        cards.setdefault(item.question.dimension_id, []).append(_card(item, answer))
    dimensions = (
        Dimension.objects.filter(pk__in=cards)
        .select_related("pillar")
        .order_by("pillar__position", "position")
    )
    return Questionnaire(
        id=response.pk,
        alliance=response.assessment.alliance.name,
        cycle=cycle.name,
        organisation=response.organisation.name,
        role=response.get_role_display(),
        closes_on=cycle.closes_on,
        promise=promise(response),
        is_submitted=response.state == ResponseState.SUBMITTED,
        submitted_on=response.submitted_on,
        sections=tuple(
            Section(
                key=dimension.key,
                name=dimension.name,
                about=dimension.about,
                pillar=dimension.pillar.name,
                cards=tuple(cards[dimension.pk]),
            )
            for dimension in dimensions
        ),
    )


def promise(response: Response) -> str:
    """Say what happens to a respondent's answers, as it was frozen when the cycle opened.

    Args:
        response: with its cycle.
    """
    role = response.get_role_display()
    if not response.is_protected:
        return _(
            "As %(role)s you answer by name: the managers and sponsors of the alliance may know "
            "what you answered."
        ) % {"role": role}
    least = response.assessment.cycle.protected_minimum
    return ngettext(
        "As %(role)s you answer in confidence. Nobody is shown what you answered; your answers "
        "count only together with others', once %(count)d person of your organisation has answered "
        "in confidence.",
        "As %(role)s you answer in confidence. Nobody is shown what you answered; your answers "
        "count only together with others', once %(count)d people of your organisation have "
        "answered in confidence.",
        least,
    ) % {"role": role, "count": least}


def _choices(levels: Sequence[str], *, may_not_have_occurred: bool) -> tuple[tuple[str, str], ...]:
    no_level = [NoLevel.CANNOT_TELL]
    if may_not_have_occurred:
        no_level.append(NoLevel.DID_NOT_OCCUR)
    numbered = [(str(number), text) for number, text in enumerate(levels, start=1)]
    return (*numbered, *((reason.value, str(reason.label)) for reason in no_level))


def _card(item: responses.Item, answer: Answer | None) -> Card:
    question = item.question
    given = ""
    if answer is not None:
        given = answer.no_level or str(answer.level)
    return Card(
        name=f"item-{question.pk}-{item.about.pk if item.about else 0}",
        question_id=question.pk,
        about_id=item.about.pk if item.about else None,
        about=item.about.name if item.about else "",
        label=question.label,
        text=item.text,
        choices=_choices(question.levels, may_not_have_occurred=question.may_not_have_occurred),
        given=given,
        comment=answer.comment if answer is not None else "",
    )
