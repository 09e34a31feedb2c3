"""An organisation's page, its form, and who may see all of its alliances."""

import pytest
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.alliances.models import Organisation, PortfolioRight
from tests.alliance_health.alliances.conftest import NothingWritten
from tests.alliance_health.alliances.views.conftest import SignIn
from tests.factories.alliances import (
    AllianceFactory,
    Cast,
    OrganisationFactory,
    PersonFactory,
    PortfolioRightFactory,
    user_of,
)


def test_organisation_shows_its_alliances_and_people(cast: Cast, sign_in: SignIn) -> None:
    hidden = AllianceFactory(name="Delta", members=[cast.arno.organisation, OrganisationFactory()])
    address = reverse("alliances:organisation", args=[cast.arno.organisation.pk])

    seen = sign_in(user_of(cast.brix.manager)).get(address).content.decode()

    assert "Cobalt" in seen
    assert "Ana" in seen
    assert hidden.name not in seen
    assert hidden.name in sign_in(cast.administrator).get(address).content.decode()


def test_rights_are_shown_to_administrators_only(cast: Cast, sign_in: SignIn) -> None:
    address = reverse("alliances:organisation", args=[cast.arno.organisation.pk])

    assert "vera@example.com" in sign_in(cast.administrator).get(address).content.decode()
    assert "vera@example.com" not in (
        sign_in(user_of(cast.arno.manager)).get(address).content.decode()
    )


def test_new_organisation_is_added_and_shown(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.administrator).post(
        reverse("alliances:new_organisation"),
        {"name": "Cora Logistics", "short_name": "Cora", "country": "", "sector": "Rail"},
        follow=True,
    )

    made = Organisation.objects.get(name="Cora Logistics")
    assert page.redirect_chain == [(reverse("alliances:organisation", args=[made.pk]), 302)]
    assert "The organisation is in the register." in page.content.decode()


def test_form_says_what_is_missing_and_keeps_what_was_entered(
    cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    with nothing_written():
        page = (
            sign_in(cast.administrator)
            .post(reverse("alliances:new_organisation"), {"name": "", "short_name": "Cora"})
            .content.decode()
        )

    assert "Enter the name of the organisation." in page
    assert 'value="Cora"' in page
    assert "This field is required" not in page


def test_taken_name_is_said_beside_the_name(cast: Cast, sign_in: SignIn) -> None:
    page = (
        sign_in(cast.administrator)
        .post(reverse("alliances:new_organisation"), {"name": "arno GROUP", "short_name": "Arno"})
        .content.decode()
    )

    beside = page[page.index('id="div_id_name"') : page.index('id="div_id_short_name"')]
    assert "An organisation of this name is in the register." in beside


def test_edit_organisation_starts_from_what_is_there(cast: Cast, sign_in: SignIn) -> None:
    address = reverse("alliances:edit_organisation", args=[cast.arno.organisation.pk])
    administrator = sign_in(cast.administrator)

    asked = administrator.get(address).content.decode()
    administrator.post(address, {"name": "Arno SE", "short_name": "Arno"})

    assert 'value="Arno Group"' in asked
    assert Organisation.objects.filter(name="Arno SE").exists()


def test_right_is_given_by_address_and_taken_away_after_asking(cast: Cast, sign_in: SignIn) -> None:
    administrator = sign_in(cast.administrator)
    brix = cast.brix.organisation
    revoke = reverse("alliances:revoke_portfolio", args=[brix.pk, cast.viewer.pk])

    administrator.post(
        reverse("alliances:grant_portfolio", args=[brix.pk]), {"user": "VERA@example.com"}
    )
    assert PortfolioRight.objects.filter(organisation=brix, user=cast.viewer).exists()
    asked = administrator.get(revoke).content.decode()
    assert "may then no longer see the alliances of Brix Group" in asked
    assert PortfolioRight.objects.filter(organisation=brix).exists()
    administrator.post(revoke)

    assert not PortfolioRight.objects.filter(organisation=brix).exists()
    assert PortfolioRight.objects.filter(organisation=cast.arno.organisation).exists()


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ("", "Enter the e-mail address with which the person signs in."),
        ("nowhere", "Enter an e-mail address, for example ana@example.com."),
        ("nobody@example.com", "Nobody signs in with this address."),
        ("vera@example.com", "This person has the right already."),
    ],
)
def test_right_that_cannot_be_given_is_refused_beside_the_field(
    entered: str, said: str, cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    with nothing_written():
        page = (
            sign_in(cast.administrator)
            .post(
                reverse("alliances:grant_portfolio", args=[cast.arno.organisation.pk]),
                {"user": entered},
            )
            .content.decode()
        )

    assert said in page[page.index('id="div_id_user"') :]


@pytest.mark.parametrize("rows", [1, 3])
def test_organisation_takes_the_same_queries_for_1_and_3_rows(
    rows: int,
    cast: Cast,
    sign_in: SignIn,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    organisation = OrganisationFactory()
    for _number in range(rows):
        AllianceFactory(members=[organisation, OrganisationFactory()])
        PersonFactory(organisation=organisation)
        PortfolioRightFactory(organisation=organisation)
    client = sign_in(cast.administrator)

    with django_assert_num_queries(8):
        client.get(reverse("alliances:organisation", args=[organisation.pk]))
