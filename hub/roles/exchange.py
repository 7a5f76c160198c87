"""What all roles agree on: the exchange, and who says in which courses somebody is. Each role's settings load it."""

import os

from nbgrader.auth import JupyterHubAuthPlugin

from datakit.harmless_warnings import HarmlessWarnings

c = get_config()
c.Authenticator.plugin_class = JupyterHubAuthPlugin  # the hub's groups say who is in which course
c.Exchange.root = os.environ["DATAKIT_EXCHANGE"]
c.Exchange.path_includes_course = True  # labs of two courses may have the same name
c.Execute.on_cell_start = HarmlessWarnings()  # a warning costs no point, here as in grading
c.Execute.startup_timeout = 180  # a machine on which a class starts at once is slow
