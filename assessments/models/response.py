"""Who was asked, and, apart from it, what was answered.

Response holds the identity: who was asked, in which role, how far he is. AnswerSheet holds the
answers of one rater under a pseudonym. No key, order or instant in the tables joins the two; the
pseudonym is made from the alliance and the person with a key that only the server has, so that the
respondent finds his own answers again and raters can be matched across quarters.
"""

import hashlib
import hmac
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.models import Organisation, Person, Role
from assessments.models.cycle import Assessment
from assessments.models.rubric import Question


def rater_key(alliance_id: int, rater: str) -> str:
    """Return the pseudonym of a rater in an alliance: the same every quarter, 32 hex digits.

    Args:
        alliance_id: key of the alliance; the same person has another pseudonym elsewhere.
        rater: `person:<id>`, or for answers made elsewhere the name of the respondent there.
    """
    message = f"{alliance_id}:{rater}".encode()
    key = settings.PSEUDONYM_KEY.encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]


class ResponseState(models.TextChoices):
    """How far a respondent is."""

    INVITED = "invited", _("not started")
    STARTED = "started", _("started")
    SUBMITTED = "submitted", _("submitted")
    DECLINED = "declined", _("declined")
    EXPIRED = "expired", _("not answered")


class Response(models.Model):
    """Somebody asked in an assessment, for an organisation and in a role. Holds no answers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="responses")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="responses")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=8, choices=Role.choices)
    is_protected = models.BooleanField()
    state = models.CharField(
        max_length=9, choices=ResponseState.choices, default=ResponseState.INVITED
    )
    # A day, not an instant: nothing finer may be held against the answers.
    submitted_on = models.DateField(null=True, blank=True)
    # SHA-256 of the secret in the personal link; the secret itself is in the mail only.
    link_digest = models.CharField(max_length=64, unique=True, null=True, blank=True)
    link_sent_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "person"], name="response_once"),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="response_role_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=ResponseState.SUBMITTED, submitted_on__isnull=False)
                | (~Q(state=ResponseState.SUBMITTED) & Q(submitted_on__isnull=True)),
                name="response_submitted_has_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.assessment}"


class AnswerSheet(models.Model):
    """The answers of one rater under a pseudonym. Holds no identity and no instant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own: the unique key begins with it.
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="sheets", db_index=False
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=8, choices=Role.choices)
    is_protected = models.BooleanField()
    rater_key = models.CharField(max_length=32)
    is_submitted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "rater_key"], name="sheet_once"),
        ]

    def __str__(self) -> str:
        return f"Answers {self.pk}"


class NoLevel(models.TextChoices):
    """Why an answer has no level. Neither is ever turned into a 3."""

    CANNOT_TELL = "cannot_tell", _("I can't tell")
    DID_NOT_OCCUR = "did_not_occur", _("It did not occur")


class Answer(models.Model):
    """The level 1 to 5 that a rater gives to an item, or why there is none.

    The key holds the level, so that scoring reads the index alone, a sheet's answers beside each
    other, and never the rows. There is no other index: nobody looks for answers by question or by
    organisation, and each would cost as much as the answers themselves
    (docs/scoring-performance.md).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sheet = models.ForeignKey(
        AnswerSheet, on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    question = models.ForeignKey(
        Question, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    about = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    no_level = models.CharField(max_length=13, choices=NoLevel.choices, blank=True)
    comment = models.TextField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "question", "about"],
                name="answer_once",
                include=["level"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                # "is not null", because a check that comes to "unknown" lets the row in.
                condition=Q(level__isnull=False, level__range=(1, 5), no_level="")
                | Q(level__isnull=True, no_level__in=NoLevel.values),
                name="answer_level_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.level or self.no_level}"
