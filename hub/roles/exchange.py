"""What all roles agree on: the exchange, and who says in which courses somebody is. Each role's settings load it."""

import os
from pathlib import Path

from nbgrader.auth import JupyterHubAuthPlugin

c = get_config()
load_subconfig("validating.py", path=str(Path(__file__).resolve().parent))
c.Authenticator.plugin_class = JupyterHubAuthPlugin  # the hub's groups say who is in which course
c.Exchange.root = os.environ["DATAKIT_EXCHANGE"]
c.Exchange.path_includes_course = True  # labs of two courses may have the same name
