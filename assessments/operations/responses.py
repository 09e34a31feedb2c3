"""Answering: saving, submitting, and the personal link to a questionnaire."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from assessments import permissions
from assessments.models import Answer, AnswerSheet, NoLevel, Response, ResponseState
from assessments.queries import responses as queries

SECRET_BYTES = 32


class ResponseRefused(Exception):
    """Answers, a submission or a link is refused; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as it came in: a level from 1 to 5, or the reason why there is none."""

    question_id: int
    about_id: int | None
    level: int | None
    no_level: str = ""
    comment: str = ""


def _locked(response: Response) -> Response:
    """Read the response again and keep it, so that a second post waits for this one."""
    [kept] = _all_locked([response])
    return kept


def _all_locked(responses: Iterable[Response]) -> list[Response]:
    """Read responses again and keep them, always in the same order."""
    return list(
        Response.objects.select_for_update(of=("self",))
        .select_related("assessment__alliance", "assessment__cycle", "organisation", "person")
        .filter(pk__in=[response.pk for response in responses])
        .order_by("pk")
    )


@transaction.atomic
def save_answers(
    *, response: Response, answers: Sequence[Given], by: User | None, now: datetime
) -> Response:
    """Keep answers, over those given before to the same items; all of them or none.

    Args:
        response: whose answers they are.
        answers: one for each item answered; items left open are not among them.
        by: the respondent where he is signed in; None where his personal link opened it.
        now: the instant; it is not stored with the answers.

    Raises:
        PermissionDenied: somebody else answers, or answers are not taken any more.
        ResponseRefused: an answer does not belong to what was asked.
    """
    kept = _locked(response)
    _refuse_unless_taken(by, kept)
    _check(answers, queries.items_of(kept))
    if not answers:
        return kept
    _keep({kept: answers})
    if kept.state == ResponseState.INVITED:
        kept.state = ResponseState.STARTED
        kept.save(update_fields=["state"])
    return kept


@transaction.atomic
def submit(*, response: Response, by: User | None, now: datetime) -> Response:
    """Hand in a respondent's answers; they count once the cycle closes.

    Args:
        response: whose answers they are.
        by: the respondent where he is signed in; None where his personal link opened it.
        now: the instant, of which only the day is stored.

    Raises:
        PermissionDenied: somebody else submits, or answers are not taken any more.
        ResponseRefused: nothing has been answered.
    """
    kept = _locked(response)
    _refuse_unless_taken(by, kept)
    _submit([kept], now)
    kept.refresh_from_db(fields=["state", "submitted_on"])
    return kept


@transaction.atomic
def hand_in(*, answers: Mapping[Response, Sequence[Given]], by: User | None, now: datetime) -> None:
    """Save and submit what many people answered, at once; all of it or nothing.

    Args:
        answers: by response, all of one cycle; one for each item answered.
        by: the respondent where he is signed in; None for the system.
        now: the instant, of which only the day is stored.

    Raises:
        PermissionDenied: somebody else answers, or answers are not taken any more.
        ResponseRefused: an answer does not belong to what was asked, somebody has none, or the
            responses are of several cycles.
    """
    kept = _all_locked(answers)
    if len({response.assessment.cycle_id for response in kept}) > 1:
        # A pseudonym is the same in every cycle: only within one does it name one sheet.
        raise ResponseRefused(_("Answers are handed in for one cycle at a time."))
    items = queries.items_of_all(kept)
    for response in kept:
        _refuse_unless_taken(by, response)
        _check(answers[response], items[response.pk])
    _keep({response: answers[response] for response in kept if answers[response]})
    _submit(kept, now)


def _refuse_unless_taken(by: User | None, response: Response) -> None:
    if reason := permissions.why_cannot_answer(by, response):
        raise PermissionDenied(reason)


def _check(answers: Sequence[Given], items: Sequence[queries.Item]) -> None:
    asked = {
        (item.question.pk, item.about.pk if item.about else None): item.question for item in items
    }
    seen: set[tuple[int, int | None]] = set()
    for given in answers:
        key = (given.question_id, given.about_id)
        question = asked.get(key)
        if question is None or key in seen:
            raise ResponseRefused(
                _(
                    "One of the answers is not to a question that you were asked. Load the page "
                    "again; nothing was saved."
                )
            )
        seen.add(key)
        offered = [NoLevel.CANNOT_TELL]
        if question.may_not_have_occurred:
            offered.append(NoLevel.DID_NOT_OCCUR)
        fits = (
            given.level in range(1, 6) and not given.no_level
            if given.level is not None
            else given.no_level in offered
        )
        if not fits:
            raise ResponseRefused(
                _("Choose one of the levels shown for “%(label)s”; nothing was saved.")
                % {"label": question.label}
            )


def _keep(answers: Mapping[Response, Sequence[Given]]) -> None:
    """Write answers under their raters' pseudonyms, over those that are there."""
    respondents = {queries.respondents_key(response): response for response in answers}
    AnswerSheet.objects.bulk_create(
        [
            AnswerSheet(
                assessment=response.assessment,
                rater_key=key,
                organisation=response.organisation,
                role=response.role,
                is_protected=response.is_protected,
            )
            for key, response in sorted(respondents.items())  # an order that tells nothing
        ],
        ignore_conflicts=True,
    )
    sheets = AnswerSheet.objects.filter(
        assessment__in={response.assessment_id for response in answers},
        rater_key__in=respondents,
    ).order_by("rater_key")
    Answer.objects.bulk_create(
        [
            Answer(
                sheet=sheet,
                question_id=given.question_id,
                about_id=given.about_id,
                level=given.level,
                no_level=given.no_level,
                comment=given.comment,
            )
            for sheet in sheets
            for given in answers[respondents[sheet.rater_key]]
        ],
        update_conflicts=True,
        unique_fields=["sheet", "question", "about"],
        update_fields=["level", "no_level", "comment"],
    )


