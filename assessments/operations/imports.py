"""Bringing in a survey that was made elsewhere, as a closed cycle."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Organisation
from alliance_health.alliances.operations import alliances as register
from alliance_health.alliances.operations import organisations
from assessments.models import (
    Answer,
    AnswerSheet,
    Assessment,
    Cycle,
    CycleState,
    NoLevel,
    Question,
    QuestionSet,
    RubricVersion,
    Side,
    Target,
    VersionState,
    rater_key,
)
from assessments.operations import cycles
from assessments.operations.answer_files import Alliances, FileRater

BATCH = 5_000


class ImportRefused(Exception):
    """Answers made elsewhere cannot be brought in; the message says why and what to do."""


def roles_by_question(version: RubricVersion) -> dict[str, frozenset[str]]:
    """Return the roles asked, by key of the question.

    Args:
        version: the version that the answers are to be read by.

    Raises:
        ImportRefused: it asks about single organisations, which a file of answers cannot tell.
    """
    questions = list(Question.objects.filter(version=version))
    if any(question.target != Target.JOINT for question in questions):
        raise ImportRefused(
            _(
                "%(version)s has questions about single organisations; a file of answers cannot "
                "say which organisation an answer is about. Use a rubric that asks about the "
                "alliance only."
            )
            % {"version": version}
        )
    return {question.key: frozenset(question.roles) for question in questions}


@transaction.atomic
def import_answers(
    *,
    answers: Alliances,
    rubric_version: RubricVersion,
    name: str,
    starts_on: date,
    ends_on: date,
    by: User | None,
    now: datetime,
) -> Cycle:
    """Bring in answers as a closed cycle; all of them or none. Its scoring is due afterwards.

    Organisations and alliances that the register does not have are added to it, with what is known
    of them. Respondents stay names of the file: a pseudonym is made of them, no person.

    Args:
        answers: read and checked.
        rubric_version: what they are read by.
        name: of the cycle, unique.
        starts_on: first day of the quarter they were given in.
        ends_on: last day of it.
        by: who brings them in; None for the system.
        now: the instant.

    Raises:
        CycleRefused: there is a cycle of that name.
        ImportRefused: the version is not published, an alliance has other members, or the register
            does not take a name.
    """
    if rubric_version.state != VersionState.PUBLISHED:
        raise ImportRefused(_("%(version)s is not published.") % {"version": rubric_version})
    cycle = cycles.draft_cycle(
        name=name,
        rubric_version=rubric_version,
        question_set=QuestionSet.FULL,
        starts_on=starts_on,
        ends_on=ends_on,
        opens_on=starts_on,
        closes_on=ends_on,
        by=by,
        now=now,
    )
    cycle.state, cycle.opened_at, cycle.opened_by = CycleState.OPEN, now, by
    cycle.is_imported = True
    cycle.save()
    try:
        organisation_of = _organisations(
            {rater.organisation for raters in answers.values() for rater in raters.values()},
            by,
            now,
        )
        _refuse_two_spellings(organisation_of)
        members_of = {
            name: sorted({rater.organisation for rater in raters.values()})
            for name, raters in answers.items()
        }
        alliance_of = {
            name: _alliance(name, [organisation_of[one] for one in members], starts_on, by, now)
            for name, members in members_of.items()
        }
        _refuse_two_spellings(alliance_of)
    except ValidationError as refusal:
        raise ImportRefused(" ".join(refusal.messages)) from refusal
    questions = dict(Question.objects.filter(version=rubric_version).values_list("key", "pk"))
    for name_of_alliance, raters in answers.items():
        assessment = Assessment.objects.create(cycle=cycle, alliance=alliance_of[name_of_alliance])
        Side.objects.bulk_create(
            Side(assessment=assessment, organisation=organisation_of[member], position=place)
            for place, member in enumerate(members_of[name_of_alliance])
        )
        _add_answers(assessment, raters, organisation_of, questions)
    return cycles.close_cycle(cycle=cycle, by=None, now=now)


def _refuse_two_spellings(found: Mapping[str, Organisation] | Mapping[str, Alliance]) -> None:
    """Refuse two names of the file that the register, blind to case, takes for one.

    Raises:
        ImportRefused: there are such names.
    """
    spelt: dict[int, str] = {}
    for name, record in found.items():
        earlier = spelt.setdefault(record.pk, name)
        if earlier != name:
            raise ImportRefused(
                _("“%(earlier)s” and “%(name)s” are one name to the register. Spell it one way.")
                % {"earlier": earlier, "name": name}
            )


def _organisations(
    names: Iterable[str], by: User | None, now: datetime
) -> Mapping[str, Organisation]:
    found = {}
    for name in sorted(names):
        there = Organisation.objects.filter(name__iexact=name).first()
        found[name] = there or organisations.add_organisation(
            name=name, short_name=name[:40], by=by, now=now
        )
    return found


def _alliance(
    name: str, members: list[Organisation], starts_on: date, by: User | None, now: datetime
) -> Alliance:
    there = Alliance.objects.filter(name__iexact=name).first()
    if there is None:
        return register.found_alliance(
            name=name,
            purpose=_("Brought in with answers that were collected elsewhere."),
            members=members,
            starts_on=starts_on,
            by=by,
            now=now,
        )
    known = set(there.organisations.all())
    if strangers := [member for member in members if member not in known]:
        raise ImportRefused(
            _(
                "%(organisation)s is not a member of %(alliance)s in the register. Add the "
                "membership there, or correct the file."
            )
            % {"organisation": strangers[0], "alliance": there}
        )
    return there


def _add_answers(
    assessment: Assessment,
    raters: Mapping[str, FileRater],
    organisation_of: Mapping[str, Organisation],
    questions: Mapping[str, int],
) -> None:
    cycle = assessment.cycle
    sheets = {
        name: AnswerSheet(
            assessment=assessment,
            organisation=organisation_of[rater.organisation],
            role=rater.role,
            is_protected=rater.role not in cycle.named_roles,
            rater_key=rater_key(assessment.alliance_id, f"file:{name}"),
            is_submitted=True,
        )
        for name, rater in raters.items()
    }
    AnswerSheet.objects.bulk_create(sheets.values(), batch_size=BATCH)
    Answer.objects.bulk_create(
        (
            Answer(
                sheet=sheets[name],
                question_id=questions[key],
                level=level,
                no_level="" if level else NoLevel.CANNOT_TELL,
            )
            for name, rater in raters.items()
            for key, level in rater.answers.items()
        ),
        batch_size=BATCH,
    )
