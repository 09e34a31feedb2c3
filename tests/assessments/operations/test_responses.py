"""Answering: what is kept, what is refused, and the personal link."""

import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Organisation, Person
from assessments.models import (
    Answer,
    AnswerSheet,
    Assessment,
    Cycle,
    Response,
    ResponseState,
    RubricVersion,
)
from assessments.operations import cycles, responses
from assessments.operations.responses import Given, ResponseRefused
from assessments.queries import responses as queries
from tests.factories.alliances import OrganisationFactory
from tests.factories.assessments import (
    AssessmentFactory,
    CycleFactory,
    ResponseFactory,
    SideFactory,
    alliance_of,
    person_of,
    small_rubric,
)
from tests.factories.rubrics import varied_rubric
from tests.running import free_port, wait_for
from tests.threads import at_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 10, 10, tzinfo=UTC)
TODAY = date(2026, 9, 10)
SECRET_IN_LINK = re.compile(r"/answer/([^/\s\"]+)/")


@pytest.fixture
def assessment() -> Assessment:
    """An open assessment of Arno and Brix by the varied rubric."""
    return assess("opened")


def assess(
    trait: str, alliance: str = "Cobalt", version: RubricVersion | None = None
) -> Assessment:
    row = CycleFactory(
        rubric_version=version or varied_rubric(), **({trait: True} if trait else {})
    )
    made = AssessmentFactory(cycle=row, alliance=alliance_of(alliance, "Arno", "Brix"))
    for position, organisation in enumerate(made.alliance.organisations.order_by("name")):
        SideFactory(assessment=made, organisation=organisation, position=position)
    return made


def asked(
    assessment: Assessment, *, role: str = "manager", user: User | None = None, **row: object
) -> Response:
    organisation = member(assessment, "Arno")
    made: Response = ResponseFactory(
        assessment=assessment,
        organisation=organisation,
        person=person_of(organisation, user=user),
        role=role,
        **row,
    )
    return made


def member(assessment: Assessment, short_name: str) -> Organisation:
    return assessment.alliance.organisations.get(short_name=short_name)


def question(assessment: Assessment, key: str) -> int:
    return assessment.cycle.rubric_version.questions.get(key=key).pk


def save(response: Response, *answers: Given, by: User | None = None) -> Response:
    return responses.save_answers(response=response, answers=answers, by=by, now=NOW)


def submit(response: Response, by: User | None = None) -> Response:
    return responses.submit(response=response, by=by, now=NOW)


def kept() -> list[tuple[str, str | None, int | None, str, str]]:
    return list(
        Answer.objects.order_by("question__key", "about__short_name").values_list(
            "question__key", "about__short_name", "level", "no_level", "comment"
        )
    )


def state(response: Response) -> tuple[str, date | None, int, int]:
    """How far a response is, and how many answers there are of anybody, submitted or not."""
    row = Response.objects.get(pk=response.pk)
    return (
        row.state,
        row.submitted_on,
        Answer.objects.count(),
        AnswerSheet.objects.filter(is_submitted=True).count(),
    )


# --- saving -----------------------------------------------------------------------------------


def test_save_answers_keeps_them_under_a_pseudonym(assessment: Assessment) -> None:
    response = asked(assessment)
    brix = member(assessment, "Brix")

    save(
        response,
        Given(question(assessment, "J-1"), None, 4, comment="Seen in the review."),
        Given(question(assessment, "B-1"), response.organisation_id, 2),
        Given(question(assessment, "B-1"), brix.pk, None, "cannot_tell"),
    )

    sheet = AnswerSheet.objects.get()
    assert (sheet.assessment, sheet.organisation, sheet.role, sheet.is_protected) == (
        assessment,
        response.organisation,
        "manager",
        False,
    )
    assert sheet.rater_key == queries.respondents_key(response)
    assert not sheet.is_submitted
    assert kept() == [
        ("B-1", "Arno", 2, "", ""),
        ("B-1", "Brix", None, "cannot_tell", ""),
        ("J-1", None, 4, "", "Seen in the review."),
    ]
    assert state(response) == ("started", None, 3, 0)


