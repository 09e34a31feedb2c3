"""Scoring cases as JSON: reading their inputs, writing their results.

A case is an alliance's inputs without a database: `params`, `rubric` (with the evidence's values in
it), `sides`, `raters`, `previous_bands`, and `raters_before` for a comparison.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TypeVar

from assessments.scoring.bands import Band
from assessments.scoring.inputs import NOT_APPLICABLE, Answer, InputProblem, Quarter, Rater
from assessments.scoring.results import (
    Agreement,
    Change,
    Gap,
    Interval,
    NodeResult,
    Quality,
    Result,
    Score,
    SideSpread,
    SideView,
)
from assessments.scoring.single import score
from assessments.scoring.spec import (
    BandLimits,
    DimensionSpec,
    EvidenceSpec,
    ItemSpec,
    MetricSpec,
    Parameters,
    PillarSpec,
    RubricSpec,
    SpecProblem,
)

DECIMALS = 6
MORE_THAN = "more than "

Plain = dict[str, object]
Read = TypeVar("Read")


class CaseProblem(ValueError):
    """A file of cases cannot be read; the message names the place and what is expected there."""


@dataclass(frozen=True, slots=True)
class Case:
    """The inputs of one scoring."""

    name: str
    parameters: Parameters
    rubric: RubricSpec
    sides: tuple[str, ...]
    raters: tuple[Rater, ...]
    evidence: Mapping[str, float | None]
    previous_bands: Mapping[str, Band]
    before: Quarter | None


@dataclass(frozen=True, slots=True)
class _Place:
    """A value in the file, and the way to it, so that a complaint can name it."""

    path: str
    value: object

    def problem(self, expected: str) -> CaseProblem:
        found = json.dumps(self.value, ensure_ascii=False, default=str)
        short = found if len(found) <= 60 else found[:57] + "..."
        return CaseProblem(f"{self.path} is {short}; it must be {expected}.")

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def at(self, key: str) -> "_Place":
        mapping = self.mapping()
        if key not in mapping:
            raise CaseProblem(f'{self.path} has no "{key}".')
        return mapping[key]

    def mapping(self) -> dict[str, "_Place"]:
        if not isinstance(self.value, dict):
            raise self.problem("an object")
        return {key: _Place(f"{self.path}.{key}", found) for key, found in self.value.items()}

    def entries(self) -> Iterator["_Place"]:
        if not isinstance(self.value, list):
            raise self.problem("a list")
        for position, found in enumerate(self.value):
            yield _Place(f"{self.path}[{position}]", found)

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value:
            raise self.problem("a text")
        return self.value

    def truth(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.problem("true or false")
        return self.value

    def whole(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.problem("a whole number")
        return self.value

    def exact(self) -> Decimal:
        """Read a number, or a text of decimals, as exactly as it is written."""
        if isinstance(self.value, int | float | str) and not isinstance(self.value, bool):
            try:
                number = Decimal(str(self.value))
            except InvalidOperation:
                raise self.problem("a number") from None
            if number.is_finite():
                return number
        raise self.problem("a number")

    def number(self) -> float:
        return float(self.exact())


def score_cases(text: str) -> Plain:
    """Score every case of a file.

    Args:
        text: JSON, `{"cases": [{"name", "input"}]}`.

    Returns:
        `{"cases": [{"name", "result"}]}`, numbers to 6 decimals.

    Raises:
        CaseProblem: the text is no JSON, or a case is not complete or does not fit together.
    """
    return {
        "cases": [
            {"name": case.name, "result": _or_complain(case.name, partial(_scored, case))}
            for case in read_cases(text)
        ]
    }


def read_cases(text: str) -> list[Case]:
    """Return the cases of a file.

    Raises:
        CaseProblem: the text is no JSON, or a case is not complete or does not fit together.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as problem:
        raise CaseProblem(
            f"The file is not JSON: {problem.msg} in line {problem.lineno}, column {problem.colno}."
        ) from None
    return [_case(place) for place in _Place("file", value).at("cases").entries()]


def _case(place: _Place) -> Case:
    name = place.at("name").text()
    return _or_complain(name, partial(_inputs, name, _Place("input", place.at("input").value)))


def _or_complain(name: str, read: Callable[[], Read]) -> Read:
    """Return what is read; a complaint says in which case."""
    try:
        return read()
    except (CaseProblem, SpecProblem, InputProblem) as problem:
        raise CaseProblem(f'Case "{name}": {problem}') from problem


def _inputs(name: str, place: _Place) -> Case:
    rubric = place.at("rubric")
    evidence = _evidence_values(rubric)
    return Case(
        name=name,
        parameters=_parameters(place.at("params")),
        rubric=_rubric(rubric),
        sides=tuple(side.text() for side in place.at("sides").entries()),
        raters=_raters(place.at("raters")),
        evidence=evidence,
        previous_bands={
            key: _band(band) for key, band in place.at("previous_bands").mapping().items()
        }
        if place.has("previous_bands")
        else {},
        # The form has one value a metric: both quarters have the same evidence.
        before=Quarter(raters=_raters(place.at("raters_before")), evidence=evidence)
        if place.has("raters_before")
        else None,
    )


