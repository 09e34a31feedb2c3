"""Rubrics for tests that are about what is asked of whom."""

from assessments.models import Rubric, RubricVersion, Target
from tests.factories.assessments import (
    DimensionFactory,
    EvidenceMeasureFactory,
    PillarFactory,
    QuestionFactory,
    RubricFactory,
    RubricVersionFactory,
    publish,
)


def varied_rubric(rubric: Rubric | None = None, *, number: int = 1) -> RubricVersion:
    """A published rubric with questions of every target, of some roles only, core and not.

    Dimension "views" (weight 3) is core: J-1 about the alliance, N-1 about one's own organisation,
    T-1 about others, B-1 about both, the last for managers and sponsors only. Dimension "depth"
    (weight 1) is not: D-1, G-1 from three organisations on, and a quarter of evidence.
    """
    version = RubricVersionFactory(rubric=rubric or RubricFactory(), number=number)
    pillar = PillarFactory(version=version, key="alignment", name="Alignment")
    views = DimensionFactory(pillar=pillar, key="views", name="Views", weight=3)
    QuestionFactory(dimension=views, key="J-1", text="How is the alliance?")
    QuestionFactory(dimension=views, key="N-1", target=Target.OWN, text="How is {organisation}?")
    QuestionFactory(
        dimension=views,
        key="T-1",
        target=Target.OTHER,
        text="How does {own} work with {organisation}?",
    )
    QuestionFactory(
        dimension=views,
        key="B-1",
        target=Target.OWN_AND_OTHER,
        text="What does {organisation} get?",
        roles=["manager", "sponsor"],
    )
    depth = DimensionFactory(
        pillar=pillar, key="depth", name="Depth", weight=1, evidence_percent=25
    )
    QuestionFactory(dimension=depth, key="D-1", is_core=False)
    QuestionFactory(dimension=depth, key="G-1", is_core=False, minimum_organisations=3)
    EvidenceMeasureFactory(dimension=depth, key="attainment", name="Objectives attained")
    return publish(version)
