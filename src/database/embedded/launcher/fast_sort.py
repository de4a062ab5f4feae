# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""``ordering.sort_docs`` with native keys, where every value to sort by is a plain scalar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import bson
from bson import ObjectId

RANKS: dict[type, int] = {
    type(None): 2,
    int: 3,
    float: 3,
    bson.Int64: 3,
    str: 4,
    ObjectId: 8,
    bool: 9,
    dt.datetime: 10,
}
"""Places of these types in MongoDB's order of types. By exact type: bool is an int, and Code is a str."""

WORTHWHILE = 32

Original = Callable[..., "list[dict[str, Any]]"]


def patched(original: Original) -> Original:
    def sort_docs(
        docs: list[dict[str, Any]], sort_spec: Mapping[str, Any] | None, collation: Any = None
    ) -> list[dict[str, Any]]:
        if not sort_spec or collation is not None or len(docs) < WORTHWHILE:
            return original(docs, sort_spec, collation)
        passes = []
        for path, direction in sort_spec.items():
            keys = _native_keys(docs, path)
            if keys is None:
                return original(docs, sort_spec, collation)
            passes.append((keys, int(direction) == -1))
        order = list(range(len(docs)))
        # Timsort is stable, in reverse too: the last field first, each earlier one over it.
        for keys, reverse in reversed(passes):
            order.sort(key=keys.__getitem__, reverse=reverse)
        return [docs[i] for i in order]

    return sort_docs


def _native_keys(docs: list[dict[str, Any]], path: str) -> list[tuple[Any, ...]] | None:
    """Keys that Python orders as MongoDB orders the values; None when there is a value of another kind."""
    if "." in path:
        return None
    keys: list[tuple[Any, ...]] = []
    for document in docs:
        value = document.get(path)
        rank = RANKS.get(type(value))
        if rank is None or value != value or (rank == 10 and value.tzinfo is not None):
            return None
        if rank == 2:
            keys.append((rank,))
        else:
            keys.append((rank, value.encode("utf-8") if rank == 4 else value))
    return keys
