"""The demonstration world, served by a real web server, for tests that only look.

Beside it a survey made elsewhere, of so many alliances that the portfolio tells their places.
"""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from assessments.operations import quality, scores
from tests import survey
from tests.factories.scenes import RUBRICS
from tests.running import Site


@pytest.fixture(scope="module")
def demo_site(
    django_db_setup: None,  # noqa: ARG001  the database must be there
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """A running web server over the demonstration; its rows go when the module's tests are done."""
    site = Site(tmp_path_factory.mktemp("site"))
    with django_db_blocker.unblock():
        call_command("load_demo", verbosity=0)
        call_command("load_rubric", str(RUBRICS / "leadership_climate.yaml"), verbosity=0)
        call_command(
            "import_answers", str(survey.FILE), rubric="leadership-climate", cycle="Elsewhere"
        )
        scores.score_due(now=timezone.now())
        quality.measure_due(now=timezone.now())
        site.start("web")
        yield site
        site.stop()
        call_command("flush", interactive=False, verbosity=0)
        connection.close()  # Playwright's loop gave this context a connection of its own
