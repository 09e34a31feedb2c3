"""A personal link's secret never stands in a log, not even when the link is refused."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from alliance_health.logs import WithoutSecrets

SECRET = "a-planted-secret-0123456789"


@pytest.mark.django_db
def test_refused_link_is_logged_without_its_secret(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(WithoutSecrets())

    assert client.get(reverse("assessments:answer", args=[SECRET])).status_code == 404

    assert [record.getMessage() for record in caplog.records] == ["Not Found: /answer/…/"]


def test_other_records_are_left_as_they_are() -> None:
    record = logging.LogRecord("name", logging.INFO, "", 1, "%s of %s", ("one", "two"), None)

    assert WithoutSecrets().filter(record)
    assert record.getMessage() == "one of two"


def test_every_handler_blots_secrets_out() -> None:
    handlers = logging.getLogger().handlers
    written = [one for one in handlers if type(one) is logging.StreamHandler]

    assert written
    assert all(any(isinstance(f, WithoutSecrets) for f in one.filters) for one in written)
