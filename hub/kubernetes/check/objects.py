"""Kubernetes objects against Kubernetes' own schemas, and what these leave open: quantities and fixed words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

import kubernetes_validate

VERSION = "1.34"
"""The Kubernetes whose schemas are used; the files need 1.33 or newer (user namespaces)."""

_UNITS = {"": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "m": -3, "u": -6, "n": -9}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50}
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|Pi|[numkMGTP]|)")
# Below these keys stand quantities by name; the two others are quantities themselves.
_TABLES = ("limits", "requests")
_SINGLE = ("sizeLimit",)
_WORDS = {
    "medium": {"", "Memory"},
    "effect": {"NoSchedule", "PreferNoSchedule", "NoExecute"},
    "imagePullPolicy": {"Always", "IfNotPresent", "Never"},
    "protocol": {"TCP", "UDP", "SCTP"},
    "procMount": {"Default", "Unmasked"},
    "policyTypes": {"Ingress", "Egress"},
    "accessModes": {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"},
}
_OPERATORS = {"tolerations": {"Exists", "Equal"}, "matchExpressions": {"In", "NotIn", "Exists", "DoesNotExist"}}


def object_mistakes(body: dict[str, Any]) -> Iterator[str]:
    """What is wrong with an object by itself: unknown and missing fields, types, quantities, words."""
    if refused := _against_schema(json.dumps(body)):
        yield refused
    yield from _in(body, "")


@lru_cache(maxsize=256)  # profiles share most of what is in their pods' claims, and the schemas are large
def _against_schema(body: str) -> str:
    try:
        kubernetes_validate.validate(json.loads(body), VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{'.'.join(map(str, error.path)) or 'the object'}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError as error:
        return str(error.message)
    except KeyError as error:
        return f"it has no {error}."
    return ""


def quantity(text: Any) -> Decimal | None:
    """A quantity's value (``"500m"`` → 0.5, ``"1Gi"`` → 1073741824), or None where it is none."""
    match = _QUANTITY.fullmatch(str(text))
    if match is None or isinstance(text, bool):
        return None
    number, unit = match.groups()
    return Decimal(number) * (2 ** _BINARY[unit] if unit in _BINARY else Decimal(10) ** _UNITS[unit])


def _in(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _in(item, f"{path}[{number}]")
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        where = f"{path}.{key}" if path else str(key)
        if key in _TABLES and isinstance(inner, dict):
            for name, amount in inner.items():
                yield from _amount(name, amount, f"{where}.{name}")
        elif key in _SINGLE:
            yield from _amount(key, inner, where)
        elif key in _WORDS:
            for word in inner if isinstance(inner, list) else [inner]:
                if word not in _WORDS[key]:
                    yield f"{where} is {word!r}; expected one of {', '.join(sorted(filter(None, _WORDS[key])))}."
        elif key in _OPERATORS and isinstance(inner, list):
            for number, item in enumerate(inner):
                if item.get("operator", "Equal") not in _OPERATORS[key]:
                    expected = ", ".join(sorted(_OPERATORS[key]))
                    yield f"{where}[{number}].operator is {item['operator']!r}; expected one of {expected}."
        yield from _in(inner, where)


def _amount(name: str, amount: Any, where: str) -> Iterator[str]:
    if quantity(amount) is None:
        yield f"{where} is {amount!r}; expected a quantity such as 500m, 2, 512Mi or 4Gi."
    elif "/" in name and not str(amount).isdecimal():
        yield f"{where} is {amount!r}; devices are counted: expected a whole number, as text."
