"""Pages as they are on the day of the tests, seen by whoever signs in."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from alliance_health.accounts.models import User
from tests.alliance_health.alliances.conftest import NOW

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def sign_in() -> SignIn:
    """A browser of somebody's own."""

    def of(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return of
