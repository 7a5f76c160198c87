"""A folder that several processes fill, and that never outgrows its bound."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock

from datakit.datasets.cache_files import PART, write_whole

# A process that dies lets go of the lock, so only a stuck disk makes anybody wait this long.
LOCK_SECONDS = 60


class DiskBudget:
    """Keeps count of the bytes in a cache's folder; whoever wants to write asks first.

    The count stands in a small file that processes change in turn, under a lock. It may be too high, after a process
    has died between asking and writing or two have written the same sample, but never too low; it is put right whenever
    room is made.

    To look at all files for each new one would be slow, so room is made for a tenth of the bound at once.

    Args:
        folder: the cache's folder; entries are the files ``*/*/*.sample`` below it.
        max_bytes: the bound on the sum of their sizes.

    Source: "filelock" documentation.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._count = folder / "bytes"

    def reserve(self, size: int, keep: Path | None = None) -> bool:
        """Ask for room, and delete what was used least recently if there is none.

        Args:
            size: bytes to be written.
            keep: a folder none of whose entries may be deleted.

        Returns:
            Whether there is room. If so it counts as taken.

        Raises:
            OSError: if the disk refuses.
        """
        with self._locked():
            taken = self._taken()
            if taken + size > self.max_bytes:
                taken = self._make_room(max(size, self.max_bytes // 10), keep)
            granted = taken + size <= self.max_bytes
            self._write(taken + size if granted else taken)
        return granted

    def release(self, size: int) -> None:
        """Give room back that was not used after all."""
        with self._locked():
            self._write(max(0, self._taken() - size))

    def taken(self) -> int:
        """Return how many bytes are written or promised."""
        with self._locked():
            return self._taken()

    def _locked(self) -> FileLock:
        return FileLock(self.folder / "lock", timeout=LOCK_SECONDS)

    def _taken(self) -> int:
        try:
            return int(self._count.read_text())
        except (FileNotFoundError, ValueError):
            return sum(size for _, size, _ in self._entries())

    def _write(self, taken: int) -> None:
        write_whole(self._count, [str(taken).encode()])

    def _make_room(self, size: int, keep: Path | None) -> int:
        entries = sorted(self._entries())
        taken = sum(size for _, size, _ in entries)
        for _, entry_size, path in entries:
            if taken + size <= self.max_bytes:
                break
            if keep is None or not path.is_relative_to(keep):
                path.unlink(missing_ok=True)
                taken -= entry_size
        return taken

    def _entries(self) -> list[tuple[int, int, Path]]:
        """List all entries: time of last use in ns, size in bytes, path. What died half-written counts as well."""
        entries = []
        for path in [*self.folder.glob("*/*/*.sample"), *self.folder.glob(f"*/*/*{PART}")]:
            try:
                status = path.stat()
            except FileNotFoundError:  # Another process replaced or deleted it just now.
                continue
            entries.append((status.st_mtime_ns, status.st_size, path))
        return entries
