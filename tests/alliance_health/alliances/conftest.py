"""The cast of an alliance, the clock, and the history that triggers write."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db.models import Model

from tests.factories.alliances import Cast
from tests.factories.alliances import cast as made_cast

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
NothingWritten = Callable[[], AbstractContextManager[None]]
History = Callable[[Model], list[str]]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def cast(db: None) -> Cast:  # noqa: ARG001  its rows stand there
    return made_cast()


def _written() -> int:
    """How many events the triggers have written for the register."""
    return sum(
        model._default_manager.count()
        for model in apps.get_app_config("alliances").get_models()
        if model.__name__.endswith("Event")
    )


@pytest.fixture
def nothing_written(db: None) -> NothingWritten:  # noqa: ARG001
    """A block in which no row of the register may be added, changed or removed."""

    @contextmanager
    def block() -> Iterator[None]:
        before = _written()
        assert before, "there is nothing that could have changed"
        yield
        assert _written() == before

    return block


@pytest.fixture
def history() -> History:
    """What the triggers wrote about a record, oldest first."""

    def of(record: Model) -> list[str]:
        events = apps.get_model("alliances", f"{type(record).__name__}Event")
        rows = events._default_manager.filter(pgh_obj_id=record.pk).order_by("pgh_id")
        return list(rows.values_list("pgh_label", flat=True))

    return of
