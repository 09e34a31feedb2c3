"""A stored run beside its rubric's tree: what each number is made of, and how much each counts.

Everything is read from the stored rows, which hold only what may be shown, and from the version
that the run names. So it is right whatever the code is now, and nothing finer than a stored row
can come out of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assessments import scoring
from assessments.models import NodeKind, Score, ScoreRun
from assessments.queries.figures import OVERALL, Node, node_of
from assessments.queries.trees import VersionTree


@dataclass(frozen=True, slots=True)
class SideSaid:
    """What one side's own people say in a dimension, where that may be shown."""

    side: int
    share: float
    points: float
    raters: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a dimension's number is made of.

    Attributes:
        value: its points.
        people: what people say.
        evidence: what the records say; None without evidence.
        evidence_share: the part of the dimension that is evidence; 0 without.
        sides: what each side says; empty where the sides may not be shown apart.
        raters: whose answers count in it.
    """

    value: float
    people: float
    evidence: float | None
    evidence_share: float
    sides: tuple[SideSaid, ...]
    raters: int


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run with its rows and its rubric.

    Attributes:
        run: with its assessment and cycle.
        tree: of the run's rubric version.
        spec: what the cycle asks.
        scores: by node.
    """

    run: ScoreRun
    tree: VersionTree
    spec: scoring.RubricSpec
    scores: Mapping[Node, Score]

    def value(self, kind: NodeKind, key: str = "") -> float | None:
        """Return a node's number; None where there is none to be shown."""
        score = self.scores.get((kind.value, key))
        return score.value if score else None

    def shares(self, node: Node) -> dict[str, float]:
        """Return how much each part that is asked counts in a pillar or in the whole, by key.

        A part without a number counts nothing; the others count for it.
        """
        if node == OVERALL:
            weights: Mapping[str, int] = self.spec.pillar_shares
            below = NodeKind.PILLAR
        else:
            [weights] = [p.dimension_shares for p in self.spec.pillars if p.id == node[1]]
            below = NodeKind.DIMENSION
        counted = {k: w if self.value(below, k) is not None else 0 for k, w in weights.items()}
        whole = sum(counted.values())
        return {k: w / whole if whole else 0.0 for k, w in counted.items()}

    def dimension_shares(self, node: Node) -> dict[str, float]:
        """Return how much each dimension with a number counts in a node, by key."""
        kind, key = node
        if kind == NodeKind.DIMENSION:
            return {key: 1.0}
        if kind == NodeKind.PILLAR:
            return {k: share for k, share in self.shares(node).items() if share}
        return {
            k: outer * inner
            for pillar, outer in self.shares(node).items()
            for k, inner in self.dimension_shares((NodeKind.PILLAR.value, pillar)).items()
            if outer
        }

    def said(self, dimension: str) -> Said | None:
        """Return what a dimension's number is made of; None where it has none."""
        score = self.scores.get((NodeKind.DIMENSION.value, dimension))
        if score is None or score.value is None or score.survey_value is None:
            return None
        [spec] = [found for found in self.spec.dimensions if found.id == dimension]
        has_evidence = score.evidence_value is not None and spec.evidence is not None
        return Said(
            value=score.value,
            people=score.survey_value,
            evidence=score.evidence_value if has_evidence else None,
            evidence_share=float(spec.evidence.weight) if has_evidence and spec.evidence else 0.0,
            sides=_sides(score, self.run.sides),
            raters=score.raters,
        )


def _sides(score: Score, sides: Sequence[int]) -> tuple[SideSaid, ...]:
    """Return the sides of a dimension, if all that speak in it may be shown.

    The sides shown are all that speak if their raters are all the raters there are.
    """
    shown = score.side_scores(sides)
    is_all = sum(one.raters for one in shown) == score.raters
    if not is_all or len(shown) < scoring.FEWEST_SIDES:
        return ()
    return tuple(SideSaid(one.side, 1 / len(shown), one.value, one.raters) for one in shown)


def stored_runs(runs: Iterable[ScoreRun], trees: Mapping[int, VersionTree]) -> list[StoredRun]:
    """Return runs with their rows, in the order given; 1 query.

    Args:
        runs: with assessment and cycle.
        trees: of their rubric versions, by key.
    """
    wanted = list(runs)
    scores: dict[int, dict[Node, Score]] = {run.pk: {} for run in wanted}
    for score in Score.objects.filter(run__in=wanted):
        scores[score.run_id][node_of(score)] = score
    return [
        StoredRun(
            run=run,
            tree=trees[run.rubric_version_id],
            spec=trees[run.rubric_version_id].spec(run.assessment.cycle.question_set, run.sides),
            scores=scores[run.pk],
        )
        for run in wanted
    ]
