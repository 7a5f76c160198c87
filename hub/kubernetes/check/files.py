"""Read YAML as Helm and Kubernetes should: a key that stands twice is a mistake, not a correction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[1]
VALUES = FOLDER / "values.yaml"
MANIFESTS = ("data.yaml", "gpu-sharing.yaml", "ngshare.yaml", "grading.yaml")


class UnreadableError(ValueError):
    """A file isn't YAML, or says a key twice; the message says where."""


@dataclass(frozen=True)
class Manifest:
    """One Kubernetes object, and where it stands.

    Attributes:
        file: the file's name.
        body: the object.
    """

    file: str
    body: dict[str, Any]

    @property
    def where(self) -> str:
        """Such as ``ngshare.yaml: Deployment ngshare``."""
        return f"{self.file}: {self.body.get('kind')} {self.body.get('metadata', {}).get('name')}"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's own, which would let the later of two equal keys win without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        self.flatten_mapping(node)
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise UnreadableError(f"line {node.start_mark.line + 1} and below: the key {key!r} stands there twice")
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def read(text: str, name: str) -> list[dict[str, Any]]:
    """Read a file's YAML documents.

    Raises:
        UnreadableError: if it isn't YAML, a document isn't a mapping, or a mapping has a key twice.
    """
    try:
        documents = [document for document in yaml.load_all(text, Loader=_Loader) if document is not None]
    except UnreadableError as error:
        raise UnreadableError(f"{name}, {error}.") from None
    except yaml.YAMLError as error:
        raise UnreadableError(f"{name} isn't YAML: {error}") from error
    for document in documents:
        if not isinstance(document, dict):
            raise UnreadableError(f"{name} holds a {type(document).__name__} where a mapping was expected.")
    return documents


def manifests(texts: dict[str, str]) -> list[Manifest]:
    """The objects in these files: text by name."""
    return [Manifest(name, body) for name, text in texts.items() for body in read(text, name)]
