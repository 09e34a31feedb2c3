"""A stored run made again from what it kept, and what makes its numbers as sure as they are."""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.models import Score, ScoreRun
from assessments.queries.batches import gather_again
from assessments.queries.figures import Node, node_of
from assessments.scoring.uncertainty import quantile


@dataclass(frozen=True, slots=True)
class MadeAgain:
    """A run scored again. It holds what must stay inside, too: pages show `Workings`.

    Attributes:
        scored: a batch of one.
        has_same_inputs: whether the digest is the stored one.
    """

    scored: scoring.Scored
    has_same_inputs: bool

    def place(self, node: Node) -> int:
        """Return the place of a node; it must be in the rubric."""
        kind, key = node
        return self.scored.batch.shape.rubric.nodes.index(scoring.Node(scoring.NodeKind(kind), key))

    def agrees(self, score: Score) -> bool:
        """Return whether a stored number and its certainty are the same to the last digit."""
        found, place = self.scored.now, self.place(node_of(score))
        is_seen = bool(found.there.there[place, 0] and found.publication.is_shown[place, 0])
        if score.value is None or not is_seen:
            return self.has_same_inputs and (score.value is None) == (not is_seen)
        numbers = found.scores
        return self.has_same_inputs and (
            score.value,
            score.low,
            score.high,
            score.standard_error,
            score.degrees_of_freedom,
        ) == (
            numbers.value[place, 0],
            numbers.shown.low[place, 0],
            numbers.shown.high[place, 0],
            numbers.error.se[place, 0],
            numbers.error.df[place, 0],
        )


def made_again(run: ScoreRun) -> MadeAgain | None:
    """Return a run scored again; None where today's code is not the one that made it.

    A fixed number of queries.

    Args:
        run: with what `gather_again` needs.
    """
    if run.code_version != scoring.CODE_VERSION:
        return None
    try:
        [group] = gather_again([run])
    except (scoring.SpecProblem, scoring.InputProblem):
        return None
    [digest] = scoring.digests(group.batch, group.side_ids)
    return MadeAgain(scoring.score_batch(group.batch), digest == run.inputs_digest)


@dataclass(frozen=True, slots=True)
class SideWorkings:
    """One side's part in how sure a number is, named as in the specification."""

    side: int
    coefficient: float
    raters: int
    variance: float
    df: float
    se2: float


@dataclass(frozen=True, slots=True)
class Workings:
    """How the interval of a number comes about.

    Attributes:
        sides: each side's part; empty where a side's may not be shown, since it would follow from
            the others'.
        se: standard error.
        df: degrees of freedom.
        t: how many standard errors the interval reaches to each end.
        level: of the interval, in per cent.
        low: where it begins, before it is cut to 0 and 100.
        high: where it ends.
    """

    sides: tuple[SideWorkings, ...]
    se: float
    df: float
    t: float
    level: float
    low: float
    high: float

    @property
    def se2(self) -> float:
        return self.se * self.se


def workings(again: MadeAgain, score: Score, run: ScoreRun) -> Workings | None:
    """Return the workings of a number; None where it has none, or differs from the stored one.

    Args:
        again: the run made again.
        score: a number of the run.
        run: for the names of the sides.
    """
    if score.value is None or not again.agrees(score):
        return None
    place = again.place(node_of(score))
    scored, found = again.scored, again.scored.now
    confidence = scored.batch.shape.parameters.confidence
    se, df = float(found.scores.error.se[place, 0]), float(found.scores.error.df[place, 0])
    t = float(quantile(np.array([df]), (1 + confidence) / 2)[0])
    return Workings(
        sides=_sides(again, place, run),
        se=se,
        df=df,
        t=t,
        level=100 * confidence,
        low=score.value - t * se,
        high=score.value + t * se,
    )


def _sides(again: MadeAgain, place: int, run: ScoreRun) -> tuple[SideWorkings, ...]:
    found = again.scored.now
    if found.publication.hidden[place, 0].any():
        return ()
    spreads = found.scores.spreads
    return tuple(
        SideWorkings(
            side=side,
            coefficient=float(spreads.coefficient_sum[place, number]),
            raters=int(spreads.raters[place, number]),
            variance=float(spreads.variance[place, number]),
            df=float(spreads.df[place, number]),
            se2=float(spreads.se2[place, number]),
        )
        for number, side in enumerate(run.sides)
        if spreads.raters[place, number] > 0
    )


def why_not_again(run: ScoreRun, again: MadeAgain | None) -> str:
    """Say why a run could not be made again; nothing where it could."""
    if again is not None and again.has_same_inputs:
        return ""
    if run.code_version != scoring.CODE_VERSION:
        return _(
            "The arithmetic has changed since (it was version %(then)s, and is %(now)s), so the "
            "number is shown as it was stored and not worked out again."
        ) % {"then": run.code_version, "now": scoring.CODE_VERSION}
    return differs()


def differs() -> str:
    """Say that a number comes to something else than is stored."""
    return _("Worked out again, it does not give the same: tell whoever runs the product.")