def test_save_answers_again_goes_over_those_given_before(assessment: Assessment) -> None:
    response = asked(assessment)
    joint, both = question(assessment, "J-1"), question(assessment, "B-1")
    brix = member(assessment, "Brix").pk
    save(response, Given(joint, None, 4, comment="First."), Given(both, brix, 2))

    save(response, Given(joint, None, None, "cannot_tell"))
    save(response, Given(both, brix, 5, comment="Second."))

    assert kept() == [
        ("B-1", "Brix", 5, "", "Second."),
        ("J-1", None, None, "cannot_tell", ""),
    ]
    assert AnswerSheet.objects.count() == 1


def test_save_answers_that_did_not_occur_where_that_is_offered() -> None:
    assessment = assess("opened", version=small_rubric())
    response = asked(assessment)

    save(response, Given(question(assessment, "A-2"), None, None, "did_not_occur"))

    assert kept() == [("A-2", None, None, "did_not_occur", "")]


def test_save_answers_of_who_answers_in_confidence_are_protected(assessment: Assessment) -> None:
    response = asked(assessment, role="team")

    save(response, Given(question(assessment, "J-1"), None, 3))

    assert list(AnswerSheet.objects.values_list("role", "is_protected")) == [("team", True)]


def test_save_answers_leaves_those_of_a_colleague(assessment: Assessment) -> None:
    mine, colleague = asked(assessment), asked(assessment, role="sponsor")
    joint = question(assessment, "J-1")
    save(colleague, Given(joint, None, 1))

    save(mine, Given(joint, None, 5))

    levels = Answer.objects.order_by("level").values_list("sheet__rater_key", "level")
    assert list(levels) == [
        (queries.respondents_key(colleague), 1),
        (queries.respondents_key(mine), 5),
    ]


def test_save_answers_without_any_changes_nothing(assessment: Assessment) -> None:
    response = asked(assessment)

    save(response)

    assert state(response) == ("invited", None, 0, 0)
    assert AnswerSheet.objects.count() == 0


@dataclass(frozen=True, slots=True)
class Wrong:
    """An answer that must not get in, made from the assessment it is tried in."""

    name: str
    make: Callable[[Assessment], Given]
    said: str = "One of the answers is not to a question that you were asked"


