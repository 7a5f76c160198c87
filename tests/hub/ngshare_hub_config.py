"""A hub for tests of ngshare: its groups, roles and service are those of hub/kubernetes/values.yaml.

Nobody logs in and no server starts: ngshare asks the hub whose token it was given, and nothing else.
"""

import json
import os
from pathlib import Path

from jupyterhub.proxy import Proxy

FOLDER = Path(os.environ["NGSHARE_HUB_FOLDER"])
SETTINGS = json.loads((FOLDER / "hub.json").read_text())


class NoProxy(Proxy):
    """No request goes through a proxy: the tests speak with the hub and with ngshare."""

    should_start = False

    async def add_route(self, routespec, target, data):
        """Lead nothing anywhere."""

    async def delete_route(self, routespec):
        """Nothing is led anywhere."""

    async def get_all_routes(self):
        """None."""
        return {}


c = get_config()  # noqa: F821, JupyterHub's
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.authenticator_class = "null"
c.JupyterHub.bind_url = f"http://127.0.0.1:{SETTINGS['ports']['public']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{SETTINGS['ports']['hub']}"
c.JupyterHub.db_url = f"sqlite:///{FOLDER / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(FOLDER / "secret")
c.JupyterHub.load_groups = SETTINGS["groups"]
c.JupyterHub.load_roles = SETTINGS["roles"]
c.JupyterHub.services = SETTINGS["services"]
