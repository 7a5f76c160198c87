"""A view in a real kernel: clicks arrive as a browser sends them, while the experiment runs."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

SLOW_EXPERIMENT = """
import threading, time
from dataclasses import replace
from datakit.experiments import eager_lazy
view = eager_lazy.view()
gate = threading.Event()
def wait_for_stop(progress, stop, **settings):
    progress(0.25, "waiting for Stop")
    while not stop.is_set():
        time.sleep(0.01)
    from datakit.experiments.watch import Watch
    Watch(stop=stop).step(1, 2, "waiting")
"""


class Page:
    """What a browser does with a kernel's widgets: keep their state, and send clicks and values."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self.state: dict[str, dict[str, Any]] = {}

    def run(self, code: str) -> dict[str, Any]:
        """Execute a cell and wait for its end."""
        request = self.client.execute(code)
        while True:
            reply = self.client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == request:
                self.read(0.2)
                return dict(reply["content"])

    def read(self, seconds: float) -> None:
        """Take in what the kernel sends for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.client.get_iopub_msg(timeout=left)
            except queue.Empty:
                return
            content = message["content"]
            if message["msg_type"] == "comm_open":
                self.state[content["comm_id"]] = dict(content["data"]["state"])
            elif message["msg_type"] == "comm_msg" and content["data"].get("method") in ("update", "echo_update"):
                self.state[content["comm_id"]].update(content["data"]["state"])

    def widget(self, kind: str, **wanted: object) -> str:
        matches = [
            name
            for name, state in self.state.items()
            if state.get("_model_name") == kind and all(state.get(key) == value for key, value in wanted.items())
        ]
        assert len(matches) == 1, (kind, wanted, len(matches))
        return matches[0]

    def send(self, widget: str, data: dict[str, Any]) -> None:
        content = {"comm_id": widget, "data": data}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", content))

    def click(self, label: str) -> None:
        button = self.widget("ButtonModel", description=label)
        self.send(button, {"method": "custom", "content": {"event": "click"}})

    def set(self, widget: str, **values: object) -> None:
        self.send(widget, {"method": "update", "state": values, "buffer_paths": []})

    def wait_for(self, words: str) -> None:
        """Wait until some HTML widget shows ``words``."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if any(words in str(state.get("value", "")) for state in self.state.values()):
                return
            self.read(0.1)
        raise AssertionError(f"{words!r} never appeared in {[s.get('value') for s in self.state.values()]}")


@pytest.fixture
def page(own_folders: Path) -> Iterator[Page]:
    manager = KernelManager()
    manager.start_kernel(cwd=str(own_folders))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield Page(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def predict(page: Page, first_choice: str = "only the eager one") -> None:
    page.set(page.widget("RadioButtonsModel"), index=0)
    page.click("Lock in my prediction")
    page.wait_for(f"Locked: {first_choice}.")


@pytest.mark.slow
def test_the_experiment_runs_by_clicks_alone(page: Page) -> None:
    assert page.run("from datakit.experiments import eager_lazy\neager_lazy.view()")["status"] == "ok"
    predict(page)
    page.set(page.widget("IntSliderModel", description="Photographs"), value=20)
    page.set(page.widget("DropdownModel"), index=0)
    page.click("Run")
    page.wait_for("You predicted: only the eager one. Measured: only the eager one. Your prediction held.")
    page.wait_for("Done.")
    # The kernel did not need to be asked for anything in between: it is free.
    assert page.run("1 + 1")["status"] == "ok"


@pytest.mark.slow
def test_an_experiment_with_a_loader_of_its_own_runs_by_clicks_alone(page: Page) -> None:
    assert page.run("from datakit.experiments import strategies\nstrategies.view()")["status"] == "ok"
    predict(page, "all four")
    page.set(page.widget("IntSliderModel", description="Photographs"), value=40)
    page.set(page.widget("DropdownModel"), index=0)
    page.click("Run")
    page.wait_for("You predicted: all four. Measured: on the fly and hybrid. Your prediction did not hold.")
    page.wait_for("Done.")
    # Its loaders' threads have ended with it.
    still = (
        "import threading; assert not [t for t in threading.enumerate() if 'orker' in t.name], threading.enumerate()"
    )
    assert page.run(still)["status"] == "ok"


@pytest.mark.slow
def test_stop_is_heard_while_the_experiment_runs(page: Page) -> None:
    assert page.run(SLOW_EXPERIMENT)["status"] == "ok"
    page.run("view.experiment = replace(view.experiment, run=wait_for_stop)")
    predict(page)
    page.click("Run")
    page.wait_for("25%: waiting for Stop")
    # The learner can go on working while it runs.
    assert page.run("still = view.thread.is_alive(); assert still")["status"] == "ok"
    page.click("Stop")
    page.wait_for("Stopped: nothing was measured.")
    assert page.run("view.thread.join(10); assert not view.thread.is_alive()")["status"] == "ok"


@pytest.mark.slow
def test_a_prediction_survives_the_kernel(page: Page) -> None:
    page.run("from datakit.experiments import eager_lazy\neager_lazy.view()")
    predict(page)
    page.state.clear()
    page.run("eager_lazy.view()")
    page.wait_for("Locked: only the eager one.")
    assert page.state[page.widget("RadioButtonsModel")]["disabled"]
    assert page.state[page.widget("ButtonModel", description="Run")]["disabled"] is False