def _parameters(place: _Place) -> Parameters:
    bands = place.at("bands")
    return Parameters(
        scale_min=place.at("scale_min").whole(),
        scale_max=place.at("scale_max").whole(),
        min_answered_share=_more_than(place.at("min_answered_share")),
        prior_sd=place.at("prior_sd").number(),
        prior_df=place.at("prior_df").number(),
        prior_r=place.at("prior_r").number(),
        confidence=place.at("confidence").number(),
        material_points=place.at("material_points").number(),
        bands=BandLimits(
            amber_from=bands.at("amber_from").number(),
            green_from=bands.at("green_from").number(),
            margin=bands.at("margin").number(),
        ),
        min_side_raters_shown=place.at("min_side_raters_shown").whole(),
        min_total_raters_shown=place.at("min_total_raters_shown").whole(),
        longstring_share=place.at("longstring_share").number(),
        possible_p_below=place.at("possible_p_below").number(),
        equivalence_level=place.at("equivalence_level").number(),
    )


def _more_than(place: _Place) -> Decimal:
    """Read "more than 0.5"; a bare number means the same."""
    if isinstance(place.value, str) and place.value.startswith(MORE_THAN):
        return _Place(place.path, place.value.removeprefix(MORE_THAN).strip()).exact()
    return place.exact()


def _rubric(place: _Place) -> RubricSpec:
    return RubricSpec(
        version=place.at("version").text(),
        pillars=tuple(
            PillarSpec(
                id=pillar.at("id").text(),
                weight=pillar.at("weight").exact(),
                dimensions=tuple(map(_dimension, pillar.at("dimensions").entries())),
            )
            for pillar in place.at("pillars").entries()
        ),
        side_weights={
            side: weight.exact() for side, weight in place.at("side_weights").mapping().items()
        }
        if place.has("side_weights")
        else {},
    )


def _dimension(place: _Place) -> DimensionSpec:
    return DimensionSpec(
        id=place.at("id").text(),
        weight=place.at("weight").exact(),
        items=tuple(
            ItemSpec(
                id=item.at("id").text(),
                weight=item.at("weight").exact(),
                reverse=item.at("reverse").truth() if item.has("reverse") else False,
            )
            for item in place.at("items").entries()
        ),
        evidence=_evidence(place.at("evidence")) if place.has("evidence") else None,
    )


def _evidence(place: _Place) -> EvidenceSpec:
    return EvidenceSpec(
        weight=place.at("weight").exact(),
        metrics=tuple(
            MetricSpec(
                id=metric.at("id").text(),
                floor=metric.at("floor").number(),
                target=metric.at("target").number(),
                weight=metric.at("weight").exact(),
            )
            for metric in place.at("metrics").entries()
        ),
    )


def _evidence_values(rubric: _Place) -> dict[str, float | None]:
    """Read the value of every metric; one that is null or left out is missing."""
    values: dict[str, float | None] = {}
    for pillar in rubric.at("pillars").entries():
        for dimension in pillar.at("dimensions").entries():
            if not dimension.has("evidence"):
                continue
            for metric in dimension.at("evidence").at("metrics").entries():
                name = metric.at("id").text()
                value = metric.at("value").number() if metric.has("value") else None
                if values.setdefault(name, value) != value:
                    raise CaseProblem(f"{metric.path} gives {name} a second value.")
    return values


def _raters(place: _Place) -> tuple[Rater, ...]:
    return tuple(
        Rater(
            id=rater.at("id").text(),
            side=rater.at("side").text(),
            answers={
                item: _answer(answer) for item, answer in rater.at("answers").mapping().items()
            },
            protected=rater.at("protected").truth() if rater.has("protected") else True,
            asked=frozenset(item.text() for item in rater.at("asked").entries())
            if rater.has("asked")
            else None,
        )
        for rater in place.entries()
    )


def _answer(place: _Place) -> Answer:
    if place.value is None:
        return None
    if place.value == NOT_APPLICABLE:
        return NOT_APPLICABLE
    if isinstance(place.value, int) and not isinstance(place.value, bool):
        return place.value
    raise place.problem(f'a level, null or "{NOT_APPLICABLE}"')


def _band(place: _Place) -> Band:
    try:
        return Band(place.text())
    except ValueError:
        raise place.problem("red, amber or green") from None


def _scored(case: Case) -> Plain:
    return result_json(
        score(
            case.parameters,
            case.rubric,
            case.sides,
            case.raters,
            evidence=case.evidence,
            previous_bands=case.previous_bands,
            before=case.before,
        )
    )


