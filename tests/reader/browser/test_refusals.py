"""The pages of what is not there, not allowed, or asked for wrongly, in a real Chromium."""

import pytest
from sqlmodel import Session

from services.reader.access.accounts import add_account
from services.reader.access.roles import Role
from services.reader.settings import ReaderSettings

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}


@pytest.mark.parametrize(
    ("path", "words"), [("/nowhere", "Not Found"), ("/?hours=soon", "hours: ")], ids=["404", "422"]
)
@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark", "viewport": PHONE}], ids=["wide", "phone"])
def test_a_refusal_says_why_and_leads_on(open_page, expect, check_accessibility, path, words, options):
    page = open_page("/", **options)
    page.goto(path)
    expect(page.locator("main")).to_contain_text(words)
    check_accessibility(page)
    page.locator("main").get_by_role("link", name="Headlines").click()
    expect(page.get_by_role("heading", name="Latest headlines")).to_be_visible()


class TestWithAccounts:
    """Where reading needs an account."""

    @pytest.fixture
    def settings(self) -> ReaderSettings:
        return ReaderSettings(reader_accounts=True)

    def test_who_may_not_is_told_so(self, open_page, expect, check_accessibility, engine):
        with Session(engine) as session:
            add_account(session, "ada", Role.READER, "a dozen ferries at dusk")
            session.commit()
        page = open_page("/audit")
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill("a dozen ferries at dusk")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Forbidden")).to_be_visible()
        check_accessibility(page)

    def test_who_is_nobody_is_asked_to_sign_in(self, open_page, expect, check_accessibility):
        page = open_page("/sites")
        expect(page.get_by_label("Password")).to_be_visible()
        check_accessibility(page)
