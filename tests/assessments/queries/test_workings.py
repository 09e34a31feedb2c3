"""A run made again: whether it agrees, and what of its workings may be told."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from assessments.models import Score, ScoreRun
from assessments.operations import scores
from assessments.queries import workings
from assessments.queries.workings import MadeAgain
from tests.assessments.quarters import NOON, closed, on, staffed, two_dimensions

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(db: None) -> ScoreRun:  # noqa: ARG001  the tables
    version, cobalt = two_dimensions(), staffed("Cobalt", team=5)
    closed(version, cobalt, day=date(2026, 6, 30), levels={"Arno": (2, 3), "Brix": (4, 3)})
    scores.score_due(now=on(date(2026, 6, 30)))
    closed(version, cobalt)
    scores.score_due(now=NOON)
    return ScoreRun.objects.latest("as_of")


def again(run: ScoreRun) -> MadeAgain:
    found = workings.made_again(run)
    assert found is not None
    return found


def test_every_number_agrees_to_the_last_digit(run: ScoreRun) -> None:
    found = again(run)

    assert found.has_same_inputs
    assert workings.why_not_again(run, found) == ""
    rows = Score.objects.filter(run=run)
    assert [found.agrees(row) for row in rows] == [True] * 4


def test_workings_make_the_interval(run: ScoreRun) -> None:
    for row in Score.objects.filter(run=run):
        found = workings.workings(again(run), row, run)
        assert found is not None
        assert sum(side.se2 for side in found.sides) == pytest.approx(found.se2)
        for side in found.sides:
            assert side.se2 == pytest.approx(side.variance / side.raters)
            assert side.df == 4 + side.raters - 1
        assert (row.low, row.high) == (
            pytest.approx(max(0.0, found.low)),
            pytest.approx(min(100.0, found.high)),
        )


@pytest.mark.parametrize("field", ["value", "low", "high", "standard_error", "degrees_of_freedom"])
def test_number_that_differs_has_no_workings(run: ScoreRun, field: str) -> None:
    row = Score.objects.get(run=run, node_kind="overall")
    setattr(row, field, getattr(row, field) + 1e-13)

    assert workings.workings(again(run), row, run) is None


def test_other_inputs_have_no_workings(run: ScoreRun) -> None:
    row = Score.objects.get(run=run, node_kind="overall")
    run.inputs_digest = "0" * 64

    found = again(run)

    assert workings.workings(found, row, run) is None
    assert "does not give the same" in workings.why_not_again(run, found)


def test_no_sides_workings_are_told_where_one_is_hidden(run: ScoreRun) -> None:
    row = Score.objects.get(run=run, node_kind="overall")
    found = again(run)
    now = found.scored.now
    hidden = np.zeros_like(now.publication.hidden)
    hidden[-1, 0, 0] = True
    publication = replace(now.publication, hidden=hidden)
    veiled = replace(found, scored=replace(found.scored, now=replace(now, publication=publication)))

    told = workings.workings(veiled, row, run)

    assert told is not None
    assert told.sides == ()
    assert told.se == row.standard_error
