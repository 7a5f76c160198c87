"""Take what learners handed in out of the shared exchange: judged, copied to the grader's own folder, with a receipt.

nbgrader's exchange is a folder into which every learner may write, under any name. So a folder's name proves nothing:
not who wrote it, and not when. What the system keeps does: to whom a file belongs, and when it last changed.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.utils import parse_utc

from classroom.grading.intake import TIMESTAMP, check_owner, digest_of
from classroom.grading.intake_refused import Refused
from classroom.grading.intake_rules import Intake
from classroom.grading.intake_walk import folder, look_through, read_all

SETTLED = 2.0  # seconds without a change: whoever handed in has finished writing


@dataclass(frozen=True)
class Receipt:
    """What was received, and when, by the server's clock: proof for the learner, and for the instructor.

    Attributes:
        name: the folder's name in the exchange.
        learner: whose work it says it is.
        lab: the lab's name.
        claimed: the time in the folder's name, UTC, in ISO form.
        received: the time of the last change that the system saw, UTC, in ISO form.
        digest: SHA-256 of all files, by path.
        files: how many.
        refused: why it doesn't count; empty if it does.
    """

    name: str
    learner: str
    lab: str
    claimed: str
    received: str = ""
    digest: str = ""
    files: int = 0
    refused: str = ""


@dataclass(frozen=True)
class Places:
    """Where things lie.

    Attributes:
        inbound: the exchange's folder into which learners write.
        kept: the copies of what was taken, one folder each; the grader's alone.
        book: all receipts; the grader's alone.
        receipts: the same receipts for learners, each under the name of its folder, which only its learner knows.
    """

    inbound: Path
    kept: Path
    book: Path
    receipts: Path


def receive(places: Places, rules: Intake, tolerance: timedelta, *, wait: bool = False) -> list[Receipt]:
    """Look at everything in the exchange that has no receipt yet.

    Args:
        places: where things lie; all but ``inbound`` are created.
        rules: how large a submission may be.
        tolerance: by how much the time in a folder's name and the time of its last change may differ.
        wait: whether to wait for what is being written just now; otherwise it is left for the next time.

    Returns:
        The new receipts, those of refused submissions among them.

    Raises:
        OSError: if the exchange can't be read, or the copies not be written.
    """
    for folder_of_mine in (places.kept, places.book):
        folder_of_mine.mkdir(parents=True, exist_ok=True)
        folder_of_mine.chmod(0o700)
    # Who knows a receipt's name may read it; nobody may list the names.
    places.receipts.mkdir(parents=True, exist_ok=True)
    places.receipts.chmod(0o711)
    found = []
    for name in sorted(path.name for path in places.inbound.iterdir()):
        if (places.book / f"{name}.json").exists():
            continue
        receipt = _begun(name)
        if receipt is None:
            continue
        try:
            age = time.time() - (places.inbound / name).lstat().st_ctime
            if 0 <= age < SETTLED:
                if not wait:
                    continue
                time.sleep(SETTLED - age)
            receipt, files, statuses = _judged(receipt, places, rules, tolerance)
            _keep(places.kept / name, files, statuses)
        except Refused as why:
            receipt = replace(receipt, refused=str(why))
        except FileNotFoundError:
            continue  # taken back meanwhile
        # Last, so that an interrupted copy is made again.
        _write(places.book / f"{name}.json", receipt)
        _write(places.receipts / f"{name}.json", receipt)
        found.append(receipt)
    return found


def receipts(book: Path) -> list[Receipt]:
    """Read all receipts, sorted by name."""
    return [Receipt(**json.loads(path.read_text(encoding="utf-8"))) for path in sorted(book.glob("*.json"))]


def _begun(name: str) -> Receipt | None:
    """What a folder's name says, ``learner+lab+time+random``; nothing if nbgrader would not have given that name."""
    parts = name.rsplit("+", 3)
    if len(parts) != 4 or not all(parts):
        return None
    try:
        claimed = parse_utc(parts[2]).replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, AttributeError):  # dateutil fails in several ways
        return None
    return Receipt(name, learner=parts[0], lab=parts[1], claimed=claimed.isoformat())


def _judged(
    receipt: Receipt, places: Places, rules: Intake, tolerance: timedelta
) -> tuple[Receipt, dict[str, bytes], dict[str, os.stat_result]]:
    with folder(places.inbound, receipt.name) as descriptor:
        seen = look_through(descriptor, rules)
        check_owner(seen, receipt.learner)
        files, statuses = read_all(descriptor, sorted(seen.files), rules)
        if TIMESTAMP not in files:  # what Submit writes last
            raise Refused("incomplete", "Submit did not get to its end: part is missing. Hand it in again with Submit.")
        changed = max(status.st_ctime for status in (os.fstat(descriptor), *statuses.values()))
    received = datetime.fromtimestamp(changed, UTC)
    claimed = datetime.fromisoformat(receipt.claimed)
    if abs(received - claimed) > tolerance:
        raise Refused(
            "time",
            f"Its name says {claimed:%Y-%m-%d %H:%M} UTC, and it last changed at {received:%Y-%m-%d %H:%M} UTC by the "
            "server's clock. Hand it in again with Submit, and leave it alone afterwards.",
        )
    judged = replace(receipt, received=received.isoformat(), digest=digest_of(files), files=len(files))
    return judged, files, statuses


def _keep(place: Path, files: Mapping[str, bytes], statuses: Mapping[str, os.stat_result]) -> None:
    part = place.with_name(f".{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for path, content in files.items():
        (part / path).parent.mkdir(parents=True, exist_ok=True)
        (part / path).write_bytes(content)
        os.utime(part / path, ns=(statuses[path].st_atime_ns, statuses[path].st_mtime_ns))
    shutil.rmtree(place, ignore_errors=True)
    part.rename(place)


def _write(file: Path, receipt: Receipt) -> None:
    part = file.with_name(f".{file.name}.part")
    part.write_text(json.dumps(asdict(receipt), indent=1, ensure_ascii=False), encoding="utf-8")
    part.chmod(0o644)
    part.replace(file)
