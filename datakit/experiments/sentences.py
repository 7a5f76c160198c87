"""Real sentences that need no network: Python's own manual, which comes with Python."""

from __future__ import annotations

import re
from functools import cache

# A sentence of words and ordinary marks; what holds code, tables or numbers is left out.
SENTENCE = re.compile(r"""[A-Z][A-Za-z ,;:'"()\-/]*[.!?]""")
BLANK_LINES = re.compile(r"\n\s*\n")
BETWEEN_SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z])")


@cache
def manual_sentences() -> tuple[str, ...]:
    """Return the sentences of Python's language reference, each once, in its order.

    How many there are depends on Python's version: about a thousand, of 1 to some 50 words.

    Raises:
        ModuleNotFoundError: if this Python was installed without its manual.

    Source: "The Python Language Reference", Python Software Foundation, as shipped in ``pydoc_data.topics``.
    """
    try:
        from pydoc_data.topics import topics
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "manual_sentences() needs the module pydoc_data, which is a part of Python. This Python was installed "
            "without it: install the whole standard library (libpython3-stdlib on Debian)."
        ) from error
    paragraphs = (" ".join(text.split()) for topic in topics.values() for text in BLANK_LINES.split(topic))
    sentences = (part for paragraph in paragraphs for part in BETWEEN_SENTENCES.split(paragraph))
    return tuple(dict.fromkeys(sentence for sentence in sentences if SENTENCE.fullmatch(sentence)))
