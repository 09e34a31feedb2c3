"""People of organisations."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.models.organisation import Organisation
from alliance_health.audit.models import keep_history


@keep_history
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
        error_messages={"unique": _("Somebody else in the register signs in with this address.")},
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="person_email_unique",
                violation_error_message=_("Somebody with this e-mail address is in the register."),
                violation_error_code="email",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="person_is_named"),
        ]
        triggers = [
            # The other half of what a seat's own trigger holds: its holder is of its organisation.
            pgtrigger.Trigger(
                name="seat_holder_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__organisation__df=pgtrigger.F("new__organisation")),
                func="""
                    IF EXISTS (SELECT 1 FROM alliances_seat WHERE person_id = NEW.id) THEN
                        RAISE EXCEPTION 'Somebody who has held a seat stays in its organisation.'
                            USING ERRCODE = 'check_violation',
                                  CONSTRAINT = 'person_with_seat_stays';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name
