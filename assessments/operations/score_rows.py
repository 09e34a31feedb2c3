"""What of a scoring may be shown, as rows. What must stay inside is not stored."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assessments import scoring
from assessments.models import NodeKind
from assessments.operations.copying import Table, Values, copy_rows
from assessments.scoring.columns import Floats, Marks

_KINDS = {kind.value: place for place, kind in enumerate(NodeKind)}
_STATUSES = list(scoring.Status)


def keep(runs: Sequence[int], scored: scoring.Scored) -> None:
    """Write the scores of a batch.

    Args:
        runs: key of each assessment's run, in the batch's order.
        scored: its results.
    """
    if runs:
        copy_rows("assessments_score", columns(runs, scored))


def columns(runs: Sequence[int], scored: scoring.Scored) -> dict[str, Values | Table]:
    """Return the scores of a batch as the table's columns, by name; nothing is written.

    Args:
        runs: key of each assessment's run, in the batch's order.
        scored: its results.
    """
    return _Rows(scored).columns(np.array(runs, dtype=np.int64))


class _Rows:
    """Rows of every node and assessment, node by node."""

    def __init__(self, scored: scoring.Scored) -> None:
        self._scored = scored
        self._nodes = scored.batch.shape.rubric.nodes
        self._size = scored.batch.size
        now = scored.now
        # A row without a number says no more than that there is none.
        self._unseen = ~(now.there.there & now.publication.is_shown)
        self._is_dimension = np.zeros(self._unseen.shape, dtype=np.bool_)
        self._is_dimension[: scored.batch.shape.dimensions] = True

    def columns(self, runs: NDArray[np.int64]) -> dict[str, Values | Table]:
        """Return the table's columns by name."""
        scored, found = self._scored, self._scored.now.scores
        nodes = len(self._nodes)
        kinds = np.array([_KINDS[node.kind.value] for node in self._nodes])
        keys = np.array([node.id.encode() for node in self._nodes], dtype=np.bytes_)
        raters = scored.now.publication.raters.sum(axis=-1)
        columns: dict[str, Values | Table] = {
            "run_id": Values("bigint", np.tile(runs, nodes)),
            "node_kind": Values("smallint", kinds.repeat(self._size)),
            "node_key": Values("text", keys.repeat(self._size)),
            "status": self._always("smallint", self._status()),
            "value": self._shown("float8", found.value),
            "low": self._shown("float8", found.shown.low),
            "high": self._shown("float8", found.shown.high),
            "standard_error": self._shown("float8", found.error.se),
            "degrees_of_freedom": self._shown("float8", found.error.df),
            "raters": self._always("smallint", np.where(self._unseen, 0, raters)),
            **self._bands(),
            "band_probability": self._shown("float8", found.band_probability),
            "is_provisional": self._always("boolean", found.is_provisional & ~self._unseen),
            **self._dimensions(),
            "sides": self._sides(),
            "gaps": self._gaps(),
            **self._changes(),
        }
        return columns

    def _always(self, kind: str, values: NDArray[Any]) -> Values:
        return Values(kind, values.reshape(-1))

    def _shown(self, kind: str, values: NDArray[Any], missing: Marks | None = None) -> Values:
        empty = self._unseen if missing is None else self._unseen | missing
        return Values(kind, values.reshape(-1), empty.reshape(-1))

    def _status(self) -> NDArray[np.int64]:
        return np.select(
            [self._unseen, self._scored.is_complete],
            [
                _STATUSES.index(scoring.Status.INSUFFICIENT),
                _STATUSES.index(scoring.Status.OK),
            ],
            _STATUSES.index(scoring.Status.INCOMPLETE),
        )

    def _bands(self) -> dict[str, Values | Table]:
        """Return the band that is shown, and what holds it back."""
        batch, band = self._scored.batch, self._scored.now.scores.band
        is_free = ~scoring.held_back(band, batch.caps)
        return {
            "band": self._shown("smallint", scoring.shown_band(band, batch.caps)),
            "gate": self._shown("smallint", batch.cap_reasons, is_free),
            "band_by_number": self._shown("smallint", band, is_free),
        }

    def _dimensions(self) -> dict[str, Values | Table]:
        """Return what only dimensions have: agreement, and people and evidence apart."""
        scored = self._scored
        agreement = scored.agreement
        chance = self._of_all(agreement.could_be_chance.astype(np.float64)) > 0
        evidence = self._of_all(scored.now.evidence.value)
        above = ~self._is_dimension
        within = self._of_all(agreement.within_sides)
        return {
            "survey_value": self._shown("float8", self._of_all(scored.now.people_say), above),
            "evidence_value": self._shown("float8", evidence, above | np.isnan(evidence)),
            "agreement": self._shown("float8", within, above | np.isnan(within)),
            "agreement_word": self._shown("smallint", self._of_all(agreement.word), above),
            "agreement_could_be_chance": self._always("boolean", chance & ~self._unseen),
        }

    def _of_all(self, values: NDArray[Any]) -> Floats:
        """Return a column of dimensions as one of all nodes; not a number above them."""
        found = np.full(self._unseen.shape, np.nan)
        found[: len(values)] = values
        return found

    def _sides(self) -> Table:
        views, hidden = self._scored.views, self._scored.now.publication.hidden
        numbers = (
            views.value,
            views.shown.low,
            views.shown.high,
            views.raters,
            views.is_incomplete.astype(np.float64),
        )
        return self._table(numbers, np.isnan(views.value) | hidden)

    def _gaps(self) -> Table:
        found, views = self._scored.gaps, self._scored.views
        hidden = self._scored.now.publication.hidden & np.isfinite(views.value)
        numbers = (
            found.value,
            found.interval.low,
            found.interval.high,
            found.p_holm,
            found.verdict.astype(np.float64),
        )
        inside = ~np.moveaxis(found.is_there, 0, -1) | hidden.any(axis=-1, keepdims=True)
        return self._table([np.moveaxis(column, 0, -1) for column in numbers], inside)

    def _table(self, numbers: Sequence[Floats], missing: Marks) -> Table:
        sides = missing.shape[-1]
        values = np.stack(numbers, axis=-1)
        return Table(values.reshape(-1, sides, len(numbers)), missing.reshape(-1, sides))

    def _changes(self) -> dict[str, Values | Table]:
        found = self._scored.changes
        if found is None:
            return {}
        inside = ~self._scored.change_is_shown
        returning = inside | ~found.returning_tells_nobody | np.isnan(found.returning_only)
        both = found.by_side.n_both.sum(axis=-1)
        return {
            "change_points": self._shown("float8", found.value, inside),
            "change_low": self._shown("float8", found.interval.low, inside),
            "change_high": self._shown("float8", found.interval.high, inside),
            "change_p_value": self._shown("float8", found.p, inside),
            "change_verdict": self._shown("smallint", found.verdict, inside),
            "change_returning": self._shown("float8", found.returning_only, returning),
            "change_raters_both": self._shown("smallint", both, inside),
        }
