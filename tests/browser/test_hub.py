"""A lab's whole way by clicks: from formgrader's release, over a learner's answers, to the learner's feedback page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hub_pages import SECONDS, Desk
from tests.hub.conftest import missing
from tests.hub.running import ClassroomHub, running_hub

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]
LAB = "mini_lab"
REASON = "Whoever called it may still need the old one."


@pytest.fixture
def hub(browser: Browser) -> Iterator[ClassroomHub]:
    if missing():
        pytest.skip(missing())
    with running_hub(learners=1) as running:
        yield running


def test_from_release_to_feedback(hub: ClassroomHub, browser: Browser) -> None:
    course = hub.names["main"]
    formgrader = f"services/{course}/lab?formgrader=true"
    ina, ada = Desk(browser, hub.person("ina")), Desk(browser, hub.person("ada"))

    ina.log_in(formgrader)
    expect(ina.formgrader().locator("td.name")).to_contain_text(LAB, timeout=SECONDS)
    ina.act("assign")
    ina.act("release")
    expect(ina.formgrader().locator("td.status")).to_contain_text("released", timeout=SECONDS)

    ada.log_in(f"user/{ada.person.name}/lab")
    ada.assignment_list()
    ada.item("released").get_by_role("button", name="Fetch").click()
    expect(ada.item("fetched")).to_contain_text(LAB, timeout=SECONDS)

    ada.open(f"user/{ada.person.name}/lab/tree/{course}/{LAB}/{LAB}.ipynb")
    expect(ada.page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=SECONDS)
    ada.write("YOUR CODE HERE", "def double(values):\n    return [2 * value for value in values]")
    ada.write("YOUR CODE HERE", "def lengths(words):\n    return [len(word) for word in words]")
    ada.write("YOUR ANSWER HERE", REASON)
    ada.save()
    assert "Success" in ada.validate()

    ada.assignment_list()
    ada.item("fetched").get_by_role("button", name="Submit").click()
    expect(ada.item("submitted")).to_contain_text(LAB, timeout=SECONDS)

    ina.act("collect")
    ina.formgrader().locator("td.num-submissions a").click()
    ina.act("autograde")
    expect(ina.formgrader().locator("td.score")).to_contain_text("5.5", timeout=SECONDS)
    ina.open(formgrader)
    ina.act("generate-feedback")
    ina.act("release-feedback")

    ada.open(f"user/{ada.person.name}/lab")
    ada.assignment_list()
    ada.item("submitted").get_by_role("button", name="Fetch Feedback").click()
    ada.item("submitted").get_by_text("(view feedback)").first.click()
    ada.page.locator(".jp-DirListing-item").filter(has_text=f"{LAB}.html").dblclick()
    page = ada.page.frame_locator(".jp-HTMLViewer iframe")
    expect(page.locator("body")).to_contain_text("Score: 5.5 / 7.5", timeout=SECONDS)
    expect(page.locator("body")).to_contain_text(REASON, timeout=SECONDS)
