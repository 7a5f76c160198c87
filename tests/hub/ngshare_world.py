"""A real JupyterHub with a real ngshare as its service, and people with tokens, homes and the images' settings."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode

import yaml

from .image_files import IMAGES, ROOT
from .ngshare_install import exchange_packages, ngshare_python

HANGS = 240.0  # seconds after which something hangs
LEARNERS = ("ada", "ben", "dan", "eve", "fay", "zoe")
PEOPLE = ("hub-admin", "grader-datakit", "iris", *LEARNERS, "stranger")
TOKEN_SCOPES = ["read:users:groups!user", "list:services", "read:services!service=ngshare"]


@dataclass(frozen=True)
class Answer:
    """What ngshare answered: the status, and the body as JSON, or as text where it is none."""

    status: int
    body: Any


class NgshareWorld:
    """Starts everything in a folder.

    Args:
        folder: an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self._python, self._packages = ngshare_python(folder), exchange_packages(folder)
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            for each in (one, two, three):
                each.bind(("127.0.0.1", 0))
            self._ports = [each.getsockname()[1] for each in (one, two, three)]
        self.url = f"http://127.0.0.1:{self._ports[2]}/services/ngshare"
        self.hub = f"http://127.0.0.1:{self._ports[1]}/hub/api"
        self.tokens: dict[str, str] = {}
        self._maker = secrets.token_hex(16)
        self._lay_out_settings()

    def start(self) -> None:
        """Start hub and ngshare, make people with tokens, a course and its members."""
        maker, service = self._maker, secrets.token_hex(16)
        values = yaml.safe_load((ROOT / "hub" / "kubernetes" / "values.yaml").read_text())["hub"]
        roles = [{"name": name, **role} for name, role in values["loadRoles"].items()]
        roles.append({"name": "maker", "services": ["maker"], "scopes": ["admin:users", "admin:groups", "tokens"]})
        ngshare = {**values["services"]["ngshare"], "url": f"http://127.0.0.1:{self._ports[2]}", "api_token": service}
        settings = {
            "ports": {"public": self._ports[0], "hub": self._ports[1]},
            "groups": values["config"]["JupyterHub"]["load_groups"],
            "roles": roles,
            "services": [{"name": "ngshare", **ngshare}, {"name": "maker", "api_token": maker}],
        }
        (self.folder / "hub.json").write_text(json.dumps(settings))
        self._run_ngshare(service)
        config = Path(__file__).with_name("ngshare_hub_config.py")
        self._run([sys.executable, "-m", "jupyterhub", "-f", config], {"NGSHARE_HUB_FOLDER": str(self.folder)})
        hub = self.hub
        self._wait(f"{hub}/")
        self._wait(f"{self.url}/healthz")
        _ask("POST", f"{hub}/users", maker, json.dumps({"usernames": PEOPLE}).encode())
        members = json.dumps({"users": LEARNERS}).encode()
        _ask("POST", f"{hub}/groups/nbgrader-datakit/users", maker, members)
        _ask("POST", f"{hub}/groups/formgrade-datakit/users", maker, b'{"users": ["iris"]}')
        # What the hub gives a server's token: of the scopes in the values those that the owner has.
        every = [scope for scope in values["config"]["Spawner"]["server_token_scopes"] if "!server" not in scope]
        held = {name: TOKEN_SCOPES if name in LEARNERS else TOKEN_SCOPES[:1] for name in PEOPLE}
        held["grader-datakit"] = every
        for name in PEOPLE:
            made = self.make_token(name, held[name])
            assert made.status == 201, f"{name}: {made.body}"
            self.tokens[name] = made.body["token"]
            (self.folder / "homes" / name).mkdir(parents=True)
        assert self.ask("hub-admin", "POST", "/course/datakit", instructors='["grader-datakit"]').status == 200
        for name in LEARNERS:
            who = {"first_name": name, "last_name": "", "email": ""}
            assert self.ask("grader-datakit", "POST", f"/student/datakit/{name}", **who).status == 200

    def ask(self, name: str, method: str, path: str, **fields: str) -> Answer:
        """One call of ngshare's REST interface with this person's token; an unknown name's is forged."""
        token = self.tokens.get(name, "forged-" + name)
        data = urlencode(fields).encode() if method == "POST" else None
        return _ask(method, self.url + path, token, data)

    def make_token(self, name: str, scopes: list[str]) -> Answer:
        """Ask the hub for a token with these scopes; it gives none that the person doesn't have."""
        return _ask("POST", f"{self.hub}/users/{name}/tokens", self._maker, json.dumps({"scopes": scopes}).encode())

    def ask_hub(self, name: str, method: str, path: str, **fields: list[str]) -> Answer:
        """One call of the hub's REST interface with this person's token."""
        data = json.dumps(fields).encode() if method != "GET" else None
        return _ask(method, self.hub + path, self.tokens[name], data)

    def run(self, name: str, *words: str, cwd: str = ".") -> str:
        """Run a module in a person's server, as it would be in their pod; the output."""
        home = self.folder / "homes" / name
        role = "grader" if name == "grader-datakit" else "learner"
        own = {
            "HOME": str(home),
            "JUPYTERHUB_USER": name,
            "JUPYTERHUB_API_TOKEN": self.tokens[name],
            "JUPYTERHUB_API_URL": self.hub,
            "JUPYTER_CONFIG_PATH": str(self.folder / "etc" / role),
            "DATAKIT_NGSHARE": self.url,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(self._packages)]),
        }
        done = subprocess.run(
            [sys.executable, "-m", *words],
            env={**_clean(), **own},
            cwd=home / cwd,
            capture_output=True,
            text=True,
            timeout=HANGS,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {' '.join(words)}\n{done.stdout}\n{done.stderr}\n{self.log()}"
        return done.stdout + done.stderr

    def stored(self) -> set[str]:
        """The files that ngshare keeps."""
        return {path.name for path in (self.folder / "files").glob("*")}

    def log(self) -> str:
        """What hub and ngshare have written, its end."""
        return (self.folder / "log").read_text()[-4000:]

    def close(self) -> None:
        """End what runs."""
        for process in self.processes:
            process.kill()
            process.wait(HANGS)

    def _lay_out_settings(self) -> None:
        etc = self.folder / "etc"
        for role in ("learner", "grader"):
            shutil.copytree(ROOT / "hub" / "roles" / role, etc / role)
        shutil.copy(IMAGES / "exchange.py", etc)
        shutil.copy(IMAGES / "instructor" / "nbgrader_config.py", etc / "grader")

    def _run_ngshare(self, token: str) -> None:
        own = {
            "JUPYTERHUB_API_URL": self.hub,
            "JUPYTERHUB_API_TOKEN": token,
            "JUPYTERHUB_BASE_URL": "/",
            "JUPYTERHUB_CLIENT_ID": "service-ngshare",
            "JUPYTERHUB_SERVICE_PREFIX": "/services/ngshare/",
            "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{self._ports[2]}",
        }
        store = [f"--database=sqlite:///{self.folder}/ngshare.db", f"--storage={self.folder}/files/"]
        self._run([self._python, "-m", "ngshare", *store, "--admins=hub-admin"], own)

    def _run(self, words: list[str | Path], own: dict[str, str]) -> None:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(words, env={**_clean(), **own}, cwd=self.folder, stdout=log, stderr=log)
        self.processes.append(process)

    def _wait(self, url: str) -> None:
        end = time.monotonic() + HANGS
        while time.monotonic() < end and all(process.poll() is None for process in self.processes):
            with suppress(URLError, ConnectionError), urllib.request.urlopen(url, timeout=10):
                return
            time.sleep(0.2)
        raise AssertionError(f"{url} doesn't answer:\n{self.log()}")


def _clean() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "PYTHONPATH"))}


def _ask(method: str, url: str, token: str, data: bytes | None) -> Answer:
    request = urllib.request.Request(url, data, {"Authorization": f"token {token}"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=HANGS) as answer:
            status, text = answer.status, answer.read().decode()
    except HTTPError as error:
        status, text = error.code, error.read().decode()
    with suppress(ValueError):
        return Answer(status, json.loads(text))
    return Answer(status, text)
