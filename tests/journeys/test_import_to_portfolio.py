"""A survey made elsewhere comes in by command, is scored by the worker, and is seen."""

import csv
import subprocess
from collections import defaultdict

import pytest
from playwright.sync_api import Page, expect

from alliance_health.local import paths
from alliance_health.local.processes import python
from assessments.models import Score, ScoreRun
from tests.factories.scenes import RUBRICS
from tests.journeys.steps import administrator, sign_in
from tests.running import Site, wait_for

ANSWERS = paths.PROJECT_DIR.parent / "shared" / "data" / "leadership_answers.csv"


def _manage(site: Site, *command: str) -> str:
    result = subprocess.run(
        python("manage.py", *command),
        cwd=paths.PROJECT_DIR,
        env=site.environment(),
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def _by_hand(alliance: str) -> float:
    """The overall score of an alliance: mean of sides, of raters, of their answers in points."""
    levels: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    with ANSWERS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["alliance"] == alliance:
                levels[row["organisation"]][row["respondent"]].append(int(row["level"]))
    sides = [
        sum(25 * (sum(own) / len(own) - 1) for own in raters.values()) / len(raters)
        for raters in levels.values()
    ]
    return sum(sides) / len(sides)


def test_survey_made_elsewhere_is_scored_and_stands_on_the_portfolio(
    site: Site, strict_page: Page
) -> None:
    if not ANSWERS.exists():
        pytest.fail(f"The real answers are missing: lay them at {ANSWERS}.")
    page = strict_page
    site.start("web", "worker", "beat")

    _manage(site, "load_rubric", str(RUBRICS / "leadership_climate.yaml"))
    said = _manage(
        site, "import_answers", str(ANSWERS), "--rubric", "leadership-climate", "--cycle", "Real"
    )
    assert said.startswith("Real: 11,000 answers of 1,000 respondents in 25 alliances are in")
    wait_for(lambda: ScoreRun.objects.filter(reason="close").count() == 25, seconds=60)

    sign_in(page, site, administrator())
    expect(page.get_by_role("heading", name="Leadership climate")).to_be_visible()
    rows = page.get_by_role("rowheader").get_by_role("link")
    assert rows.count() == 25
    name = rows.first.inner_text()
    rows.first.click()

    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    stored = Score.objects.get(run__assessment__alliance__name=name, node_kind="overall")
    assert stored.value == pytest.approx(_by_hand(name), abs=1e-9)
    expect(page.locator(".score--lg .score__value")).to_have_text(str(round(_by_hand(name))))
