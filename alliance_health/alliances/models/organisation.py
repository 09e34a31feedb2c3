"""Organisations and who may look at all of an organisation's alliances."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from alliance_health.audit.models import keep_history


@keep_history
class Organisation(models.Model):
    """A company or body that is a member of alliances."""

    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=40)
    country = models.CharField(_("country"), max_length=80, blank=True)
    sector = models.CharField(_("sector"), max_length=80, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="organisation_name_unique",
                violation_error_message=_("An organisation of this name is in the register."),
                violation_error_code="name",
            ),
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(short_name=""),
                name="organisation_is_named",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@keep_history
class PortfolioRight(models.Model):
    """The right, given by an administrator, to see all alliances of one organisation."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="portfolio_rights"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="portfolio_rights"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user"],
                name="portfolio_right_once",
                violation_error_message=_("This person has the right already."),
                violation_error_code="user",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} sees {self.organisation}"
