"""People of organisations."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.models.organisation import Organisation


@pghistory.track()
class Person(models.Model):
    """Somebody of one organisation, who may or may not be able to sign in."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail address"))
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    function = models.CharField(_("function"), max_length=80, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="person",
        null=True,
        blank=True,
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="person_email_unique",
                violation_error_message=_("Somebody with this e-mail address is in the register."),
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="person_is_named"),
        ]

    def __str__(self) -> str:
        return self.name
