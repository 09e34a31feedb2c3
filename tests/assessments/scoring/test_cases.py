import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assessments.scoring import CaseProblem, score_cases

WORKED = Path(__file__).with_name("worked.json")


def worked() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(WORKED.read_text(encoding="utf-8"))["cases"]
    return cases


def scored(*cases: dict[str, Any]) -> list[Any]:
    found: Any = score_cases(json.dumps({"cases": cases}))
    return [case["result"] for case in found["cases"]]


def test_worked_cases_are_met_to_6_decimals() -> None:
    cases = worked()

    assert score_cases(WORKED.read_text(encoding="utf-8")) == {
        "cases": [{"name": case["name"], "result": case["expected"]} for case in cases]
    }
    assert len(cases) == 2


def test_cases_write_a_node_without_a_number_as_insufficient() -> None:
    case = worked()[0]
    case["input"]["raters"] = [
        rater for rater in case["input"]["raters"] if rater["side"] == "north"
    ]

    (result,) = scored(case)

    assert result["scores"]["overall"] == {
        "status": "insufficient",
        "score": None,
        "se": None,
        "df": None,
        "ci95": None,
        "band_without_hysteresis": None,
        "band": None,
        "band_probability": None,
        "n_by_side": {},
        "workings": None,
    }
    assert result["publish"]["overall"] == {"alliance": False, "sides_hidden": []}
    assert result["gaps"]["overall"] == {}


def test_cases_leave_out_evidence_that_is_missing() -> None:
    case = worked()[0]
    metrics = case["input"]["rubric"]["pillars"][0]["dimensions"][0]["evidence"]["metrics"]
    metrics[0]["value"] = None
    del metrics[1]["value"]

    (result,) = scored(case)

    assert result["evidence"] == {}
    assert result["scores"]["dimension:alignment"]["score"] == 60.069444


def test_cases_may_name_raters_what_they_were_asked_and_sides_weights() -> None:
    case = worked()[0]
    case["input"]["rubric"]["side_weights"] = {"north": "2"}
    case["input"]["params"]["min_answered_share"] = 0.5
    for rater in case["input"]["raters"]:
        rater["protected"] = False
        rater["asked"] = list(rater["answers"])

    (result,) = scored(case)

    assert result["scores"]["dimension:sponsor"]["score"] == pytest.approx(
        (2 * 83.333333 + 52.777778) / 3, abs=1e-6
    )
    assert result["publish"]["overall"] == {"alliance": True, "sides_hidden": []}


def _set(*path: str | int) -> Callable[[dict[str, Any], Any], None]:
    def change(case: dict[str, Any], value: Any) -> None:
        place: Any = case
        for step in path[:-1]:
            place = place[step]
        if value is _ABSENT:
            del place[path[-1]]
        else:
            place[path[-1]] = value

    return change


_ABSENT = object()
_FIRST_DIMENSION = ("input", "rubric", "pillars", 0, "dimensions", 0)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("input", "params"), _ABSENT, 'input has no "params".'),
        (("input", "params", "prior_sd"), _ABSENT, 'input.params has no "prior_sd".'),
        (
            ("input", "params", "prior_sd"),
            "wide",
            'input.params.prior_sd is "wide"; it must be a number.',
        ),
        (("input", "params", "prior_sd"), True, "input.params.prior_sd is true; it must be"),
        (("input", "params", "prior_sd"), "NaN", "it must be a number"),
        (("input", "params", "prior_sd"), -1, "prior_sd is -1.0; it must be above 0."),
        (("input", "params", "scale_max"), 5.5, "it must be a whole number."),
        (("input", "params", "min_answered_share"), "half", 'is "half"; it must be a number.'),
        (("input", "rubric", "pillars"), {}, "input.rubric.pillars is {}; it must be a list."),
        (
            (*_FIRST_DIMENSION, "items", 1, "weight"),
            "0",
            "The weight of item a2 is 0; it must be above 0",
        ),
        (
            (*_FIRST_DIMENSION, "items", 1, "reverse"),
            "no",
            "input.rubric.pillars[0].dimensions[0].items[1].reverse is",
        ),
        (
            (*_FIRST_DIMENSION, "evidence", "metrics", 1, "id"),
            "joint objectives on track",
            "gives joint objectives on track a second value.",
        ),
        (("input", "sides"), ["north"], "An alliance has two sides or more"),
        (("input", "raters", 0), "n1", 'input.raters[0] is "n1"; it must be an object.'),
        (("input", "raters", 0, "id"), "", 'input.raters[0].id is ""; it must be a text.'),
        (
            ("input", "raters", 0, "answers", "a1"),
            "4",
            'input.raters[0].answers.a1 is "4"; it must be a level, null or "NA".',
        ),
        (("input", "raters", 0, "answers", "a1"), 7, "Rater n1 answered 7 to a1"),
        (("input", "previous_bands", "overall"), "blue", "it must be red, amber or green."),
    ],
)
def test_cases_complain_by_name_and_place(
    path: tuple[str | int, ...], value: Any, sentence: str
) -> None:
    case = copy.deepcopy(worked()[0])
    _set(*path)(case, value)

    with pytest.raises(CaseProblem) as refused:
        scored(case)

    assert str(refused.value).startswith('Case "1 two organisations, blanks, N/A, evidence": ')
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "The file is not JSON:"),
        ("[]", "file is []; it must be an object."),
        ("{}", 'file has no "cases".'),
        ('{"cases": [{}]}', 'file.cases[0] has no "name".'),
        ('{"cases": [{"name": "x"}]}', 'file.cases[0] has no "input".'),
    ],
)
def test_cases_complain_about_the_file(text: str, sentence: str) -> None:
    with pytest.raises(CaseProblem) as refused:
        score_cases(text)

    assert sentence in str(refused.value)
