"""A notebook in a real browser, as a learner handles it."""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Request, expect

from tests.browser.lab_process import Lab

SCREENSHOTS = Path(__file__).parents[2] / "artifacts" / "screenshots"
OURS = {"127.0.0.1"}
NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden)"


class NotebookPage:
    """One notebook, opened in JupyterLab.

    Attributes:
        page: Playwright's page.
        troubles: errors in the browser's console, and requests that went to another machine.
    """

    def __init__(self, page: Page, lab: Lab) -> None:
        self.page = page
        self.lab = lab
        self.troubles: list[str] = []
        page.on("console", self._note_message)
        page.on("pageerror", self._note_error)
        page.on("request", self._note_request)

    def open(self, notebook: str) -> None:
        """Open a notebook (its path in the learner's folder) with a fresh kernel, and wait until it can be used."""
        self.lab.end_sessions()
        # `reset` forgets what another test had open.
        self.page.goto(self.lab.address(f"/lab/tree/{notebook}") + "&reset")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=60_000)
        self.page.locator(f"{NOTEBOOK} .jp-Cell").first.wait_for(timeout=60_000)
        self._wait_for_kernel()

    def run_all(self, timeout: float = 120) -> None:
        """Click Run > Run All Cells and wait until the last code cell has run."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.locator('li[data-command="runmenu:run-all"]').click()
        prompts = self.page.locator(f"{NOTEBOOK} .jp-CodeCell .jp-InputArea-prompt")
        # No other sign will do: a cell that shows an error empties the prompts of those that still wait.
        expect(prompts.last).to_have_text(re.compile(r"\[\d+\]"), timeout=timeout * 1000)
        self._wait_for_kernel()

    def run(self, cell: Locator, timeout: float = 60) -> None:
        """Run one cell with Shift+Enter and wait for its end."""
        folded = cell.locator(".jp-InputPlaceholder")
        if folded.count():
            folded.click()
        before = cell.locator(".jp-InputArea-prompt").inner_text()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        expect(cell.locator(".jp-InputArea-prompt")).not_to_have_text(before, timeout=timeout * 1000)
        expect(cell.locator(".jp-InputArea-prompt")).to_have_text(re.compile(r"\[\d+\]"), timeout=timeout * 1000)

    def cell(self, text: str) -> Locator:
        """Find the one cell whose source or output holds ``text``."""
        return self.page.locator(f"{NOTEBOOK} .jp-Cell").filter(has_text=text)

    def write(self, cell: Locator, source: str) -> None:
        """Replace a cell's source."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        # Inserted at once: typed key by key, the editor would add indents and brackets of its own.
        self.page.keyboard.insert_text(source)

    def save(self) -> None:
        self.page.keyboard.press("Control+S")
        expect(self.page.locator(".lm-TabBar-tab.lm-mod-current.jp-mod-dirty")).to_have_count(0)

    def validate(self, timeout: float = 180) -> str:
        """Click nbgrader's Validate; return what its dialog says."""
        self.page.locator(f"{NOTEBOOK} jp-button.validate-button").click()
        dialog = self.page.locator(".nbgrader-ValidationDialog, .jp-Dialog").filter(has_text="alidation")
        dialog.wait_for(timeout=timeout * 1000)
        text = dialog.inner_text()
        dialog.get_by_role("button").last.click()
        return text

    def button(self, name: str) -> Locator:
        return self.page.locator(NOTEBOOK).get_by_role("button", name=name, exact=True)

    def move_slider(self, label: str, key: str, within: Locator | None = None) -> int:
        """Press one key on a slider, of one cell where several have such a slider; return its new value."""
        widget = (within or self.page.locator(NOTEBOOK)).locator(".widget-slider").filter(has_text=label)
        handle = widget.get_by_role("slider")
        before = handle.get_attribute("aria-valuenow")
        handle.focus()
        self.page.keyboard.press(key)
        expect(handle).not_to_have_attribute("aria-valuenow", before or "")
        return round(float(handle.get_attribute("aria-valuenow") or "nan"))

    def let_settle(self) -> None:
        """Wait until the kernel has what was set last: a busy one is sent it after it has confirmed the rest."""
        for _ in range(3):
            self.page.wait_for_timeout(300)
            self._wait_for_kernel()

    def screenshot(self, name: str, of: Locator | None = None) -> Path:
        """Keep a picture in artifacts/screenshots/, for people to look at; of something tall, too, all of it."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        if of is None:
            self.page.screenshot(path=path)
            return path
        size, box = self.page.viewport_size, of.bounding_box()
        assert size is not None
        assert box is not None
        # JupyterLab cuts off what is below the window: the window grows for the picture.
        self.page.set_viewport_size({"width": size["width"], "height": round(box["height"]) + size["height"]})
        of.screenshot(path=path)
        self.page.set_viewport_size(size)
        return path

    def _wait_for_kernel(self, timeout: float = 60) -> None:
        end = time.monotonic() + timeout
        while self.lab.kernel_states() != ["idle"]:
            assert time.monotonic() < end, f"kernels after {timeout} s: {self.lab.kernel_states()}"
            self.page.wait_for_timeout(100)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(f"console: {message.text} ({message.location.get('url')})")

    def _note_error(self, error: Error) -> None:
        self.troubles.append(f"page: {error.message}")

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname not in OURS:
            self.troubles.append(f"request to another machine: {request.url}")
