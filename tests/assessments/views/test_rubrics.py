"""Rubrics as pages, to be read only."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from alliance_health.accounts.models import User
from assessments.operations import quality
from tests.factories.assessments import answered_cycle, small_rubric

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reader(client: Client) -> None:
    client.force_login(User.objects.create_user("ines@example.com", name="Ines"))


def test_rubrics_lists_versions(client: Client) -> None:
    version = small_rubric()

    page = client.get(reverse("assessments:rubrics")).content.decode()

    assert "Alliance health, version 1" in page
    assert reverse("assessments:rubric", args=[version.pk]) in page


def test_rubric_shows_questions_with_their_levels(client: Client) -> None:
    version = small_rubric()

    page = client.get(reverse("assessments:rubric", args=[version.pk])).content.decode()

    assert "How did it go in the last three months?" in page
    assert "at risk below 50, watch below 70, healthy from 70" in page
    assert page.count("<li>Fully.</li>") == 2


def test_rubric_says_when_figures_of_its_questionnaire_appear(client: Client) -> None:
    version = small_rubric()

    page = client.get(reverse("assessments:rubric", args=[version.pk])).content.decode()

    assert "How well it measured" in page
    assert "Nothing yet. Figures appear" in page


def test_rubric_shows_how_well_it_measured(client: Client) -> None:
    cycle = answered_cycle(name="2026 Q3")
    quality.measure_due(now=datetime(2026, 10, 1, tzinfo=UTC))

    address = reverse("assessments:rubric", args=[cycle.rubric_version_id])
    page = client.get(address).content.decode()

    assert "2026 Q3: 120 people in 12 alliances" in page
    assert "One question: there is nothing to compare it with." in page
    assert "Nothing yet" not in page


def test_rubrics_says_why_it_is_empty(client: Client) -> None:
    assert "No rubric yet" in client.get(reverse("assessments:rubrics")).content.decode()