WRONG = [
    Wrong("no such question", lambda _a: Given(0, None, 4)),
    Wrong(
        "question of another rubric",
        lambda _a: Given(question(assess("opened", "Elsewhere"), "J-1"), None, 4),
    ),
    Wrong("question of the full set", lambda a: Given(question(a, "D-1"), None, 4)),
    Wrong(
        "own question about another",
        lambda a: Given(question(a, "N-1"), member(a, "Brix").pk, 4),
    ),
    Wrong(
        "question about others about the own",
        lambda a: Given(question(a, "T-1"), member(a, "Arno").pk, 4),
    ),
    Wrong("own question about nobody", lambda a: Given(question(a, "N-1"), None, 4)),
    Wrong(
        "joint question about an organisation",
        lambda a: Given(question(a, "J-1"), member(a, "Arno").pk, 4),
    ),
    Wrong(
        "organisation of no side",
        lambda a: Given(question(a, "T-1"), OrganisationFactory().pk, 4),
    ),
    Wrong("no such organisation", lambda a: Given(question(a, "T-1"), 0, 4)),
    *(
        Wrong(
            f"level {level} with {no_level or 'no reason'}",
            lambda a, level=level, no_level=no_level: Given(  # type: ignore[misc]
                question(a, "J-1"), None, level, no_level
            ),
            said="Choose one of the levels shown for “Label",
        )
        for level, no_level in (
            (0, ""),
            (6, ""),
            (-1, ""),
            (None, ""),
            (3, "cannot_tell"),
            (None, "did_not_occur"),
            (None, "because"),
        )
    ),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_save_answers_are_refused_whole_for_one_that_was_not_asked(
    wrong: Wrong, assessment: Assessment
) -> None:
    response = asked(assessment)
    right = Given(question(assessment, "B-1"), member(assessment, "Brix").pk, 5)

    with pytest.raises(ResponseRefused, match=wrong.said):
        save(response, right, wrong.make(assessment))

    assert state(response) == ("invited", None, 0, 0)
    assert AnswerSheet.objects.count() == 0
    save(response, right)  # alone it would have got in
    assert state(response)[2] == 1


def test_save_answers_are_refused_where_one_item_is_answered_twice(assessment: Assessment) -> None:
    response = asked(assessment)
    joint = question(assessment, "J-1")

    with pytest.raises(ResponseRefused, match="nothing was saved"):
        save(response, Given(joint, None, 4), Given(joint, None, 5))

    assert state(response) == ("invited", None, 0, 0)


def test_save_answers_to_a_question_of_another_role_is_refused(assessment: Assessment) -> None:
    response = asked(assessment, role="team")
    managers = Given(question(assessment, "B-1"), member(assessment, "Brix").pk, 4)

    with pytest.raises(ResponseRefused, match="not to a question that you were asked"):
        save(response, managers)

    assert state(response) == ("invited", None, 0, 0)


# --- who may answer, and until when -----------------------------------------------------------


def test_answers_of_the_signed_in_respondent_are_taken(assessment: Assessment) -> None:
    ines = User.objects.create_user("ines@example.com", name="Ines")
    response = asked(assessment, user=ines)

    save(response, Given(question(assessment, "J-1"), None, 4), by=ines)
    submit(response, by=ines)

    assert state(response) == ("submitted", TODAY, 1, 1)


def test_answers_of_anybody_else_are_refused(assessment: Assessment) -> None:
    response = asked(assessment)
    given = Given(question(assessment, "J-1"), None, 4)
    save(response, given)
    administrator = User.objects.create_superuser("ada@example.com", name="Ada")
    colleague = User.objects.create_user("sam@example.com", name="Sam")
    asked(assessment, user=colleague)

    for somebody in (administrator, colleague):
        for work in (lambda by: save(response, given, by=by), lambda by: submit(response, by=by)):
            with pytest.raises(PermissionDenied, match="can answer this questionnaire"):
                work(somebody)

    assert state(response) == ("started", None, 1, 0)


@pytest.mark.parametrize("trait", ["", "closed"])
def test_answers_are_refused_while_the_cycle_is_not_open(trait: str) -> None:
    assessment = assess(trait)
    response = asked(assessment)

    with pytest.raises(PermissionDenied, match="answers are not taken any more"):
        save(response, Given(question(assessment, "J-1"), None, 4))
    with pytest.raises(PermissionDenied, match="answers are not taken any more"):
        submit(response)

    assert state(response) == ("invited", None, 0, 0)


@pytest.mark.parametrize(
    ("reached", "said"),
    [
        ("submitted", "These answers were submitted"),
        ("declined", "This questionnaire was declined"),
        ("expired", "answers are not taken any more"),
    ],
)
def test_answers_are_refused_once_the_response_is_at_its_end(
    reached: str, said: str, assessment: Assessment
) -> None:
    submitted_on = TODAY if reached == "submitted" else None
    response = asked(assessment, state=reached, submitted_on=submitted_on)

    with pytest.raises(PermissionDenied, match=said):
        save(response, Given(question(assessment, "J-1"), None, 4))
    with pytest.raises(PermissionDenied, match=said):
        submit(response)

    assert state(response) == (reached, submitted_on, 0, 0)


# --- submitting -------------------------------------------------------------------------------


def test_submit_hands_in_the_respondents_own_answers(assessment: Assessment) -> None:
    mine, colleague = asked(assessment), asked(assessment)
    for response in (mine, colleague):
        save(response, Given(question(assessment, "J-1"), None, 4))

    submit(mine)

    assert state(mine) == ("submitted", TODAY, 2, 1)
    assert AnswerSheet.objects.get(is_submitted=True).rater_key == queries.respondents_key(mine)
    assert state(colleague)[:2] == ("started", None)


def test_submit_without_an_answer_is_refused(assessment: Assessment) -> None:
    response = asked(assessment)

    with pytest.raises(ResponseRefused, match="Answer one or more questions before you submit"):
        submit(response)

    assert state(response) == ("invited", None, 0, 0)


def test_submit_twice_is_refused_and_changes_nothing(assessment: Assessment) -> None:
    response = asked(assessment)
    save(response, Given(question(assessment, "J-1"), None, 4))
    submit(response)

    with pytest.raises(PermissionDenied, match="These answers were submitted"):
        responses.submit(response=response, by=None, now=datetime(2026, 9, 11, tzinfo=UTC))
    with pytest.raises(PermissionDenied, match="These answers were submitted"):
        save(response, Given(question(assessment, "J-1"), None, 1))

    assert state(response) == ("submitted", TODAY, 1, 1)
    assert kept() == [("J-1", None, 4, "", "")]


# --- many at once -----------------------------------------------------------------------------


# --- many at once -----------------------------------------------------------------------------


def test_hand_in_saves_and_submits_what_everybody_answered(assessment: Assessment) -> None:
    first, second, third = (asked(assessment) for _number in range(3))
    begun = Given(question(assessment, "J-1"), None, 1)
    save(second, begun)

    responses.hand_in(
        answers={
            first: [Given(question(assessment, "J-1"), None, 4)],
            second: [Given(question(assessment, "J-1"), None, 5, comment="Seen.")],
        },
        by=None,
        now=NOW,
    )

    assert state(first) == ("submitted", TODAY, 2, 2)
    assert state(second) == ("submitted", TODAY, 2, 2)
    assert state(third)[:2] == ("invited", None)
    assert sorted(kept()) == [("J-1", None, 4, "", ""), ("J-1", None, 5, "", "Seen.")]


def test_hand_in_of_two_cycles_is_refused(assessment: Assessment) -> None:
    later = CycleFactory(rubric_version=assessment.cycle.rubric_version, opened=True)
    again = AssessmentFactory(cycle=later, alliance=assessment.alliance)
    first = asked(assessment)
    second = ResponseFactory(assessment=again, organisation=first.organisation, person=first.person)
    given = [Given(question(assessment, "J-1"), None, 2)]

    with pytest.raises(ResponseRefused, match="one cycle at a time"):
        responses.hand_in(answers={first: given, second: given}, by=None, now=NOW)

    assert state(first) == ("invited", None, 0, 0)


@pytest.mark.parametrize("fault", ["foreign question", "nothing answered"])
def test_hand_in_is_refused_whole_for_one_respondent(fault: str, assessment: Assessment) -> None:
    first, second = asked(assessment), asked(assessment)
    wrong = [Given(0, None, 3)] if fault == "foreign question" else []

    with pytest.raises(ResponseRefused):
        responses.hand_in(
            answers={first: [Given(question(assessment, "J-1"), None, 4)], second: wrong},
            by=None,
            now=NOW,
        )

    assert state(first) == ("invited", None, 0, 0)


@pytest.mark.parametrize("people", [1, 3])
def test_hand_in_takes_the_same_queries_for_1_and_3_people(
    people: int, assessment: Assessment, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    there = [asked(assessment) for _number in range(people)]
    answers = {one: [Given(question(assessment, "J-1"), None, 4)] for one in there}

    with django_assert_num_queries(10):
        responses.hand_in(answers=answers, by=None, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_submit_at_once_from_many_tabs_counts_once() -> None:
    assessment = assess("opened")
    response = asked(assessment)
    save(response, Given(question(assessment, "J-1"), None, 4))

    found = at_once(lambda: submit(response))

    assert sum(isinstance(one, Response) for one in found) == 1
    assert sum(isinstance(one, PermissionDenied) for one in found) == 7
    assert state(response) == ("submitted", TODAY, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_save_answers_at_once_from_many_tabs_keeps_each_item_once() -> None:
    assessment = assess("opened")
    response = asked(assessment)
    answers = [
        Given(question(assessment, "J-1"), None, 4),
        Given(question(assessment, "B-1"), member(assessment, "Brix").pk, 2),
    ]

    found = at_once(lambda: save(response, *answers))

    assert [one for one in found if isinstance(one, Exception)] == []
    assert kept() == [("B-1", "Brix", 2, "", ""), ("J-1", None, 4, "", "")]
    assert AnswerSheet.objects.count() == 1


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["save", "submit"])
def test_answers_that_wait_while_the_cycle_closes_come_too_late(verb: str) -> None:
    assessment = assess("opened")
    response = asked(assessment)
    save(response, Given(question(assessment, "J-1"), None, 4))
    found: list[Response | Exception] = []

    def answer_late() -> None:
        found.extend(
            at_once(
                lambda: (
                    submit(response)
                    if verb == "submit"
                    else save(response, Given(question(assessment, "J-1"), None, 1))
                ),
                workers=1,
            )
        )

    late = threading.Thread(target=answer_late)
    with transaction.atomic():
        cycles.close_cycle(cycle=assessment.cycle, by=None, now=NOW)
        late.start()  # it begins while the cycle is open to it, and waits for the response's row
        wait_for(_somebody_waits)
    late.join()

    assert [type(one) for one in found] == [PermissionDenied]
    assert state(response) == ("expired", None, 1, 0)
    assert kept() == [("J-1", None, 4, "", "")]


@pytest.mark.django_db(transaction=True)
def test_answers_that_were_first_count_though_the_cycle_closes_behind_them() -> None:
    assessment = assess("opened")
    response = asked(assessment)
    save(response, Given(question(assessment, "J-1"), None, 4))
    found: list[Cycle | Exception] = []

    def close() -> None:
        found.extend(
            at_once(lambda: cycles.close_cycle(cycle=assessment.cycle, by=None, now=NOW), workers=1)
        )

    closing = threading.Thread(target=close)
    with transaction.atomic():
        submit(response)
        closing.start()
        wait_for(_somebody_waits)
    closing.join()

    assert [type(one) for one in found] == [Cycle]
    assert state(response) == ("submitted", TODAY, 1, 1)


# --- the personal link ------------------------------------------------------------------------


@pytest.fixture
def administrator() -> User:
    return User.objects.create_user("ada@example.com", name="Ada", is_staff=True)


def send(response: Response, by: User | None = None) -> Response:
    return responses.send_link(response=response, by=by, now=NOW)


def sent() -> EmailMultiAlternatives:
    """The one mail that was sent since the last look."""
    [found] = mail.outbox
    assert isinstance(found, EmailMultiAlternatives)
    mail.outbox.clear()
    return found


def html_of(message: EmailMultiAlternatives) -> str:
    [(content, kind)] = message.alternatives
    assert kind == "text/html"
    return str(content)


def secret_in(text: str) -> str:
    [secret] = set(SECRET_IN_LINK.findall(text))
    return str(secret)


def test_send_link_mails_a_link_that_opens_the_questionnaire(
    assessment: Assessment, administrator: User, settings: Settings
) -> None:
    settings.SITE_URL = "https://alliances.example.org"
    response = asked(assessment)

    send(response, by=administrator)

    found = sent()
    secret = secret_in(str(found.body))
    assert found.recipients() == [response.person.email]
    assert found.subject == f"Your view of Cobalt, {assessment.cycle.name}"
    assert f"https://alliances.example.org/answer/{secret}/" in found.body
    assert f'href="https://alliances.example.org/answer/{secret}/"' in html_of(found)
    assert "30 September 2026" in found.body
    assert queries.response_by_link(secret) == response
    assert Response.objects.get(pk=response.pk).link_sent_on == TODAY


def test_send_link_stores_only_a_digest_of_the_secret(assessment: Assessment) -> None:
    response = asked(assessment)

    send(response)

    secret = secret_in(str(sent().body))
    row = Response.objects.filter(pk=response.pk).values().get()
    assert len(secret) >= 43  # 256 bits
    assert secret not in repr(row)
    assert row["link_digest"] == queries.link_digest(secret)
    assert queries.response_by_link(row["link_digest"]) is None


def test_send_link_again_ends_the_link_before(assessment: Assessment) -> None:
    response = asked(assessment)
    send(response)
    earlier = secret_in(str(sent().body))

    send(response)

    later = secret_in(str(sent().body))
    assert later != earlier
    assert queries.response_by_link(earlier) is None
    assert queries.response_by_link(later) == response


@pytest.mark.parametrize(
    ("role", "said"),
    [("manager", "You answer by name"), ("team", "You answer in confidence")],
)
def test_send_link_says_how_one_answers(role: str, said: str, assessment: Assessment) -> None:
    send(asked(assessment, role=role))

    assert said in sent().body


def test_send_link_is_refused_to_who_is_no_administrator(assessment: Assessment) -> None:
    ines = User.objects.create_user("ines@example.com", name="Ines")
    response = asked(assessment, user=ines)

    with pytest.raises(PermissionDenied, match="Only an administrator of the site can do this"):
        send(response, by=ines)

    assert mail.outbox == []
    assert Response.objects.get(pk=response.pk).link_digest is None


@pytest.mark.parametrize("trait", ["", "closed"])
def test_send_link_is_refused_while_the_cycle_is_not_open(trait: str, administrator: User) -> None:
    response = asked(assess(trait))

    for by in (administrator, None):
        with pytest.raises(PermissionDenied, match="answers are not taken any more"):
            send(response, by=by)

    assert mail.outbox == []
    assert Response.objects.get(pk=response.pk).link_digest is None


def test_send_link_is_refused_once_the_answers_are_submitted(assessment: Assessment) -> None:
    response = asked(assessment, state=ResponseState.SUBMITTED, submitted_on=TODAY)

    with pytest.raises(PermissionDenied, match="These answers were submitted"):
        send(response)

    assert mail.outbox == []


HOSTILE = "Cobalt\r\nBcc: eve@example.com\n\n<script>alert(1)</script>"


def test_send_link_with_hostile_names_is_one_mail_with_one_line_of_subject(
    assessment: Assessment,
) -> None:
    response = asked(assessment)
    type(assessment.alliance).objects.filter(pk=assessment.alliance_id).update(name=HOSTILE)
    Cycle.objects.filter(pk=assessment.cycle_id).update(name="Q3\r\nTo: eve@example.com")
    Person.objects.filter(pk=response.person_id).update(name=HOSTILE)
    Organisation.objects.filter(pk=response.organisation_id).update(name=HOSTILE)

    send(response)

    found = sent()
    message = found.message()
    assert found.subject == (
        "Your view of Cobalt Bcc: eve@example.com <script>alert(1)</script>, Q3 To: eve@example.com"
    )
    assert (message["Bcc"], message["To"]) == (None, response.person.email)
    assert found.recipients() == [response.person.email]
    assert "<script>" not in html_of(found)
    assert "&lt;script&gt;" in html_of(found)


class _Unwilling(socketserver.StreamRequestHandler):
    """A mail server that speaks the protocol, and takes no recipient."""

    def handle(self) -> None:
        self.wfile.write(b"220 mail.example.com\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"550 no such user\r\n" if verb == b"RCPT" else b"250 ok\r\n")


@pytest.fixture(params=["nobody listens", "takes no recipient"])
def refusing_mail_server(request: pytest.FixtureRequest, settings: Settings) -> Iterator[None]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    if request.param == "nobody listens":
        settings.EMAIL_PORT = free_port()
        yield
        return
    with socketserver.TCPServer(("127.0.0.1", 0), _Unwilling) as server:
        settings.EMAIL_PORT = server.server_address[1]
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        yield
        server.shutdown()
        serving.join()


@pytest.mark.usefixtures("refusing_mail_server")
def test_send_link_changes_nothing_where_the_mail_server_refuses(assessment: Assessment) -> None:
    response = asked(
        assessment, link_digest=queries.link_digest("earlier"), link_sent_on=date(2026, 9, 1)
    )

    with pytest.raises(ResponseRefused, match="The mail server did not take the mail to Person"):
        send(response)

    row = Response.objects.get(pk=response.pk)
    assert (row.link_digest, row.link_sent_on) == (
        queries.link_digest("earlier"),
        date(2026, 9, 1),
    )
    assert queries.response_by_link("earlier") == response
