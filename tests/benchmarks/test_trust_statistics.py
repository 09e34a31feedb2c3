"""Whether the figures can be trusted: against another library, and against what they promise.

Pingouin is asked for the same statistics of the same answers; samples of real groups show how often
an interval covers the truth, and how often a gap is called clear where there is none.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import mean

import numpy as np
import pandas as pd
import pingouin
import pytest
from statsmodels.multivariate.factor import Factor

from assessments import scoring
from assessments.scoring import Rater
from assessments.scoring.reliability import FEWEST_SIDES, alpha, omega
from tests import draws, survey

# Between pingouin and pandas; nothing of ours.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.dropna")

DIGITS = 1e-9
DRAWS_PER_CASE = 5  # of 10,000 cases, 2,000 draws
FEWEST_COVERED = 0.94
MOST_CALLED_CLEAR = 0.05
BALANCED = 4


@pytest.fixture(scope="module", autouse=True)
def _source() -> None:
    print(f"\nOn {draws.SOURCE}: {survey.RESPONDENTS:,} people in {len(survey.ALLIANCES)} groups")


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    """Everybody who answered everything: a row a rater, with group and side."""
    table = pd.DataFrame(survey.ROWS)
    table["level"] = pd.to_numeric(table["level"], errors="coerce")
    return (
        table.pivot_table(
            index=["alliance", "organisation", "respondent"], columns="question", values="level"
        )
        .dropna()
        .reset_index()
    )


@pytest.fixture(scope="module")
def items(answers: pd.DataFrame) -> list[str]:
    return [name for name in answers.columns if name in {row["question"] for row in survey.ROWS}]


def _side(answers: pd.DataFrame) -> "pd.Series[str]":
    return answers["alliance"] + " " + answers["organisation"]


def _told(what: str, ours: float, theirs: float, limit: float = DIGITS) -> None:
    print(
        f"  {what:<44} ours {ours:10.6f}   theirs {theirs:10.6f}   apart {abs(ours - theirs):.1e}"
    )
    assert ours == pytest.approx(theirs, abs=limit)


def test_alpha_is_that_of_pingouin(answers: pd.DataFrame, items: list[str]) -> None:
    found = alpha(answers[items].to_numpy(dtype=float))

    assert found is not None
    _told("alpha (pingouin)", found, float(pingouin.cronbach_alpha(data=answers[items])[0]))


def test_omega_is_that_of_the_factor_of_statsmodels(
    answers: pd.DataFrame, items: list[str]
) -> None:
    """Pingouin has no omega; statsmodels finds the factor by principal axes."""
    levels = answers[items].to_numpy(dtype=float)
    found = omega(levels)
    fitted = Factor(corr=np.corrcoef(levels, rowvar=False), n_factor=1, method="pa")
    loading = np.abs(fitted.fit(maxiter=5_000, tol=1e-12).loadings.ravel())
    sd = levels.std(axis=0, ddof=1)
    common = (loading @ sd) ** 2

    assert found is not None
    _told(
        "omega (factor by statsmodels)",
        found,
        float(common / (common + ((1 - loading**2) * sd**2).sum())),
        1e-6,
    )


def _icc(answers: pd.DataFrame, items: list[str]) -> scoring.Reliability:
    side = np.unique(_side(answers), return_inverse=True)[1]
    return scoring.reliability(
        answers[items].to_numpy(dtype=float), np.ones(len(items)), side.astype(np.int64)
    )


def test_icc_of_equal_sides_is_that_of_pingouin(answers: pd.DataFrame, items: list[str]) -> None:
    sides = answers.groupby(_side(answers))
    drawn = sides.filter(lambda own: len(own) >= BALANCED).groupby(_side(answers)).head(BALANCED)
    if _side(drawn).nunique() < FEWEST_SIDES:
        print(f"  ICC: this file has {_side(drawn).nunique()} sides of {BALANCED}; none is told")
        assert _icc(drawn, items).icc1 is None
        return
    table = pd.DataFrame(
        {
            "side": _side(drawn),
            "rater": drawn.groupby(_side(drawn)).cumcount(),
            "mean": drawn[items].mean(axis=1),
        }
    )
    theirs = pingouin.intraclass_corr(data=table, targets="side", raters="rater", ratings="mean")
    by_type = dict(zip(theirs["Type"], theirs["ICC"], strict=True))
    ours = _icc(drawn, items)

    assert ours.icc1 is not None
    assert ours.icc2 is not None
    _told(f"ICC(1), {BALANCED} raters a side (pingouin)", ours.icc1, float(by_type["ICC(1,1)"]))
    _told(f"ICC(2), {BALANCED} raters a side (pingouin)", ours.icc2, float(by_type["ICC(1,k)"]))


def test_icc_of_unequal_sides_rests_on_the_squares_of_pingouin(
    answers: pd.DataFrame, items: list[str]
) -> None:
    ours = _icc(answers, items)
    if ours.icc1 is None or ours.icc2 is None:
        print(f"  ICC: this file has {ours.sides} sides; none is told below {FEWEST_SIDES}")
        assert ours.sides < FEWEST_SIDES
        return
    table = pd.DataFrame({"side": _side(answers), "mean": answers[items].mean(axis=1)})
    between, within = pingouin.anova(data=table, dv="mean", between="side", detailed=True)["MS"]
    sizes = table["side"].value_counts().to_numpy()
    size = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / (len(sizes) - 1)

    theirs = float((between - within) / (between + (size - 1) * within))
    _told(f"ICC(1), {len(sizes)} sides (pingouin's ANOVA)", ours.icc1, theirs)
    _told("ICC(2), the same", ours.icc2, float((between - within) / between))


def test_agreement_is_that_of_the_variances_of_pingouin(
    answers: pd.DataFrame, items: list[str]
) -> None:
    """Pingouin has no r*_wg; its analysis of variance has each item's variance within sides."""
    [dimension] = draws.tree().dimensions
    furthest, groups = 0.0, 0
    for name, own in answers.groupby("alliance"):
        result = scoring.score(
            draws.PARAMETERS,
            draws.tree(),
            sorted(set(own["organisation"])),
            [
                Rater(
                    row["respondent"], row["organisation"], {item: int(row[item]) for item in items}
                )
                for row in own.to_dict("records")
            ],
        )
        ours = result.agreement[dimension.id].within_sides
        variances = [
            pingouin.anova(data=own, dv=item, between="organisation", detailed=True)["MS"].iloc[1]
            for item in items
            if own[item].nunique() > 1
        ]
        theirs = 1 - float(sum(variances)) / len(items) / 2
        assert ours == pytest.approx(theirs, abs=DIGITS), name
        furthest, groups = max(furthest, abs((ours or 0) - theirs)), groups + 1
    print(f"  r*_wg of {groups} groups (pingouin's variances): furthest apart {furthest:.1e}")
    assert groups == len(survey.ALLIANCES)


