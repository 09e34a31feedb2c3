"""Rubrics: pillars, dimensions, questions and evidence measures, in versions that never change."""

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Target(models.TextChoices):
    """Whom a question is about: the alliance, the own organisation, another one, or both."""

    JOINT = "joint", _("the alliance")
    OWN = "own", _("the own organisation")
    OTHER = "other", _("another organisation")
    OWN_AND_OTHER = "own_and_other", _("the own and another organisation")


class VersionState(models.TextChoices):
    """The life of a version; only a draft can be changed."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


@pghistory.track()
class Rubric(models.Model):
    """A named way of judging alliances; its versions hold the content."""

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class RubricVersion(models.Model):
    """One version of a rubric. Once published, only its state may go on to retired.

    `parameters` are those of the scoring specification, part 5, as the rubric's file gives them;
    `document` is that file whole, so that a version can be read and exported as it was.
    """

    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(
        _("state"), max_length=9, choices=VersionState.choices, default=VersionState.DRAFT
    )
    description = models.TextField(_("description"), blank=True)
    parameters = models.JSONField(_("parameters"))
    document = models.JSONField(_("document"))
    named_roles = ArrayField(models.CharField(max_length=8), verbose_name=_("answer by name"))
    protected_minimum = models.PositiveSmallIntegerField(_("answers in confidence needed"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["rubric", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["rubric", "number"], name="rubric_version_number_once"),
            models.CheckConstraint(
                condition=Q(protected_minimum__gte=3), name="rubric_version_floor_of_three"
            ),
            models.CheckConstraint(
                condition=Q(state=VersionState.DRAFT) | Q(published_at__isnull=False),
                name="rubric_version_published_at",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_never_changes",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=["published", "retired"]),
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'retired'
                       AND to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state' THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'A published rubric version never changes.'
                        USING ERRCODE = 'restrict_violation';
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.rubric} {self.number}"


def _only_in_a_draft() -> pgtrigger.Trigger:
    """Return the trigger that keeps the parts of a published version as they are."""
    return pgtrigger.Trigger(
        name="only_in_a_draft",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func="""
            IF EXISTS (SELECT 1 FROM assessments_rubricversion WHERE state <> 'draft'
                       AND id IN (NEW.version_id, OLD.version_id)) THEN
                RAISE EXCEPTION 'A published rubric version never changes.'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN COALESCE(NEW, OLD);
        """,
    )


class Pillar(models.Model):
    """One of the things an alliance needs, with its weight in the whole."""

    version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="pillars")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    weight = models.DecimalField(max_digits=7, decimal_places=3)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="pillar_key_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="pillar_weight_positive"),
        ]
        triggers = [_only_in_a_draft()]

    def __str__(self) -> str:
        return self.name


class Dimension(models.Model):
    """A part of a pillar that questions and evidence speak to."""

    version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="dimensions")
    pillar = models.ForeignKey(Pillar, on_delete=models.PROTECT, related_name="dimensions")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    weight = models.DecimalField(max_digits=7, decimal_places=3)
    evidence_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="dimension_key_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="dimension_weight_positive"),
            models.CheckConstraint(
                condition=Q(evidence_percent__range=(0, 25)), name="dimension_evidence_share"
            ),
        ]
        triggers = [_only_in_a_draft()]

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """A question with five levels, each something one could have seen."""

    version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="questions")
    dimension = models.ForeignKey(Dimension, on_delete=models.PROTECT, related_name="questions")
    key = models.CharField(max_length=20)
    label = models.CharField(max_length=80)
    text = models.TextField()
    levels = ArrayField(models.TextField(), size=5)
    roles = ArrayField(models.CharField(max_length=8))
    target = models.CharField(max_length=13, choices=Target.choices)
    is_core = models.BooleanField()
    is_reversed = models.BooleanField(default=False)
    may_not_have_occurred = models.BooleanField(default=False)
    minimum_organisations = models.PositiveSmallIntegerField(default=2)
    weight = models.DecimalField(max_digits=7, decimal_places=3, default=1)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="question_key_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="question_weight_positive"),
            models.CheckConstraint(condition=Q(levels__len=5), name="question_five_levels"),
            models.CheckConstraint(condition=Q(roles__len__gte=1), name="question_asks_somebody"),
            models.CheckConstraint(
                condition=Q(target__in=Target.values), name="question_target_is_known"
            ),
        ]
        triggers = [_only_in_a_draft()]

    def __str__(self) -> str:
        return self.key


class EvidenceMeasure(models.Model):
    """A measure over the register's records that is scored in a dimension."""

    version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="measures")
    dimension = models.ForeignKey(Dimension, on_delete=models.PROTECT, related_name="measures")
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    weight = models.DecimalField(max_digits=7, decimal_places=3, default=1)
    floor = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    target = models.DecimalField(max_digits=12, decimal_places=4, default=100)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["dimension", "key"], name="measure_once_in_dimension"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="measure_weight_positive"),
            models.CheckConstraint(
                condition=~Q(floor=models.F("target")), name="measure_floor_is_not_target"
            ),
        ]
        triggers = [_only_in_a_draft()]

    def __str__(self) -> str:
        return self.name
