"""GPU shares on a real JupyterHub: a line that is seen, moves and survives; a device that is only a name."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError

import pytest
from tornado.web import HTTPError as WebError
from traitlets.config import Config

from tests.hub.gpu_hub import GpuHub

pytest.importorskip("jupyterhub", reason="needs JupyterHub: pip install 'datakit[hub]'")

from jupyterhub.spawner import SimpleLocalProcessSpawner

from classroom.hub.gpu_spawner import SharesGpu, lend_gpus


class Spawner(SharesGpu, SimpleLocalProcessSpawner):
    """A server that is never started."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GpuHub]:
    made = GpuHub(tmp_path_factory.mktemp("hub"))
    made.start()
    try:
        yield made
    finally:
        made.close()


def test_a_day_at_the_hub(hub: GpuHub) -> None:
    """Two shares, five people, in one go: a hub takes seconds to start."""
    # Who comes first has a share; a server without one sees no GPU.
    for who in ("ada", "bob"):
        hub.come(who)
        hub.until(who)
    assert hub.variables("ada") | {
        "CUDA_VISIBLE_DEVICES": "GPU-fake",
        "DATAKIT_GPU_SHARE": "0.5",
        "PYTORCH_CUDA_ALLOC_CONF": "per_process_memory_fraction:0.5",
    } == hub.variables("ada")
    shares = {tuple(hub.server(who)["state"]["gpu"]) for who in ("ada", "bob")}
    assert shares == {("GPU-fake", 0), ("GPU-fake", 1)}
    with pytest.raises(HTTPError) as error:
        hub.ask("POST", "/users/ada/servers/second", {"compute": "gpu"})
    assert error.value.code == 409 and "You have a GPU share on another server" in error.value.read().decode()

    # Who comes later sees their place. As many wait as may start at once, and who wants no GPU starts past them.
    for who in ("cem", "dia", "eva"):
        hub.come(who)
    assert [hub.place(who) for who in ("cem", "dia", "eva")] == [
        f"You are {place} in line for a GPU share" for place in ("1st", "2nd", "3rd")
    ]
    assert hub.server("cem")["pending"] == "spawn"
    hub.come("fay", "cpu")
    hub.until("fay")
    assert hub.variables("fay")["CUDA_VISIBLE_DEVICES"] == "" and "DATAKIT_GPU_SHARE" not in hub.variables("fay")

    # Somebody gives up: who stands behind moves on, and their page says so by itself.
    page = (words for words in hub.told("eva") if "in line" in words)
    assert next(page).startswith("You are 3rd")
    hub.stop("dia")
    assert next(page).startswith("You are 2nd")
    assert not hub.until("dia", ready=False)

    # A server stops, another is killed: each share goes to who is next.
    hub.stop("ada")
    hub.until("cem")
    os.kill(hub.pid("bob"), signal.SIGKILL)
    hub.until("eva")
    assert {tuple(hub.server(who)["state"]["gpu"]) for who in ("cem", "eva")} == shares

    # The hub is killed while two wait. Its servers run on and keep their shares; a place is kept, also against others.
    for who in ("gus", "hal"):
        hub.come(who)
    assert hub.place("hal").startswith("You are 2nd")
    hub.kill()
    hub.start()
    hub.until("cem")
    for who in ("hal", "gus"):
        hub.until(who, ready=False)
    for who in ("ivo", "hal", "gus"):
        hub.come(who)
    assert [hub.place(who)[8:11] for who in ("gus", "hal", "ivo")] == ["1st", "2nd", "3rd"]
    hub.stop("cem")
    hub.until("gus")
    assert hub.server("hal")["pending"] == "spawn"


def test_what_cannot_be_had_is_said(hub: GpuHub) -> None:
    with pytest.raises(HTTPError) as error:
        hub.come("joy", "tpu")
    assert error.value.code == 400 and "compute: 'tpu' arrived, expected 'cpu' or 'gpu'" in error.value.read().decode()


def form_of(spawner: Spawner) -> str:
    """What the page asks; in a thread of its own, since a browser's test may have left an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return str(pool.submit(asyncio.run, spawner.get_options_form()).result())


def test_the_page_asks_only_where_there_is_something_to_choose() -> None:
    spawner = Spawner(gpu_share=0.25, gpu_devices=["GPU-fake"])
    assert "A GPU share (a quarter of a GPU): 4 free" in form_of(spawner)
    assert spawner.run_options_from_form({"_xsrf": ["abc"], "compute": ["gpu"]}) == {"compute": "gpu"}
    assert spawner.run_options_from_form({}) == {"compute": "cpu"}
    plain = Spawner()
    assert form_of(plain) == ""
    plain.user_options = {"compute": "gpu"}
    with pytest.raises(WebError, match="This hub lends no GPU shares"):
        plain.start()


def test_a_share_that_is_none_stops_the_hub_from_starting(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\(gpu_share\): 'quarter' arrived, expected"):
        lend_gpus(Config(), "quarter", tmp_path / "line.json")
