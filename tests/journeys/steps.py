"""What people do in a browser, in their own words."""

from playwright.sync_api import Page, expect

from alliance_health.accounts.models import User
from tests.running import Site

PASSWORD = "a-long-enough-password"


def administrator() -> User:
    """Somebody who looks after the site."""
    return User.objects.create_superuser("ada@example.com", PASSWORD, name="Ada Lind")


def sign_in(page: Page, site: Site, user: User) -> None:
    """Sign in with e-mail address and password, and arrive at the portfolio."""
    page.goto(f"{site.url}/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Portfolio")).to_be_visible()


def sign_out(page: Page, user: User) -> None:
    """Sign out by the menu at one's name."""
    page.locator("details.menu--wide summary").click()
    page.locator("details.menu--wide").get_by_role("button", name="Sign out").click()
    expect(page.get_by_text(user.name)).to_have_count(0)
