"""When the demo is not loaded. That it loads, and what is in it, is in ../test_demo.py."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries, Settings

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance
from tests.factories.assessments import alliance_of

pytestmark = pytest.mark.django_db


def test_database_with_records_of_its_own_is_left_alone() -> None:
    alliance_of("Cobalt", "Arno", "Brix")

    with pytest.raises(CommandError, match="holds organisations or cycles of its own"):
        call_command("load_demo")

    assert Alliance.objects.count() == 1
    assert not User.objects.exists()


def test_once_passes_over_a_database_with_records_of_its_own() -> None:
    alliance_of("Cobalt", "Arno", "Brix")
    out = StringIO()

    call_command("load_demo", "--once", stdout=out)

    assert out.getvalue().endswith("Nothing was loaded.\n")
    assert Alliance.objects.count() == 1


def test_production_refuses_known_passwords(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.IS_PRODUCTION = True

    with (
        django_assert_num_queries(0),
        pytest.raises(CommandError, match=r"everybody knows.*--anyway"),
    ):
        call_command("load_demo")


def test_anyway_lifts_only_the_rule_for_production(settings: Settings) -> None:
    settings.IS_PRODUCTION = True
    alliance_of("Cobalt", "Arno", "Brix")

    with pytest.raises(CommandError, match="of its own"):
        call_command("load_demo", "--anyway")


def test_sign_ins_say_nothing_without_the_demo() -> None:
    out = StringIO()

    call_command("demo_sign_ins", stdout=out)

    assert out.getvalue() == ""
