"""What an administrator enters about organisations, people and rights."""

from collections.abc import Callable, Mapping

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from alliance_health.accounts.models import User
from alliance_health.alliances.forms import fields
from alliance_health.alliances.forms.records import Record
from alliance_health.alliances.queries.choices import Options


class DescribeOrganisation(Record):
    """An organisation's names and where it belongs."""

    name = fields.text(
        _("Name"),
        longest=200,
        empty=_("Enter the name of the organisation."),
        help_text=_("In full, as it stands in contracts."),
    )
    short_name = fields.text(
        _("Short name"),
        longest=40,
        empty=_("Enter a short name, for tables."),
        help_text=_("One or two words, for tables and charts."),
    )
    country = fields.text(_("Country"), longest=80)
    sector = fields.text(_("Sector"), longest=80)


FindUser = Callable[[str], User | None]


def _signing_in(address: str, find_user: FindUser) -> User | None:
    """Return the user with an address, none for no address.

    Raises:
        ValidationError: nobody signs in with it.
    """
    user = find_user(address) if address else None
    if address and user is None:
        raise ValidationError(
            _("Nobody signs in with this address. Mend it, or add the user on the admin pages.")
        )
    return user


class DescribePerson(Record):
    """Somebody of an organisation, and the address he signs in with."""

    organisation = fields.OneRecord(
        label=_("Organisation"), empty=_("Choose the organisation of this person.")
    )
    name = fields.text(_("Name"), longest=200, empty=_("Enter the name of this person."))
    email = fields.address(
        _("E-mail address"),
        empty=_("Enter an e-mail address, for invitations."),
        help_text=_("Invitations and personal links are sent there."),
    )
    job_title = fields.text(_("Job title"), longest=120)
    function = fields.text(
        _("Function"), longest=80, help_text=_("For example sales, supply chain, legal.")
    )
    user = fields.address(
        _("Signs in as"),
        help_text=_(
            "The address of a user of this site, who then sees the alliances in which this person "
            "holds a seat, and the internal notes of the organisation there."
        ),
    )

    def __init__(
        self,
        data: QueryDict | None,
        initial: Mapping[str, object],
        *,
        organisations: Options,
        find_user: FindUser,
    ) -> None:
        super().__init__(data, initial)
        self._find_user = find_user
        self.offer("organisation", organisations)

    def clean_user(self) -> User | None:
        """Return the user with the address that was entered."""
        return _signing_in(self.cleaned_data["user"], self._find_user)


class GrantPortfolio(Record):
    """Who may see all alliances of an organisation."""

    user = fields.address(
        _("E-mail address"),
        empty=_("Enter the e-mail address with which the person signs in."),
        help_text=_("Of somebody who can sign in. The right is to read only."),
    )

    def __init__(self, data: QueryDict | None, *, find_user: FindUser) -> None:
        super().__init__(data)
        self._find_user = find_user

    def clean_user(self) -> User | None:
        """Return the user with the address that was entered."""
        return _signing_in(self.cleaned_data["user"], self._find_user)
