"""The page of the jobs: for administrators, and given-up scorings are tried again from it."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alliance_health.accounts.models import User
from assessments.models import ScoringJob
from tests.factories.assessments import ScoringJobFactory

pytestmark = pytest.mark.django_db

PAGE = "/operations/"


@pytest.fixture
def administrator(client: Client) -> User:
    user = User.objects.create_user("ada@example.com", name="Ada", is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def stranger(client: Client) -> User:
    user = User.objects.create_user("sam@example.com", name="Sam")
    client.force_login(user)
    return user


def given_up(**row: object) -> ScoringJob:
    told = {"attempts": 5, "due_at": timezone.now(), "last_error": "ValueError: <b>", **row}
    job: ScoringJob = ScoringJobFactory(as_of=timezone.localdate(), **told)
    return job


def seen(client: Client) -> str:
    return client.get(PAGE).content.decode()


@pytest.mark.usefixtures("administrator")
def test_page_says_when_something_appears(client: Client) -> None:
    page = seen(client)

    assert "Nothing to do" in page
    assert "every night after that" in page
    assert "hx-get" not in page


@pytest.mark.usefixtures("administrator")
def test_page_asks_for_itself_again_only_while_there_is_work(client: Client) -> None:
    job = ScoringJobFactory(as_of=timezone.localdate())
    busy = seen(client)
    ScoringJob.objects.update(done_at=timezone.now())
    over = seen(client)

    assert 'hx-trigger="every 5s"' in busy
    assert "0 of 1 done" in busy
    assert f'hx-get="{PAGE}"' in busy
    assert "hx-" not in over
    assert "1 of 1 done" in over
    # What is exchanged takes no focus.
    now = re.search(r'<div id="jobs-now".*?\n</div>', busy, re.DOTALL)
    assert now is not None
    assert not re.search(r"<(a|button|input|details)\b|tabindex", now[0])
    assert job.assessment.alliance.name not in over


@pytest.mark.usefixtures("administrator")
def test_given_up_scoring_is_named_and_tried_again(client: Client) -> None:
    job = given_up()
    page = seen(client)

    assert "Cobalt" in page
    assert "ValueError: &lt;b&gt;" in page
    answer = client.post(reverse("assessments:retry_job", args=[job.pk]), follow=True)
    assert "1 scoring is due again. It is tried within seconds." in answer.content.decode()
    job.refresh_from_db()
    assert (job.attempts, job.last_error) == (0, "")
    answer = client.post(reverse("assessments:retry_job", args=[job.pk]), follow=True)
    assert "Nothing of this is given up any more." in answer.content.decode()


@pytest.mark.usefixtures("administrator")
def test_all_that_was_given_up_is_tried_again(client: Client) -> None:
    first = given_up()
    given_up(assessment=first.assessment, reason="nightly")

    answer = client.post(reverse("assessments:retry_jobs"), follow=True)

    assert "2 scorings are due again. They are tried within seconds." in answer.content.decode()
    assert set(ScoringJob.objects.values_list("attempts", flat=True)) == {0}


@pytest.mark.usefixtures("stranger")
def test_page_is_closed_to_who_is_no_administrator(client: Client) -> None:
    job = given_up()

    answers = [
        client.get(PAGE),
        client.post(reverse("assessments:retry_jobs")),
        client.post(reverse("assessments:retry_job", args=[job.pk])),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert "Only an administrator of the site can do this" in answers[0].content.decode()
    assert ScoringJob.objects.get().attempts == 5
    assert PAGE not in client.get("/cycles/").content.decode()


@pytest.mark.usefixtures("administrator")
def test_navigation_leads_there_for_administrators(client: Client) -> None:
    assert f'href="{PAGE}"' in client.get("/cycles/").content.decode()
