"""What `verify_scores` says, and how it ends."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from assessments.models import Score, ScoreRun
from tests.assessments.operations.test_verification import lived, tamper

pytestmark = pytest.mark.django_db


def test_says_how_many_agree() -> None:
    lived()
    out = StringIO()

    call_command("verify_scores", "--since", "2026-09-30", stdout=out)

    runs = ScoreRun.objects.filter(as_of__gte="2026-09-30")
    rows = Score.objects.filter(run__in=runs).count()
    assert out.getvalue().startswith(f"{runs.count()} scorings with {rows} scores checked in ")
    assert out.getvalue().endswith(
        " s: 0 differ. 0 were made by another version of the code and are not comparable.\n"
    )


def test_names_what_differs_and_fails() -> None:
    lived()
    run = ScoreRun.objects.latest("as_of", "pk")
    tamper("assessments_score", "raters = 99 WHERE run_id = %s AND node_key = ''", run.pk)
    out = StringIO()

    with pytest.raises(CommandError, match=r"1 of \d+ scorings differ"):
        call_command("verify_scores", stdout=out)

    assert (
        f"Cobalt, as of {run.as_of} (nightly), overall, raters: stored 99, recomputed 14\n"
        in out.getvalue()
    )


def test_refuses_what_is_no_day() -> None:
    with pytest.raises(CommandError, match="invalid fromisoformat value: 'yesterday'"):
        call_command("verify_scores", "--since", "yesterday")