def _submit(kept: Sequence[Response], now: datetime) -> None:
    submitted = AnswerSheet.objects.filter(
        assessment__in={response.assessment_id for response in kept},
        rater_key__in=[queries.respondents_key(response) for response in kept],
    ).update(is_submitted=True)
    if submitted != len(kept):
        raise ResponseRefused(_("Answer one or more questions before you submit."))
    Response.objects.filter(pk__in=[response.pk for response in kept]).update(
        state=ResponseState.SUBMITTED, submitted_on=timezone.localdate(now)
    )


@transaction.atomic
def send_link(*, response: Response, by: User | None, now: datetime) -> Response:
    """Mail a respondent a new personal link; the one before stops working.

    Only the digest of the secret is stored. Where the mail server does not take the mail, nothing
    is changed.

    Args:
        response: whose questionnaire it is.
        by: who asks for it; None for the system.
        now: the instant, of which only the day is stored.

    Raises:
        PermissionDenied: `by` may not, or answers are not taken any more.
        ResponseRefused: the mail server did not take the mail.
    """
    kept = _locked(response)
    if reason := permissions.why_cannot_send_link(by, kept):
        raise PermissionDenied(reason)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    kept.link_digest = queries.link_digest(secret)
    kept.link_sent_on = timezone.localdate(now)
    kept.save(update_fields=["link_digest", "link_sent_on"])
    mail = _mail(kept, settings.SITE_URL + reverse("assessments:answer", args=[secret]))
    try:
        mail.send()
    except (SMTPException, OSError) as problem:
        raise ResponseRefused(
            _("The mail server did not take the mail to %(person)s. Try again in a few minutes.")
            % {"person": kept.person}
        ) from problem
    return kept


def _mail(response: Response, link: str) -> EmailMultiAlternatives:
    assessment = response.assessment
    words = {
        "person": response.person.name,
        "alliance": assessment.alliance.name,
        "organisation": response.organisation.name,
        "cycle": assessment.cycle.name,
        "closes_on": assessment.cycle.closes_on,
        "is_protected": response.is_protected,
        "link": link,
    }
    subject = render_to_string("emails/personal_link.subject.txt", words)
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string("emails/personal_link.txt", words),
        to=[response.person.email],
    )
    mail.attach_alternative(render_to_string("emails/personal_link.html", words), "text/html")
    return mail
