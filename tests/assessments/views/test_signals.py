"""Warnings as pages: what is said, who answers, and who is turned away."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from alliance_health.accounts.models import User
from assessments.models import Signal
from tests.factories.alliances import Cast, user_of
from tests.factories.alliances import cast as made_cast
from tests.factories.assessments import CycleFactory, SignalFactory, scored

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
READ_ONLY = "Warnings are answered by the alliance managers and executive sponsors"
SENTENCE = "“Papers” has stood in the way for 244 days."


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cast() -> Cast:
    return made_cast()


@pytest.fixture
def signal(cast: Cast) -> Signal:
    made: Signal = SignalFactory(alliance=cast.alliance)
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read(user: User, path: str) -> str:
    return signed_in(user).get(path).content.decode()


# --- the list ---------------------------------------------------------------------------------
def test_list_names_the_alliance_and_leads_to_the_answer(cast: Cast, signal: Signal) -> None:
    page = read(user_of(cast.arno.manager), "/signals/")

    assert f'<a href="/alliances/{cast.alliance.pk}/#warnings">Cobalt</a>: <strong>' in page
    assert SENTENCE in page
    assert f'href="/signals/{signal.pk}/"' in page
    assert "unanswered" in page
    assert READ_ONLY not in page


def test_list_says_to_who_only_reads_who_can_answer(cast: Cast, signal: Signal) -> None:
    for user in (user_of(cast.arno.member), cast.viewer):
        page = read(user, "/signals/")

        assert SENTENCE in page
        assert f'href="/signals/{signal.pk}/"' not in page
        assert READ_ONLY in page


def test_list_says_why_it_is_empty(cast: Cast, signal: Signal) -> None:
    assert signal.alliance == cast.alliance
    page = read(cast.stranger, "/signals/")

    assert "No early warnings today" in page
    assert SENTENCE not in page


def test_list_is_reached_from_every_page(cast: Cast) -> None:
    assert '<a href="/signals/">' in read(cast.stranger, "/cycles/").replace("\n", "")


# --- one warning ------------------------------------------------------------------------------
def test_sponsor_answers_and_is_led_back_to_the_alliance(cast: Cast, signal: Signal) -> None:
    client = signed_in(user_of(cast.brix.sponsor))
    assert SENTENCE in client.get(f"/signals/{signal.pk}/").content.decode()

    response = client.post(f"/signals/{signal.pk}/", {"answer": "We call them. "})

    assert (response.status_code, response["Location"]) == (
        302,
        f"/alliances/{cast.alliance.pk}/#warnings",
    )
    signal.refresh_from_db()
    assert (signal.answer, signal.acknowledged_at) == ("We call them.", NOW)
    page = client.get(f"/alliances/{cast.alliance.pk}/").content.decode()
    assert "We call them." in page
    assert "answered by Boris on 31 October 2026" in page
    assert "Your answer stands beside the warning." in page


def test_answer_given_before_is_there_to_be_changed(cast: Cast, signal: Signal) -> None:
    Signal.objects.update(answer="We call them.", acknowledged_at=NOW)

    page = read(user_of(cast.arno.manager), f"/signals/{signal.pk}/")

    assert 'value="We call them."' in page
    assert "Answer anew" in page


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "Enter what is done about it, in one sentence."),
        (" ", "Enter what is done about it, in one sentence."),
        ("x" * 301, "What is done about it must be 300 characters or less."),
        ("One.\nTwo.", "Enter one line, without control characters."),
        ("A \x00 zero", "Null characters are not allowed."),
    ],
)
def test_answer_that_is_none_is_refused_in_words(
    answer: str, said: str, cast: Cast, signal: Signal
) -> None:
    response = signed_in(user_of(cast.arno.manager)).post(
        f"/signals/{signal.pk}/", {"answer": answer}
    )

    assert response.status_code == 200
    assert said in response.content.decode()
    signal.refresh_from_db()
    assert (signal.answer, signal.acknowledged_at) == ("", None)


def test_who_only_reads_sees_the_warning_and_cannot_answer(cast: Cast, signal: Signal) -> None:
    for user in (user_of(cast.brix.member), cast.viewer):
        client = signed_in(user)
        page = client.get(f"/signals/{signal.pk}/").content.decode()
        assert SENTENCE in page
        assert READ_ONLY in page
        assert 'name="answer"' not in page

        refused = client.post(f"/signals/{signal.pk}/", {"answer": "We call them."})
        assert refused.status_code == 403
        assert READ_ONLY in refused.content.decode()
    signal.refresh_from_db()
    assert signal.answer == ""


def test_warning_is_not_there_for_a_stranger(cast: Cast, signal: Signal) -> None:
    client = signed_in(cast.stranger)

    assert client.get(f"/signals/{signal.pk}/").status_code == 404
    assert client.post(f"/signals/{signal.pk}/", {"answer": "Mine."}).status_code == 404
    signal.refresh_from_db()
    assert signal.answer == ""


def test_warning_that_has_ended_cannot_be_answered(cast: Cast, signal: Signal) -> None:
    Signal.objects.update(ended_on=date(2026, 10, 30))
    client = signed_in(cast.administrator)

    assert "This warning has ended" in client.get(f"/signals/{signal.pk}/").content.decode()
    assert client.post(f"/signals/{signal.pk}/", {"answer": "Late."}).status_code == 403


# --- where else it stands ---------------------------------------------------------------------
def test_alliance_shows_its_warnings_before_and_after_a_score(cast: Cast, signal: Signal) -> None:
    address = f"/alliances/{cast.alliance.pk}/"
    manager = user_of(cast.arno.manager)
    before = read(manager, address)
    scored(cast.alliance, CycleFactory(closed=True), 61.0, {})
    after = read(manager, address)

    for page in (before, after):
        assert page.count('<h2 id="warnings">') == 1
        assert SENTENCE in page
        assert f'href="/signals/{signal.pk}/"' in page
    assert after.index('id="overall"') < after.index('id="warnings"') < after.index('id="parts"')


def test_alliance_without_warnings_says_so(cast: Cast) -> None:
    page = read(cast.viewer, f"/alliances/{cast.alliance.pk}/")

    assert "No early warnings today." in page


@pytest.mark.usefixtures("signal")
def test_portfolio_says_how_many_warnings_an_alliance_has(cast: Cast) -> None:
    waiting = read(cast.viewer, "/portfolio/")
    scored(cast.alliance, CycleFactory(closed=True), 61.0, {})
    Signal.objects.update(acknowledged_at=NOW)
    answered = read(cast.viewer, "/portfolio/")

    hidden = '<span class="visually-hidden">Warnings: </span>'
    assert f"{hidden}1 unanswered" in waiting
    assert f"{hidden}1 answered" in answered
    assert f'href="/alliances/{cast.alliance.pk}/#warnings"' in answered
