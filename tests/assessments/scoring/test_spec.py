from collections.abc import Callable
from decimal import Decimal

import pytest

from assessments.scoring import (
    OVERALL,
    BandLimits,
    DimensionSpec,
    EvidenceSpec,
    ItemSpec,
    MetricSpec,
    Node,
    NodeKind,
    Parameters,
    PillarSpec,
    RubricSpec,
    SpecProblem,
)
from tests.assessments.scoring.examples import MEETINGS, dimension, rubric


def test_rubric_lists_its_nodes_from_the_leaves_to_the_root() -> None:
    built = rubric(dimension("a"), dimension("b"))

    assert built.nodes == (
        Node(NodeKind.DIMENSION, "a"),
        Node(NodeKind.DIMENSION, "b"),
        Node(NodeKind.PILLAR, "pillar"),
        OVERALL,
    )
    assert [node.key for node in built.nodes] == [
        "dimension:a",
        "dimension:b",
        "pillar:pillar",
        "overall",
    ]


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: ItemSpec("a1", Decimal(0)), "The weight of item a1 is 0; it must be above 0"),
        (lambda: ItemSpec("a1", Decimal("NaN")), "The weight of item a1 is NaN"),
        (lambda: ItemSpec("a1", Decimal("1e99")), "no more than 9 digits before"),
        (lambda: DimensionSpec("a", Decimal(1), ()), "Dimension a has no item."),
        (
            lambda: DimensionSpec("a", Decimal(1), (ItemSpec("a1"), ItemSpec("a1"))),
            "Dimension a has the item a1 twice.",
        ),
        (
            lambda: DimensionSpec("a", Decimal(1), (ItemSpec(""),)),
            "Dimension a has a item without an id.",
        ),
        (lambda: PillarSpec("p", Decimal(1), ()), "Pillar p has no dimension."),
        (lambda: PillarSpec("p", Decimal(-1), (dimension("a"),)), "The weight of pillar p is -1"),
        (lambda: RubricSpec("1", ()), "The rubric has no pillar."),
        (
            lambda: RubricSpec(
                "1",
                (
                    PillarSpec("p", Decimal(1), (dimension("a"),)),
                    PillarSpec("q", Decimal(1), (dimension("a"),)),
                ),
            ),
            "The rubric has the dimension a twice.",
        ),
        (lambda: rubric(dimension("a"), north="0"), "The weight of side north is 0"),
        (lambda: MetricSpec("m", 5, 5), "are both 5; they must differ"),
        (lambda: MetricSpec("m", float("nan"), 5), "must be numbers"),
        (
            lambda: EvidenceSpec(Decimal(1), (MEETINGS,)),
            "The evidence's share is 1; it must be between 0 and 1.",
        ),
        (lambda: EvidenceSpec(Decimal("0.2"), ()), "The evidence has no measure."),
        (lambda: BandLimits(70, 50), "amber below green"),
        (lambda: BandLimits(margin=-1), "margin is -1"),
        (lambda: Parameters(scale_max=1), "the highest level must be above the lowest"),
        (lambda: Parameters(min_answered_share=Decimal(1)), "The answered share is 1"),
        (lambda: Parameters(prior_sd=0), "prior_sd is 0; it must be above 0."),
        (lambda: Parameters(prior_r=1.5), "prior_r is 1.5; it must be from 0 to 1."),
        (lambda: Parameters(confidence=1), "confidence is 1; it must be between 0 and 1."),
        (lambda: Parameters(longstring_share=0), "longstring_share is 0"),
        (lambda: Parameters(min_side_raters_shown=2), "may be raised above 3, never lowered"),
        (lambda: Parameters(min_total_raters_shown=3), "may be raised above 4, never lowered"),
    ],
)
def test_spec_refuses_what_cannot_be_scored(build: Callable[[], object], sentence: str) -> None:
    with pytest.raises(SpecProblem) as refused:
        build()

    assert sentence in str(refused.value)
