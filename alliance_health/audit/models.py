"""Which changes are kept: every one, written by a trigger of the database, whoever makes it."""

from typing import TypeVar

import pghistory
from django.db import models

_Model = TypeVar("_Model", bound=models.Model)


def keep_history(model: type[_Model]) -> type[_Model]:
    """Keep each row that is added, changed or removed in an event table beside the model's own."""
    tracked: type[_Model] = pghistory.track(
        pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()
    )(model)
    return tracked