@pytest.mark.timeout(0)
def test_intervals_cover_the_truth_and_clear_gaps_are_seldom_false(
    request: pytest.FixtureRequest,
) -> None:
    number = request.config.getoption("--cases") // DRAWS_PER_CASE
    found = list(draws.draws(number, seed=2026))

    print(f"\n  {len(found):,} draws of 1 to {draws.MOST_RATERS} raters a side from one group:")
    print("  fewer raters of a side   draws   covered   mean width   called clear   possible")
    by_size: dict[int, list[draws.Draw]] = defaultdict(list)
    for draw in found:
        by_size[min(draw.raters)].append(draw)
    for size in sorted(by_size):
        print(f"  {size:>22}   {_row(by_size[size])}")
    print(f"  {'all':>22}   {_row(found)}")
    assert _share(found, lambda draw: draw.covers) >= FEWEST_COVERED
    assert _share(found, lambda draw: draw.gap == "clear") <= MOST_CALLED_CLEAR


def _share(found: Sequence[draws.Draw], what: Callable[[draws.Draw], bool]) -> float:
    return mean(map(what, found))


def _row(found: Sequence[draws.Draw]) -> str:
    return (
        f"{len(found):>5,}   {_share(found, lambda draw: draw.covers):>7.1%}"
        f"   {mean(draw.high - draw.low for draw in found):>10.1f}"
        f"   {_share(found, lambda draw: draw.gap == 'clear'):>12.1%}"
        f"   {_share(found, lambda draw: draw.gap == 'possible'):>8.1%}"
    )
