"""Every change of the register is kept, and what is kept cannot be changed."""

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.db.models import Model

from tests.factories.alliances import ObstacleFactory

pytestmark = pytest.mark.django_db

TRACKED = [
    model
    for model in apps.get_app_config("alliances").get_models()
    if not model.__name__.endswith("Event")
]


@pytest.mark.parametrize("model", TRACKED, ids=lambda model: model.__name__)
def test_record_of_the_register_keeps_what_is_added_changed_and_removed(
    model: type[Model],
) -> None:
    kept = model.pgh_event_models  # type: ignore[attr-defined]

    assert set(kept) == {"insert", "update", "delete"}


def test_change_past_the_product_is_kept_too() -> None:
    obstacle = ObstacleFactory()

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE alliances_obstacle SET title = 'By hand' WHERE id = %s", [obstacle.pk]
        )

    events = apps.get_model("alliances", "ObstacleEvent")._default_manager
    assert [e.title for e in events.order_by("pgh_id")] == [obstacle.title, "By hand"]


@pytest.mark.parametrize("statement", ["UPDATE {} SET title = 'Nothing'", "DELETE FROM {}"])
def test_what_is_kept_cannot_be_changed(statement: str) -> None:
    ObstacleFactory()

    with (
        pytest.raises(ProgrammingError, match="Cannot update or delete rows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("alliances_obstacleevent"))
