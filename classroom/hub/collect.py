"""nbgrader's *Collect* for learners who don't trust each other: only what was received counts, and only its owner's.

Set in the grader's ``nbgrader_config.py``: ``c.ExchangeFactory.collect = "classroom.hub.collect.CarefulCollect"``.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect
from traitlets import Int, Unicode

from classroom.grading.intake_rules import Intake
from classroom.hub.receive import Places, Receipt, receive


class CarefulCollect(ExchangeCollect):  # type: ignore[misc]
    """Collect from the grader's own copies of what was handed in.

    nbgrader itself takes, for each name, the folder whose name says the latest time, and warns if it belongs to
    somebody else. Here a folder that isn't its learner's, that holds links, or whose time can't be true is refused
    **before** the latest is chosen, so it never takes the place of an honest one.
    """

    received = Unicode(
        "received", help="Where the copies and receipts lie, within the course's folder; the grader's alone."
    ).tag(config=True)
    tolerance = Int(
        15, min=1, help="Minutes by which a submission's name and the time of its last change may differ."
    ).tag(config=True)

    root: str  # nbgrader's: where the exchange lies

    def init_src(self) -> None:
        """Receive what is new, then choose among what counts, as nbgrader does."""
        course = self.coursedir.course_id
        if course == "":
            self.fail("No course id specified. Re-run with --course flag.")
        shared = Path(self.root) / course
        if not (shared / "inbound").is_dir():
            self.fail(f"Course not found: {shared / 'inbound'}")
        mine = Path(self.coursedir.root) / self.received
        places = Places(shared / "inbound", mine / course / "inbound", mine / course / "receipts", shared / "receipts")
        for receipt in receive(places, Intake(config=self.config), timedelta(minutes=self.tolerance), wait=True):
            self._tell(receipt)
        exchange, self.root = self.root, str(mine)
        # The copies are the grader's; to whom the originals belong was looked at when they were received.
        self.check_owner = False
        try:
            super().init_src()
        finally:
            self.root = exchange

    def _tell(self, receipt: Receipt) -> None:
        if receipt.refused:
            self.log.warning("%s for %s: not taken. %s", receipt.learner, receipt.lab, receipt.refused)
        else:
            self.log.info("Received %s for %s at %s.", receipt.learner, receipt.lab, receipt.received)
