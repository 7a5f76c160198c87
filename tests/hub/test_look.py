"""A hub for a look: no accounts, one password, and a word about what that means."""

from __future__ import annotations

import pwd
from collections.abc import Iterator

import pytest

from .client import RefusedError
from .cycle import whole_cycle
from .running import ClassroomHub, running_hub

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def hub(machine: None) -> Iterator[ClassroomHub]:
    with running_hub(look=True) as running:
        yield running


def test_it_says_what_it_lacks(hub: ClassroomHub) -> None:
    said = hub.log.read_text()
    assert "It can't make accounts (as you asked)" in said
    assert "who handed\nsomething in can't be checked. For a class, start it as root." in said
    assert hub.names["ada"] in said
    assert not {each.pw_name for each in pwd.getpwall()} & set(hub.names.values())


def test_the_password_counts(hub: ClassroomHub) -> None:
    with pytest.raises(RefusedError) as refused:
        hub.person("ben", password="not-the-password").log_in()
    assert refused.value.status == 403


def test_the_whole_cycle(hub: ClassroomHub) -> None:
    whole_cycle(hub)
