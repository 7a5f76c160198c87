"""The exchange on Kubernetes, for all roles: ngshare, in the place of the folder that one machine's accounts share.

There everybody's server runs as the same Unix user, so a folder would protect nothing. ngshare takes from the hub who
asks.
"""

import os
import shutil

import ngshare_exchange
from nbgrader.auth import JupyterHubAuthPlugin

from datakit.harmless_warnings import HarmlessWarnings


class Collect(ngshare_exchange.ExchangeCollect):
    """ngshare's own, which ends in the middle of the class at the first submission whose files can't be written."""

    def do_copy(self, src, dest):
        """Write a submission's files; refuse it alone where that fails, as with a file below a file."""
        try:
            super().do_copy(src, dest)
        except (OSError, ValueError) as error:
            shutil.rmtree(dest, ignore_errors=True)
            self.log.error("Refused, nothing of it was collected: %s (%s)", dest, error)


c = get_config()  # noqa: F821, nbgrader's
address = os.environ.get("DATAKIT_NGSHARE", "http://ngshare:8080/services/ngshare")
ngshare_exchange.configureExchange(c, address)
c.ExchangeFactory.collect = Collect
c.Authenticator.plugin_class = JupyterHubAuthPlugin  # the hub's groups say who is in which course
c.Exchange.path_includes_course = True
c.Intake.clock = "timestamp"  # ngshare's own clock: a learner can't set it
c.Execute.on_cell_start = HarmlessWarnings()  # a warning costs no point, here as in grading
c.Execute.startup_timeout = 180
