"""A manager answers in the browser, an administrator closes the cycle, and the score has moved."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Person
from assessments.models import Response, Score
from assessments.operations import cycles, scores
from tests.factories.scenes import answer_all, open_cycle, shipped_rubric, staffed_alliance
from tests.journeys.steps import PASSWORD, administrator, sign_in, sign_out
from tests.running import Site, wait_for

A_QUARTER_AGO = datetime.now(UTC) - timedelta(days=91)


def _given_a_quarter_of_middling_answers(alliance: Alliance) -> None:
    cycle = open_cycle(shipped_rubric(), [alliance], name="2026 Q2", now=A_QUARTER_AGO)
    answer_all(cycle, level=3)
    cycles.close_cycle(cycle=cycle, by=None, now=A_QUARTER_AGO)
    assert scores.score_due(now=A_QUARTER_AGO) == 1


def _given_all_have_answered_better_but_the_manager(alliance: Alliance) -> Response:
    cycle = open_cycle(shipped_rubric(), [alliance], name="2026 Q3")
    [waiting] = Response.objects.filter(
        assessment__cycle=cycle, role="manager", organisation__short_name="Arno"
    )
    answer_all(cycle, level=4, but=[waiting])
    return waiting


def _answer_everything_by_keyboard(page: Page) -> int:
    answered = 0
    while page.get_by_role("button", name="Save and continue").count():
        for question in page.locator("fieldset[data-levels]").all():
            question.locator("input").first.focus()
            page.keyboard.press("5")
            answered += 1
        page.get_by_role("button", name="Save and continue").click()
        page.wait_for_load_state()
    return answered


def test_managers_answers_change_the_score_when_the_cycle_closes(
    site: Site, strict_page: Page
) -> None:
    page, alliance = strict_page, staffed_alliance()
    _given_a_quarter_of_middling_answers(alliance)
    waiting = _given_all_have_answered_better_but_the_manager(alliance)
    manager = User.objects.create_user("ines@example.com", PASSWORD, name="Ines Moreau")
    Person.objects.filter(pk=waiting.person_id).update(user=manager)
    before = Score.objects.get(node_kind="overall").value
    site.start("web", "worker", "beat")

    sign_in(page, site, manager)
    page.get_by_role("link", name="My questionnaires").first.click()
    page.get_by_role("link", name="Cobalt").first.click()
    expect(page.get_by_text("you answer by name")).to_be_visible()
    page.get_by_role("link", name="Start").click()
    answered = _answer_everything_by_keyboard(page)
    # Thirteen questions; four are asked about both organisations, OA-11 of three or more only.
    assert answered == 13 + 5
    page.get_by_role("button", name="Submit my answers").click()
    expect(page.get_by_role("heading", name="Your answers are submitted")).to_be_visible()
    sign_out(page, manager)

    sign_in(page, site, administrator())
    page.get_by_role("link", name="Cycles").first.click()
    page.get_by_role("link", name="2026 Q3").click()
    expect(page.get_by_text("16 of 16 have answered")).to_be_visible()
    page.get_by_role("link", name="Close the cycle").click()
    page.get_by_role("button", name="Close").click()
    wait_for(lambda: Score.objects.filter(run__assessment__cycle__name="2026 Q3").exists())

    page.goto(f"{site.url}/alliances/{alliance.pk}/")
    after = Score.objects.get(run__assessment__cycle__name="2026 Q3", node_kind="overall").value
    assert before is not None
    assert after is not None
    assert after > before
    expect(page.locator("#overall ~ *, .score--lg").first).to_be_visible()
    expect(page.locator(".score--lg .score__value")).to_have_text(str(round(after)))
    expect(page.get_by_text("points since 2026 Q2: a real improvement")).to_be_visible()
