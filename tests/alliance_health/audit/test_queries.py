"""History: who changed what, from which value to which, read from what the triggers wrote."""

from collections.abc import Mapping
from datetime import date

import pghistory
import pytest
from django.apps import apps
from django.db.models import Q
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.alliances.models import Alliance, Obstacle
from alliance_health.alliances.queries import history as alliance_history
from alliance_health.audit import queries
from alliance_health.audit.queries import FieldChange, Source
from tests.factories.alliances import (
    ActionFactory,
    AllianceFactory,
    CheckInFactory,
    ConfirmationFactory,
    ObjectiveFactory,
    ObstacleFactory,
    ParticipationFactory,
    PersonFactory,
    SeatFactory,
    TouchpointFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def _source(scope: Q | None = None, secret: Mapping[str, str] | None = None) -> Source:
    return Source(
        apps.get_model("alliances", "ObstacleEvent"),
        "obstacle",
        scope or Q(),
        ("title",),
        "alliance",
        secret or {},
    )


def _sentences(*sources: Source) -> list[str]:
    return [change.sentence for change in queries.history(sources, None).changes]


def test_history_says_what_was_added_changed_and_removed_newest_first() -> None:
    obstacle = ObstacleFactory(title="Papers")
    Obstacle.objects.update(severity=3)
    Obstacle.objects.all().delete()

    found = queries.history([_source()], None)

    assert [change.sentence for change in found.changes] == [
        "The system removed the obstacle “Papers”.",
        "The system changed the obstacle “Papers”.",
        "The system added the obstacle “Papers”.",
    ]
    removed, changed, added = found.changes
    assert removed.fields == ()
    assert changed.fields == (FieldChange("severity", "medium", "high", is_secret=False),)
    assert [(f.label, f.before, f.after) for f in added.fields] == [
        ("severity", "", "medium"),
        ("raised on", "", "30 June 2026"),
        ("recorded by", "", obstacle.organisation.name),
    ]


def test_history_names_who_did_it_and_who_is_gone() -> None:
    ada, gone = UserFactory(name="Ada"), UserFactory()
    for user in (ada, gone):
        with pghistory.context(user=user.pk, url="/register/"):
            ObstacleFactory(title="Papers")
    gone.delete()

    assert _sentences(_source()) == [
        "Somebody who has left added the obstacle “Papers”.",
        "Ada added the obstacle “Papers”.",
    ]


def test_history_keeps_to_its_scope() -> None:
    mine = ObstacleFactory(title="Mine")
    ObstacleFactory(title="Other")

    assert _sentences(_source(Q(alliance=mine.alliance_id))) == [
        "The system added the obstacle “Mine”."
    ]


def test_values_are_said_in_words() -> None:
    sponsor = PersonFactory(name="Alba")
    ObstacleFactory()
    Obstacle.objects.update(
        is_internal=True, escalated_to=sponsor, escalated_on=date(2026, 7, 1), note="Ours"
    )
    Obstacle.objects.update(escalated_to=None, escalated_on=None, is_internal=False)
    sponsor.delete()

    back, there, _added = queries.history([_source()], None).changes

    assert {f.label: (f.before, f.after) for f in there.fields} == {
        "note": ("–", "Ours"),
        "note only for our own organisation": ("no", "yes"),
        "escalated to": ("–", "removed"),
        "escalated on": ("–", "1 July 2026"),
    }
    assert {f.label: (f.before, f.after) for f in back.fields} == {
        "note only for our own organisation": ("yes", "no"),
        "escalated to": ("removed", "–"),
        "escalated on": ("1 July 2026", "–"),
    }


@pytest.mark.parametrize(("before", "after"), [(True, True), (True, False), (False, True)])
def test_secret_value_is_never_there_only_that_it_changed(*, before: bool, after: bool) -> None:
    ObstacleFactory(note="Our floor price is 12.", is_internal=before)
    Obstacle.objects.update(note="Our floor price is 14.", is_internal=after)

    found = queries.history([_source(secret={"note": "is_internal"})], None)

    note = next(f for f in found.changes[0].fields if f.label == "note")
    assert note.is_secret
    assert (note.before, note.after) == ("", "")
    if before:
        assert "floor price" not in repr(found)


def test_open_note_is_told() -> None:
    ObstacleFactory(note="Old.")
    Obstacle.objects.update(note="New.")

    changed = queries.history([_source(secret={"note": "is_internal"})], None).changes[0]

    assert changed.fields == (FieldChange("note", "Old.", "New.", is_secret=False),)


def test_numbers_are_exact() -> None:
    objective = ObjectiveFactory()
    CheckInFactory(objective=objective, value="123456789012.3456")

    found = alliance_history.history(objective.alliance, None)

    assert any(
        field.after == "123,456,789,012.3456" for change in found.changes for field in change.fields
    )


def test_history_is_paged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "CHANGES_A_PAGE", 2)
    for title in ("First", "Second", "Third"):
        ObstacleFactory(title=title)

    first = queries.history([_source()], "1")
    last = queries.history([_source()], "2")

    assert [len(first.changes), len(last.changes)] == [2, 1]
    assert last.changes[0].sentence == "The system added the obstacle “First”."
    assert first.page.has_next()


def _filled(alliance: Alliance, rows: int) -> None:
    for _number in range(rows):
        objective = ObjectiveFactory(alliance=alliance)
        CheckInFactory(objective=objective)
        ConfirmationFactory(objective=objective)
        ParticipationFactory(touchpoint=TouchpointFactory(alliance=alliance))
        ObstacleFactory(alliance=alliance)
        ActionFactory(alliance=alliance)
        SeatFactory(alliance=alliance)


def test_alliances_history_has_every_kind_of_record_and_no_other_alliance() -> None:
    alliance, other = AllianceFactory(name="Cobalt"), AllianceFactory(name="Delta")
    _filled(alliance, 1)
    _filled(other, 1)

    sentences = [c.sentence for c in alliance_history.history(alliance, None).changes]

    nouns = ("alliance", "membership", "seat", "objective", "plan", "check-in", "confirmation",
             "touchpoint", "participation", "obstacle", "action")  # fmt: skip
    for noun in nouns:
        expected = 2 if noun == "membership" else 1
        assert sum(f"added the {noun} “" in s for s in sentences) == expected, noun
    assert not any("Delta" in sentence for sentence in sentences)


@pytest.mark.parametrize("rows", [1, 3])
def test_history_takes_the_same_queries_for_1_and_3_rows(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    alliance = AllianceFactory()
    _filled(alliance, rows)

    with django_assert_num_queries(5):
        alliance_history.history(alliance, None)
