"""A small hub for tests of GPU shares: real servers of the hub's, of a device that is only a name, without a proxy.

The tests speak with the hub itself, so nothing has to be led through a proxy; what a server does is to answer.
"""

import os
import sys
from pathlib import Path

from jupyterhub.proxy import Proxy
from jupyterhub.spawner import SimpleLocalProcessSpawner

from classroom.hub.gpu_spawner import SharesGpu, lend_gpus

FOLDER = Path(os.environ["GPU_HUB_FOLDER"])
ANSWERS = """
import os, signal
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

signal.signal(signal.SIGINT, signal.SIG_DFL)  # the hub's way of stopping a server
HTTPServer(("127.0.0.1", urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"]).port), Server).serve_forever()
"""


class NoProxy(Proxy):
    """Remembers what it should lead where."""

    should_start = False
    routes: dict = {}  # noqa: RUF012

    async def add_route(self, routespec, target, data):
        self.routes[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec):
        self.routes.pop(routespec, None)

    async def get_all_routes(self):
        return dict(self.routes)


class Shared(SharesGpu, SimpleLocalProcessSpawner):
    """Servers of people who have no account on this machine."""


c = get_config()  # noqa: F821
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.spawner_class = Shared
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.bind_url = f"http://127.0.0.1:{os.environ['GPU_HUB_PORTS'].split()[0]}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{os.environ['GPU_HUB_PORTS'].split()[1]}"
c.JupyterHub.db_url = f"sqlite:///{FOLDER / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(FOLDER / "secret")
c.JupyterHub.cleanup_servers = False
c.JupyterHub.allow_named_servers = True
c.JupyterHub.concurrent_spawn_limit = 2
c.JupyterHub.services = [{"name": "tests", "api_token": os.environ["GPU_HUB_TOKEN"]}]
c.JupyterHub.load_roles = [
    {"name": "tests", "services": ["tests"], "scopes": ["admin:users", "admin:servers", "admin:server_state"]}
]
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0.5}  # answers come soon, also to those who wait
c.Spawner.cmd = [sys.executable, "-c", ANSWERS]
c.Spawner.poll_interval = 1
c.Spawner.start_timeout = 100
c.Spawner.http_timeout = 100
c.SimpleLocalProcessSpawner.home_dir_template = str(FOLDER / "home" / "{username}")
c.SharesGpu.gpu_look_every = 0.1
lend_gpus(c, 0.5, FOLDER / "line.json", ["GPU-fake"])
