"""People, added and changed by administrators."""

from django.urls import reverse

from alliance_health.alliances.models import Person
from tests.alliance_health.alliances.conftest import NothingWritten
from tests.alliance_health.alliances.views.conftest import SignIn
from tests.factories.alliances import Cast, user_of


def test_new_person_of_the_organisation_one_came_from_is_added(cast: Cast, sign_in: SignIn) -> None:
    administrator = sign_in(cast.administrator)
    arno = cast.arno.organisation

    asked = administrator.get(reverse("alliances:new_person"), {"organisation": arno.pk})
    administrator.post(
        reverse("alliances:new_person"),
        {
            "organisation": arno.pk,
            "name": "Sam Stone",
            "email": "sam.stone@example.com",
            "job_title": "Lawyer",
            "function": "Legal",
            "user": "sam@example.com",
        },
    )

    assert f'<option value="{arno.pk}" selected>' in asked.content.decode()
    made = Person.objects.get(name="Sam Stone")
    assert (made.organisation, made.user) == (arno, cast.stranger)


def test_person_signs_in_with_a_known_address_of_nobody_else(
    cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    administrator = sign_in(cast.administrator)
    entered = {
        "organisation": cast.arno.organisation.pk,
        "name": "Carla",
        "email": "carla@example.com",
    }

    with nothing_written():
        for user, said in (
            ("nobody@example.com", "Nobody signs in with this address."),
            ("ana@example.com", "Somebody else in the register signs in with this address."),
        ):
            page = administrator.post(
                reverse("alliances:new_person"), {**entered, "user": user}
            ).content.decode()
            assert said in page[page.index('id="div_id_user"') :]


def test_edit_person_starts_from_what_is_there_and_keeps_the_sign_in(
    cast: Cast, sign_in: SignIn
) -> None:
    ana = cast.arno.manager
    address = reverse("alliances:edit_person", args=[ana.pk])
    administrator = sign_in(cast.administrator)

    asked = administrator.get(address).content.decode()
    administrator.post(
        address,
        {
            "organisation": ana.organisation_id,
            "name": "Ana Duarte",
            "email": ana.email,
            "user": user_of(ana).email,
        },
    )

    assert asked.count('value="ana@example.com"') == 2
    ana.refresh_from_db()
    assert (ana.name, user_of(ana).email) == ("Ana Duarte", "ana@example.com")


def test_person_with_seats_stays_in_his_organisation(
    cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    ana = cast.arno.manager

    with nothing_written():
        page = (
            sign_in(cast.administrator)
            .post(
                reverse("alliances:edit_person", args=[ana.pk]),
                {
                    "organisation": cast.brix.organisation.pk,
                    "name": ana.name,
                    "email": ana.email,
                },
            )
            .content.decode()
        )

    assert "has seats or records for Arno Group and stays in it" in page
