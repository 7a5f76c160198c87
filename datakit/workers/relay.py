"""Errors on their way from a worker to the loop: with their type, their traceback, and the worker's name."""

from __future__ import annotations

import pickle
import traceback

from datakit.workers.tasks import Done


def note_worker(done: Done, name: str) -> Done:
    """Name the worker in an error that stays in this process, and so keeps its traceback by itself."""
    if done.error is not None:
        done.error.add_note(f"DataLoader: this happened in {name}.")
    return done


def note_traceback(error: BaseException, name: str) -> None:
    """Name the worker in an error that leaves its process, and write down the traceback, which can't leave."""
    lines = "".join(traceback.format_exception(error)).rstrip()
    error.add_note(f"DataLoader: this happened in {name}, where it looked like this:\n{lines}")


def pickle_error(error: BaseException) -> bytes:
    """Pickle an error so that :func:`unpickle_error` succeeds, whatever the error holds.

    Many errors can't be pickled, or can't be restored because their class wants other arguments than they keep. Of
    these the message and the notes are kept, and the type: the error's own, or where that can't be imported, the
    nearest of its base classes that can.
    """
    pickled = _pickled(error)
    if pickled is not None:
        return pickled
    kinds = [kind for kind in type(error).__mro__ if issubclass(kind, BaseException)]
    stand_ins = (_pickled((kind, str(error), error.__notes__)) for kind in kinds)
    return next(stand_in for stand_in in stand_ins if stand_in is not None)


def unpickle_error(pickled: bytes) -> BaseException:
    """Restore an error, or its stand-in."""
    error = pickle.loads(pickled)
    return error if isinstance(error, BaseException) else _stand_in(*error)


def _pickled(error: BaseException | tuple[type[BaseException], str, list[str]]) -> bytes | None:
    try:
        pickled = pickle.dumps(error)
        # A class may make its message of attributes that the stand-in lacks, so ask for it.
        str(unpickle_error(pickled))
    except Exception:
        return None
    return pickled


def _stand_in(kind: type[BaseException], message: str, notes: list[str]) -> BaseException:
    # Not through `__init__`, which may want anything.
    error = kind.__new__(kind, message)
    for note in notes:
        error.add_note(note)
    return error
