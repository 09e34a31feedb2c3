"""What the database itself refuses, whoever writes."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, IntegrityError, transaction


@contextmanager
def refused_by(constraint: str) -> Iterator[None]:
    """Expect that a constraint of this name refuses what is written inside."""
    with pytest.raises(IntegrityError, match=f'constraint "{constraint}"'), transaction.atomic():
        yield


@contextmanager
def refused_as(sentence: str) -> Iterator[None]:
    """Expect that a trigger refuses what is written inside, with this sentence."""
    with pytest.raises(DatabaseError, match=sentence), transaction.atomic():
        yield
