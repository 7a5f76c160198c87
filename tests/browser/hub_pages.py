"""The hub's pages in a real browser: logging in, formgrader, Assignment List, a notebook."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, expect

from tests.hub.client import Person

SECONDS = 180_000  # for one step: each may start a server or a kernel on a busy machine
TALL = {"width": 1400, "height": 2600}  # all cells stand in the page, not only those in sight


class Desk:
    """A person's browser.

    Args:
        browser: Playwright's.
        person: who sits there.
    """

    def __init__(self, browser: Browser, person: Person) -> None:
        self.person = person
        self.context: BrowserContext = browser.new_context(viewport=TALL)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(SECONDS)

    def log_in(self, then: str) -> None:
        """Log in, and go on to a page once the own server has started: its address after the hub's."""
        self.page.goto(f"{self.person.hub}hub/login")
        self.page.locator("#username_input").fill(self.person.name)
        self.page.locator("#password_input").fill(self.person.password)
        self.page.locator("#login_submit").click()
        self.page.wait_for_url(f"**/user/{self.person.name}/lab**")
        self.open(then)

    def open(self, path: str) -> None:
        """Open a JupyterLab, with nothing of what was open before."""
        self.page.goto(f"{self.person.hub}{path}{'&' if '?' in path else '?'}reset")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    # Formgrader, in its frame.

    def formgrader(self) -> FrameLocator:
        """What formgrader shows."""
        return self.page.frame_locator("iframe")

    def act(self, column: str) -> None:
        """Click on what stands in a column of formgrader's table, and wait until it says that all went well."""
        frame = self.formgrader()
        frame.locator(f"td.{column} a").first.click()
        done = frame.locator("#success-modal.in, #error-modal.in")
        expect(done).to_be_visible(timeout=SECONDS)
        assert done.get_attribute("id") == "success-modal", done.inner_text()
        done.locator("button.close, [data-dismiss=modal]").first.click()
        expect(done).to_have_count(0, timeout=SECONDS)

    # Assignment List.

    def assignment_list(self) -> Locator:
        """Open Assignment List from the menu."""
        self.page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
        self.page.locator('li[data-command="nbgrader:open-assignment-list"]').click()
        return self.page.locator("#nbgrader-assignment-list")

    def item(self, which: str) -> Locator:
        """A lab in the list of released, fetched or submitted ones."""
        return self.page.locator(f"#{which}_assignments_list .list_item").first

    # A notebook.

    def write(self, marker: str, source: str) -> None:
        """Replace the source of the first cell that holds a text."""
        cells = self.page.locator(".jp-Notebook .jp-Cell")
        cell = cells.filter(has_text=marker).first
        if cell.locator(".jp-RenderedMarkdown:visible").count():
            cell.locator(".jp-RenderedMarkdown").dblclick()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        # Inserted at once: typed key by key, the editor would add indents and brackets of its own.
        self.page.keyboard.insert_text(source)
        expect(cells.filter(has_text=source.splitlines()[-1].strip())).to_have_count(1, timeout=SECONDS)

    def save(self) -> None:
        """Save the notebook."""
        self.page.keyboard.press("Control+S")
        expect(self.page.locator(".lm-TabBar-tab.lm-mod-current.jp-mod-dirty")).to_have_count(0, timeout=SECONDS)

    def validate(self) -> str:
        """Click *Validate*; what its dialog says."""
        self.page.locator("jp-button.validate-button:visible").click()
        dialog = self.page.locator(".nbgrader-ValidationDialog, .jp-Dialog").filter(has_text="alidation")
        dialog.wait_for()
        text = dialog.inner_text()
        dialog.get_by_role("button").last.click()
        return text