def result_json(result: Result) -> Plain:
    """Return a result as the cases write it, numbers to 6 decimals."""
    survey = result.survey
    written: Plain = {
        "rater_dimension": {
            rater: {dimension: _rounded(value) for dimension, value in points.items()}
            for rater, points in survey.raters.items()
        },
        "side_dimension": {
            side: {
                dimension: {"mean": _rounded(mean), "n": len(survey.sides[side][dimension])}
                for dimension, mean in means.items()
            }
            for side, means in survey.means.items()
        },
        "scores": {key: _score_json(node) for key, node in result.nodes.items()},
        "sides": {
            key: {side: _view_json(view) for side, view in node.sides.items()}
            for key, node in result.nodes.items()
        },
        "gaps": {
            key: {gap.name: _gap_json(gap) for gap in node.gaps}
            for key, node in result.nodes.items()
        },
        "agreement": {
            dimension: _agreement_json(found) for dimension, found in result.agreement.items()
        },
        "evidence": {
            dimension: _rounded(found.evidence_says)
            for dimension, found in result.evidence.items()
            if found.evidence_says is not None
        },
        "quality": _quality_json(result.quality),
        "publish": {
            key: {
                "alliance": node.publication.meets_limits,
                "sides_hidden": list(node.publication.sides_hidden),
            }
            for key, node in result.nodes.items()
        },
    }
    if result.before is not None:
        written["before"] = {
            key: {
                "score": _rounded(found.value),
                "ci95": _interval_json(found.shown),
                "band": found.band.value,
            }
            for key, found in result.before.items()
        }
        written["change"] = {
            key: _change_json(node.change)
            for key, node in result.nodes.items()
            if node.change is not None
        }
    return written


def _score_json(node: NodeResult) -> Plain:
    return {
        "status": node.status.value,
        **(_NO_SCORE if node.score is None else _number_json(node.score)),
        "n_by_side": dict(sorted(node.n_by_side.items())),
        "workings": None if node.score is None else _workings_json(node.score),
    }


_NO_SCORE: Plain = dict.fromkeys(
    ("score", "se", "df", "ci95", "band_without_hysteresis", "band", "band_probability")
)


def _number_json(found: Score) -> Plain:
    return {
        "score": _rounded(found.value),
        "se": _rounded(found.se),
        "df": _rounded(found.df),
        "ci95": _interval_json(found.shown),
        "band_without_hysteresis": found.band_without_history.value,
        "band": found.band.value,
        "band_probability": _rounded(found.band_probability),
    }


def _workings_json(found: Score) -> Plain:
    return {
        "coefficients": {
            f"{side}/{dimension}": _rounded(coefficient)
            for side, dimensions in found.coefficients.items()
            for dimension, coefficient in dimensions.items()
        },
        "by_side": {side: _spread_json(spread) for side, spread in sorted(found.spreads.items())},
    }


def _spread_json(spread: SideSpread) -> Plain:
    return {
        "A": _rounded(spread.coefficient_sum),
        "z": {rater: _rounded(value) for rater, value in spread.z.items()},
        "V": _rounded(spread.variance),
        "se2": _rounded(spread.se2),
        "df": _rounded(spread.df),
    }


def _view_json(view: SideView) -> Plain:
    return {
        "score": _rounded(view.value),
        "se": _rounded(view.se),
        "df": _rounded(view.df),
        "ci95": _interval_json(view.shown),
        "n": view.n,
    }


def _gap_json(gap: Gap) -> Plain:
    written: Plain = {
        "gap": _rounded(gap.value),
        "se": _rounded(gap.se),
        "df": _rounded(gap.df),
        "ci95": _interval_json(gap.interval),
        "p": _rounded(gap.p),
        "flag": gap.verdict.value,
    }
    if gap.p_holm is not None:
        written["p_holm"] = _rounded(gap.p_holm)
    return written


def _agreement_json(found: Agreement) -> Plain:
    return {
        "within_sides_rwg_star": _rounded(found.within_sides),
        "mean_within_item_variance": _rounded(found.mean_item_variance),
        "all_raters_rwg_star": _rounded(found.all_raters),
        "all_raters_rwg_j": _rounded(found.all_raters_j),
        "all_raters_ad_mean": _rounded(found.mean_deviation),
        "label": found.word.value,
    }


def _quality_json(found: Quality) -> Plain:
    return {
        "straight_lining": [
            {"rater": line.rater, "longest_run": line.longest_run, "items": line.items}
            for line in found.straight_lining
        ],
        "answered": dict(found.answered),
        "not_applicable": dict(found.not_applicable),
    }


def _change_json(found: Change) -> Plain:
    return {
        "change": _rounded(found.value),
        "se": _rounded(found.se),
        "df": _rounded(found.df),
        "ci95": _interval_json(found.interval),
        "p": _rounded(found.p),
        "flag": found.verdict.value,
        "by_side": {
            side: {
                "change": _rounded(part.value),
                "n_before": part.n_before,
                "n_after": part.n_after,
                "n_both": part.n_both,
                "covariance": _rounded(part.covariance),
                "se2": _rounded(part.se2),
                "df": _rounded(part.df),
            }
            for side, part in sorted(found.by_side.items())
        },
    }


def _interval_json(found: Interval) -> list[float | None]:
    return [_rounded(found.low), _rounded(found.high)]


def _rounded(number: float | None) -> float | None:
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    return None if number is None else round(number, DECIMALS) + 0.0
