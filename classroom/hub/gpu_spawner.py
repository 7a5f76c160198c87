"""Servers with a share of a GPU: chosen when a server is started, lent in turn, given back when the server has ended.

Somebody who waits is neither late nor in the way: the server's own time begins when the share is there, and the hub's
limit on servers that start at once counts those who start, not those who wait. Their page says their place in line.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jupyterhub.spawner import Spawner
from jupyterhub.utils import maybe_future
from tornado.web import HTTPError
from traitlets import Float, List, Unicode, default

from classroom.grading.gpu_devices import devices
from classroom.hub.gpu_line import Line, OneShareError, Share, shares_of
from classroom.hub.gpu_words import form, place_in_words, too_long
from datakit.gpu_share import checked_share, share_settings

CHOICE, CPU, GPU = "compute", "cpu", "gpu"
VISIBLE = "CUDA_VISIBLE_DEVICES"


class SharesGpu(Spawner):  # type: ignore[misc]
    """What a spawner class needs to lend shares: put it before the class that starts servers.

    ``class RoleSpawner(SharesGpu, LocalProcessSpawner)``, and `lend_gpus` in the hub's configuration. Without the
    latter nothing is different.
    """

    gpu_share = Float(0.0, help="The part of a GPU that a server gets; 0 where none is lent.").tag(config=True)
    gpu_devices = List(Unicode(), help="The GPUs that are shared out, as CUDA_VISIBLE_DEVICES calls them.").tag(
        config=True
    )
    gpu_line_file = Unicode("", help="Where the hub keeps who waits for a share.").tag(config=True)
    gpu_patience = Float(4 * 3600.0, help="Seconds that somebody may wait for a share.").tag(config=True)
    gpu_look_every = Float(0.5, help="Seconds between two looks at the line.").tag(config=True)

    start_timeout: int
    _share: Share | None = None
    _waits = False

    @property
    def line(self) -> Line:
        """The hub's line."""
        return _line(shares_of(self.gpu_devices, self.gpu_share) if self.gpu_devices else [], self.gpu_line_file)

    @property
    def pending(self) -> str | None:
        """What the server is waiting for, to the hub: a share is part of its start."""
        pending: str | None = super().pending
        return WAITING if pending == WAITING and self._waits else pending

    @default("options_form")  # type: ignore[untyped-decorator]
    def _options_form(self) -> Callable[[Spawner], str] | str:
        return (lambda _: form(self.line, self.gpu_share)) if self.gpu_devices else ""

    @default("options_from_form")  # type: ignore[untyped-decorator]
    def _options_from_form(self) -> Callable[[Mapping[str, Sequence[str]]], dict[str, str]]:
        return lambda sent: {CHOICE: (sent.get(CHOICE) or [CPU])[0]}

    @default("apply_user_options")  # type: ignore[untyped-decorator]
    def _apply_user_options(self) -> Callable[..., None] | None:
        return (lambda _, options: self._check(options)) if self.gpu_devices else None

    def start(self) -> Any:
        """Start the server: at once, or with a share as soon as there is one."""
        self._check(self.user_options)
        if not self._wants:
            return super().start()
        seconds = self.start_timeout
        self.start_timeout = int(self.gpu_patience) + 2 * seconds  # the hub's own patience, which starts now
        return self._start_with_a_share(seconds)

    async def _start_with_a_share(self, seconds: float) -> Any:
        line, who, end = self.line, self.user.name, time.monotonic() + self.gpu_patience
        try:
            line.join(who)
        except OneShareError as error:
            raise HTTPError(409, str(error)) from error
        self._waits = True
        try:
            while (share := line.take(who)) is None:
                if time.monotonic() > end:
                    raise HTTPError(503, too_long(self.gpu_patience))
                await asyncio.sleep(self.gpu_look_every)
        except BaseException:  # given up, which `clear_state` learns soon; or the hub ends, and the place is not lost
            line.keep(who)
            raise
        self._share, self._waits = share, False
        return await asyncio.wait_for(maybe_future(super().start()), seconds)

    # JupyterHub asks every class of spawners for these two.
    async def stop(self, now: bool = False) -> None:
        """Stop the server."""
        await super().stop(now)

    async def poll(self) -> int | None:
        """How the server has ended; None while it runs."""
        status: int | None = await super().poll()
        return status

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Tell somebody who waits their place in line, each time it changes; then what every server tells."""
        told = 0
        while self._wants and self._share is None and self.pending:
            place = self.line.place(self.user.name)
            if place and place != told:
                yield {"progress": 1, "message": place_in_words(place, len(self.line.shares))}
                told = place
            await asyncio.sleep(self.gpu_look_every)
        async for event in super().progress():
            yield event

    def get_env(self) -> dict[str, str]:
        """The environment of a server: its share, or no GPU at all where GPUs are shared out."""
        environment: dict[str, str] = super().get_env()
        if not self.gpu_devices:
            return environment
        if self._share is None:
            return {**environment, VISIBLE: ""}
        return {**environment, VISIBLE: self._share.device, **share_settings(self.gpu_share, environment)}

    def get_state(self) -> dict[str, Any]:
        """What the hub must know of the server after a restart."""
        state: dict[str, Any] = super().get_state()
        return state if self._share is None else {**state, "gpu": [self._share.device, self._share.number]}

    def load_state(self, state: dict[str, Any]) -> None:
        """After a restart of the hub the share of a server that still runs is still lent."""
        super().load_state(state)
        if "gpu" in state and self.orm_spawner.server is not None:
            self._share = Share(*state["gpu"])
            self.line.adopt(self.user.name, self._share)

    def clear_state(self) -> None:
        """The server has ended, however it ended: its share goes to the next in line, and nobody waits for it."""
        super().clear_state()
        if self._waits:
            self._waits = False
            self.line.leave(self.user.name)
        if self._share is not None:
            self._share = None
            self.line.give_back(self.user.name)

    @property
    def _wants(self) -> bool:
        return bool(self.user_options.get(CHOICE) == GPU)

    def _check(self, options: Mapping[str, object]) -> None:
        choice = options.get(CHOICE, CPU)
        if choice not in (CPU, GPU):
            raise HTTPError(400, f"{CHOICE}: {choice!r} arrived, expected {CPU!r} or {GPU!r}.")
        if choice == GPU and not self.gpu_devices:
            raise HTTPError(400, "This hub lends no GPU shares: choose CPU only.")


class _Waiting(str):
    """What the hub calls a server that waits for a share: starting, but not counted among those that start at once."""

    def __add__(self, other: str) -> str:
        return f"share{other}"


WAITING = _Waiting("spawn")


def lend_gpus(c: Any, share: object, file: Path, names: Sequence[str] | None = None) -> None:
    """Let a hub lend shares of this machine's GPUs; nothing where it has none.

    Args:
        c: the hub's configuration.
        share: the part of a GPU that a server gets, such as 0.25.
        file: where the hub keeps who waits.
        names: the GPUs to share out, as CUDA_VISIBLE_DEVICES calls them; all of this machine if nothing is said.

    Raises:
        ValueError: if the share is none.
    """
    c.SharesGpu.gpu_share = checked_share(share, "the share of a GPU (gpu_share)")
    c.SharesGpu.gpu_devices = sorted(devices()) if names is None else list(names)
    c.SharesGpu.gpu_line_file = str(file)


@cache
def _one_line(shares: tuple[Share, ...], file: str) -> Line:
    return Line(shares, Path(file) if file else None)


def _line(shares: Sequence[Share], file: str) -> Line:
    return _one_line(tuple(shares), file)
