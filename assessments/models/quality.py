"""How well a cycle's questionnaire measured: facts about the rubric, never about an alliance."""

import pgtrigger
from django.db import models

from assessments.models.cycle import Cycle


class CycleQuality(models.Model):
    """Reliability of each dimension and the use of each question, over all alliances of a cycle.

    `dimensions` and `questions` are figures by key (see `assessments.scoring.reliability`).
    """

    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, related_name="quality")
    computed_at = models.DateTimeField()
    alliances = models.PositiveIntegerField()
    raters = models.PositiveIntegerField()
    dimensions = models.JSONField()
    questions = models.JSONField()

    class Meta:
        triggers = [
            pgtrigger.Protect(
                name="cycle_quality_is_a_fact", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"Questionnaire of {self.cycle}"
