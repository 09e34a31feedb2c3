"""Every page of the demonstration, wide and narrow, light and dark: seen, and without a fault.

Screenshots go to .local/screens/, to be looked at; they are not committed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from alliance_health.local import paths
from assessments.management.demo import sign_ins
from tests.running import Site

pytestmark = pytest.mark.django_db  # asks for the database; the tests themselves only look
SCREENS = paths.PROJECT_DIR / ".local" / "screens"
WIDTHS = {"wide": 1440, "phone": 390}
THEMES = ("light", "dark")
LOOKS = [(width, theme) for width in WIDTHS for theme in THEMES]


@dataclass(frozen=True, slots=True)
class Stop:
    """A page to look at: its name, and the way to it from pages seen before."""

    name: str
    path: str
    follow: tuple[str, ...] = ()  # patterns of links to follow, one after the other
    is_last: bool = False  # of several links of a pattern, the last
    unfold: tuple[str, ...] = ()  # what to click there first, so that it is seen


ADMINISTRATOR = (
    Stop("portfolio", "/portfolio/"),
    Stop("alliance", "/portfolio/", (r"^/alliances/\d+/$",)),
    Stop("warnings", "/signals/"),
    Stop("warning", "/signals/", (r"^/signals/\d+/$",)),
    Stop("why", "/portfolio/", (r"^/alliances/\d+/$", r"^/alliances/\d+/why/$")),
    Stop(
        "why-dimension",
        "/portfolio/",
        (r"^/alliances/\d+/$", r"^/alliances/\d+/why/dimension/sponsor-presence/$"),
    ),
    Stop("cycles", "/cycles/"),
    Stop("cycle", "/cycles/", (r"^/cycles/\d+/$",)),
    Stop("close-cycle", "/cycles/", (r"^/cycles/\d+/$", r"/close/$")),
    Stop("draft", "/cycles/", (r"^/cycles/\d+/$",), is_last=True),
    Stop("new-cycle", "/cycles/new/"),
    Stop("jobs", "/operations/"),
    Stop("my-questionnaires-none", "/questionnaires/"),
    Stop("rubrics", "/rubrics/"),
    Stop("rubric", "/rubrics/", (r"^/rubrics/\d+/$",), unfold=("Question by question",)),
    Stop("register", "/register/"),
    Stop("register-alliance", "/register/", (r"^/register/alliances/\d+/$",)),
    Stop("not-there", "/nowhere/"),
)
TEAM_MEMBER = (
    Stop("my-questionnaires", "/questionnaires/"),
    Stop("questionnaire-review", "/questionnaires/", (r"^/questionnaires/[0-9a-f-]{36}/$",)),
    Stop(
        "questionnaire",
        "/questionnaires/",
        (r"^/questionnaires/[0-9a-f-]{36}/$", r"/shared-objectives/$"),
    ),
)
VISITOR = (Stop("sign-in", "/accounts/login/"), Stop("forgotten", "/accounts/password/reset/"))


@pytest.fixture(params=LOOKS, ids=[f"{width}-{theme}" for width, theme in LOOKS])
def look(
    request: pytest.FixtureRequest, browser: Browser, demo_site: Site
) -> Iterator[tuple[str, BrowserContext]]:
    width, theme = request.param
    context = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 900}, base_url=demo_site.url
    )
    context.add_cookies([{"name": "theme", "value": theme, "url": demo_site.url}])
    yield f"{width}-{theme}", context
    context.close()


def _sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(sign_ins.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/portfolio/")


def _go(page: Page, stop: Stop) -> None:
    page.goto(stop.path)
    for pattern in stop.follow:
        links = [
            href
            for link in page.locator("main a[href]").all()
            if (href := link.get_attribute("href")) and re.search(pattern, href)
        ]
        assert links, f"{page.url} has no link like {pattern}"
        page.goto(links[-1 if stop.is_last else 0])


def _faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands: accessibility, and width."""
    found = [
        f"{page.url} {violation['id']}: {violation['nodes'][0]['html'][:200]}"
        for violation in Axe().run(page).response["violations"]
    ]
    too_wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if too_wide > 0:
        found.append(f"{page.url} is {too_wide} px wider than the window")
    return found


def _look_at(context: BrowserContext, name: str, stops: tuple[Stop, ...], email: str = "") -> None:
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: (
            faults.append(f"{page.url}: {said.text}")
            if said.type == "error" and "404" not in said.text
            else None
        ),
    )
    if email:
        _sign_in(page, email)
    SCREENS.mkdir(parents=True, exist_ok=True)
    for stop in stops:
        _go(page, stop)
        for words in stop.unfold:
            page.get_by_text(words).first.click()
        page.screenshot(path=SCREENS / f"{stop.name}-{name}.png", full_page=True)
        faults += _faults(page)
    assert faults == []


def test_pages_of_an_administrator(look: tuple[str, BrowserContext]) -> None:
    name, context = look
    _look_at(context, name, ADMINISTRATOR, sign_ins.ADMINISTRATOR.email)


def test_pages_of_a_team_member(look: tuple[str, BrowserContext]) -> None:
    name, context = look
    _look_at(context, name, TEAM_MEMBER, f"team@{sign_ins.DOMAIN}")


def test_pages_of_a_visitor(look: tuple[str, BrowserContext]) -> None:
    name, context = look
    _look_at(context, name, VISITOR)


def test_jobs_show_themselves_again_while_a_night_is_under_way(
    demo_site: Site, strict_page: Page
) -> None:
    page = strict_page
    page.goto(f"{demo_site.url}/accounts/login/")
    page.get_by_label("Email").fill(sign_ins.ADMINISTRATOR.email)
    page.get_by_label("Password").fill(sign_ins.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Jobs").first.click()
    part = page.locator("#jobs-now")
    part.evaluate("part => part.dataset.seen = 'yes'")

    expect(part).not_to_have_attribute("data-seen", "yes", timeout=15_000)
    assert part.get_by_role("heading", name="Under way").is_visible()
    assert page.get_by_role("button", name="Try all again").is_visible()
