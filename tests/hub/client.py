"""A person at a hub, without a screen: logs in and uses the pages' own interfaces, with a browser's cookies."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import nbformat
import requests

SECONDS = 240  # for one answer; the machine may be busy with much else
ACTION = 600  # for what formgrader does: it answers when all is done


class RefusedError(Exception):
    """The hub answered with an error; ``status`` is its number."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.url}: {answer.status_code}\n{answer.text[:2000]}")
        self.status = answer.status_code


@dataclass
class Person:
    """One person with a browser of their own.

    Args:
        hub: the hub's address, with a slash at the end.
        name: the person's account.
        password: its password.
    """

    hub: str
    name: str
    password: str
    session: requests.Session = field(default_factory=requests.Session)

    def log_in(self) -> Person:
        """Log in on the hub's page."""
        self.session.get(f"{self.hub}hub/login", timeout=SECONDS).raise_for_status()
        form = {"username": self.name, "password": self.password, "_xsrf": self._xsrf("/hub/")}
        answer = self.session.post(f"{self.hub}hub/login", data=form, allow_redirects=False, timeout=SECONDS)
        if answer.status_code != 302:
            raise RefusedError(answer)
        return self

    def start_server(self) -> Person:
        """Start one's own server, and wait until it can be used."""
        end = time.monotonic() + SECONDS
        # 400: it is starting, or has. 429: too many start just now; people click again.
        while self.ask("POST", f"hub/api/users/{self.name}/server", may_fail=(400, 429)).status_code == 429:
            assert time.monotonic() < end, f"{self.name}'s server was not allowed to start within {SECONDS} s"
            time.sleep(1)
        while not self.ask("GET", f"hub/api/users/{self.name}").json().get("server"):
            assert time.monotonic() < end, f"{self.name}'s server did not start within {SECONDS} s"
            time.sleep(0.2)
        return self.enter(f"user/{self.name}/")

    def stop_server(self) -> None:
        """Stop one's own server, and wait for it."""
        self.ask("DELETE", f"hub/api/users/{self.name}/server")
        end = time.monotonic() + SECONDS
        while self.ask("GET", f"hub/api/users/{self.name}").json()["servers"]:
            assert time.monotonic() < end, f"{self.name}'s server did not stop within {SECONDS} s"
            time.sleep(0.2)

    def enter(self, place: str) -> Person:
        """Open a server's page for the first time, which logs in there: ``user/NAME/`` or ``services/COURSE/``."""
        answer = self.session.get(f"{self.hub}{place}lab", timeout=SECONDS)
        if answer.status_code != 200:
            raise RefusedError(answer)
        return self

    def ask(
        self,
        method: str,
        path: str,
        content: Any = None,
        *,
        timeout: float = SECONDS,
        may_fail: tuple[int, ...] = (),
    ) -> requests.Response:
        """Send a request as the page of that server does; the path begins with ``hub/``, ``user/`` or ``services/``."""
        base = "/hub/" if path.startswith("hub/") else "/" + "/".join(path.split("/")[:2]) + "/"
        headers = {"X-XSRFToken": self._xsrf(base), "Referer": self.hub, "Sec-Fetch-Site": "same-origin"}
        address = self.hub + quote(path, safe="/?=&+@%")
        answer = self.session.request(method, address, json=content, headers=headers, timeout=timeout)
        if not answer.ok and answer.status_code not in may_fail:
            raise RefusedError(answer)
        return answer

    def own(self, method: str, path: str, content: Any = None, *, timeout: float = SECONDS) -> Any:
        """Ask one's own server; give its JSON answer."""
        answer = self.ask(method, f"user/{self.name}/{path}", content, timeout=timeout)
        return answer.json() if answer.content else None

    # A learner's side of nbgrader.

    def assignments(self, course: str) -> dict[tuple[str, str], dict[str, Any]]:
        """What Assignment List shows, by lab and status."""
        return _listed(self.own("GET", f"assignments?course_id={course}"))

    def act(self, action: str, course: str, lab: str) -> dict[tuple[str, str], dict[str, Any]]:
        """Click *Fetch*, *Submit* or *Fetch Feedback* (``fetch_feedback``); what the list shows afterwards."""
        return _listed(self.own("POST", f"assignments/{action}", {"course_id": course, "assignment_id": lab}))

    def read_notebook(self, path: str) -> nbformat.NotebookNode:
        """A notebook in one's home folder."""
        return nbformat.from_dict(self.own("GET", f"api/contents/{path}?content=1")["content"])

    def write_notebook(self, path: str, notebook: nbformat.NotebookNode) -> None:
        """Save a notebook."""
        self.own("PUT", f"api/contents/{path}", {"type": "notebook", "format": "json", "content": notebook})

    def validate(self, path: str) -> dict[str, Any]:
        """Click *Validate*."""
        return dict(self.own("POST", "assignments/validate", {"path": path}, timeout=ACTION))

    # Formgrader.

    def grade(self, course: str, method: str, path: str, content: Any = None) -> Any:
        """Ask a course's formgrader; for an action it must say that all went well."""
        answer = self.ask(method, f"services/{course}/formgrader/api/{path}", content, timeout=ACTION).json()
        assert method == "GET" or answer.get("success", True), answer.get("log") or answer
        return answer

    def _xsrf(self, base: str) -> str:
        cookies = [cookie for cookie in self.session.cookies if cookie.name == "_xsrf" and cookie.path == base]
        return str(cookies[0].value) if cookies else ""


def _listed(answer: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    assert answer["success"], answer
    return {(each["assignment_id"], each["status"]): each for each in answer["value"]}
