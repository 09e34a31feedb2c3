"""A survey made elsewhere comes in by command, is scored by the worker, and is seen."""

import subprocess

import pytest
from playwright.sync_api import Page, expect

from alliance_health.local import paths
from alliance_health.local.processes import python
from assessments.models import CycleQuality, Score, ScoreRun
from assessments.scoring import FEWEST_ALLIANCES
from tests import survey
from tests.factories.scenes import RUBRICS
from tests.journeys.steps import administrator, sign_in
from tests.running import Site, wait_for

IS_MANY = len(survey.ALLIANCES) >= FEWEST_ALLIANCES


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


def test_survey_made_elsewhere_is_scored_and_stands_on_the_portfolio(
    site: Site, strict_page: Page
) -> None:
    page = strict_page
    site.start("web", "worker", "beat")

    _manage(site, "load_rubric", str(RUBRICS / "leadership_climate.yaml"))
    said = _manage(
        site,
        *("import_answers", str(survey.FILE)),
        *("--rubric", "leadership-climate", "--cycle", "Elsewhere"),
    )
    assert said.startswith(
        f"Elsewhere: {len(survey.ROWS):,} answers of {survey.RESPONDENTS:,} respondents in "
        f"{len(survey.ALLIANCES)} alliances are in"
    )
    wait_for(
        lambda: ScoreRun.objects.filter(reason="close").count() == len(survey.ALLIANCES),
        seconds=60,
    )

    sign_in(page, site, administrator())
    expect(page.get_by_role("heading", name="Leadership climate")).to_be_visible()
    rows = page.get_by_role("rowheader").get_by_role("link")
    assert rows.count() == len(survey.ALLIANCES)
    expect(page.get_by_text("Places count from the lowest of")).to_have_count(int(IS_MANY))
    expect(page.get_by_role("cell", name=f" of {len(survey.ALLIANCES)}").first).to_be_visible(
        visible=IS_MANY
    )
    name = rows.first.inner_text()
    rows.first.click()

    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    stored = Score.objects.get(run__assessment__alliance__name=name, node_kind="overall")
    assert stored.value == pytest.approx(survey.overall(name), abs=1e-9)
    expect(page.locator(".score--lg .score__value")).to_have_text(str(round(survey.overall(name))))

    page.goto(f"{site.url}/rubrics/")
    page.get_by_role("link", name="Leadership climate").click()
    expect(page.get_by_role("heading", name="How well it measured")).to_be_visible()
    if not IS_MANY:  # the example of the documentation, where the real answers are not at hand
        expect(page.get_by_text("Fewer than 30 people have answered")).to_be_visible()
        return
    wait_for(CycleQuality.objects.exists, seconds=60)
    page.reload()
    expect(
        page.get_by_text(f"Elsewhere: {survey.RESPONDENTS:,} people").or_(
            page.get_by_text(f"Elsewhere: {survey.RESPONDENTS} people")
        )
    ).to_be_visible()
    expect(page.get_by_text("Good: the questions belong together.")).to_be_visible()
