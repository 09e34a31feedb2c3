from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from alliance_health.alliances.models import Organisation
from alliance_health.alliances.operations import organisations
from tests.alliance_health.alliances.conftest import History, NothingWritten
from tests.factories.alliances import Cast, user_of


def test_add_organisation_writes_it_and_its_history(
    cast: Cast, now: datetime, history: History
) -> None:
    made = organisations.add_organisation(
        name="Cora Logistics",
        short_name="Cora",
        country="Netherlands",
        sector="Transport",
        by=cast.administrator,
        now=now,
    )

    kept = Organisation.objects.get(name="Cora Logistics")
    assert kept == made
    assert (kept.short_name, kept.country, kept.sector) == ("Cora", "Netherlands", "Transport")
    assert history(made) == ["insert"]


def test_edit_organisation_changes_it(cast: Cast, now: datetime, history: History) -> None:
    arno = cast.arno.organisation

    organisations.edit_organisation(
        organisation=arno, name="Arno SE", short_name="Arno", by=cast.administrator, now=now
    )

    arno.refresh_from_db()
    assert arno.name == "Arno SE"
    assert history(arno) == ["insert", "update"]


def test_only_an_administrator_changes_organisations(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    manager = user_of(cast.arno.manager)

    with nothing_written():
        with pytest.raises(PermissionDenied, match="administrator"):
            organisations.add_organisation(name="Cora", short_name="Cora", by=manager, now=now)
        with pytest.raises(PermissionDenied, match="administrator"):
            organisations.edit_organisation(
                organisation=cast.arno.organisation,
                name="Mine",
                short_name="Mine",
                by=manager,
                now=now,
            )


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        ({"name": "", "short_name": "Cora"}, "name"),
        ({"name": "Cora", "short_name": "C" * 41}, "short_name"),
        ({"name": "Cora\x00", "short_name": "Cora"}, "name"),
        ({"name": "ARNO group", "short_name": "Cora"}, "__all__"),
    ],
)
def test_malformed_organisation_is_refused(
    entered: dict[str, str],
    field: str,
    cast: Cast,
    now: datetime,
    nothing_written: NothingWritten,
) -> None:
    with nothing_written(), pytest.raises(ValidationError) as refusal:
        organisations.add_organisation(**entered, by=cast.administrator, now=now)

    assert list(refusal.value.error_dict) == [field]
