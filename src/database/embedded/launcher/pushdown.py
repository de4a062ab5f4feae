# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""Aggregations that are plain reads: ``countDocuments``, and ``[$match,] $sort, [$skip,] $limit``.

As shipped, an aggregation first reads every document that its ``$match`` lets through. For the first shape the count
is answered at once; for the second, sort and limit are handed to the read of documents that the aggregation begins
with. The stages run all the same, over what was read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import bson
from counts import covered_count

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

_COUNT = {"_id": 1, "n": {"$sum": 1}}
"""The ``$group`` that drivers send for countDocuments."""


class _Pending(threading.local):
    """What the next read of this thread may use: the read it is meant for, the sort, the limit."""

    read: tuple[str, str, Mapping[str, Any]] | None = None
    sort: Mapping[str, Any] = {}
    limit: int = 0


_pending = _Pending()


def take(db: str, coll: str, flt: Mapping[str, Any]) -> tuple[Mapping[str, Any], int] | None:
    """Sort and limit for this read, when it is the one that the running aggregation begins with. Given once."""
    if _pending.read is None:
        return None
    meant = _pending.read == (db, coll, flt)
    _pending.read = None
    return (_pending.sort, _pending.limit) if meant else None


def patched(original: Handler) -> Handler:
    def aggregate(command: dict[str, Any], context: Any) -> dict[str, Any]:
        _pending.read = None
        stages = _stages(command)
        if stages is None or _is_view(context, command["aggregate"]):
            return original(command, context)
        counted = _counted(stages, command["aggregate"], context)
        if counted is not None:
            return counted
        _offer(stages, command["aggregate"], context)
        try:
            return original(command, context)
        finally:
            _pending.read = None

    return aggregate


def _stages(command: dict[str, Any]) -> list[tuple[str, Any]] | None:
    pipeline = command.get("pipeline")
    special = any(command.get(key) for key in ("collation", "hint", "explain"))
    if special or not isinstance(pipeline, list) or not isinstance(command.get("aggregate"), str):
        return None
    if not all(isinstance(stage, dict) and len(stage) == 1 for stage in pipeline):
        return None
    return [next(iter(stage.items())) for stage in pipeline]


def _is_view(context: Any, coll: str) -> bool:
    return isinstance(context.storage.get_collection_options(context.db_name, coll).get("viewOn"), str)


def _counted(stages: list[tuple[str, Any]], coll: str, context: Any) -> dict[str, Any] | None:
    if [name for name, _ in stages] != ["$match", "$group"] or stages[1][1] != _COUNT:
        return None
    flt = stages[0][1]
    count = covered_count(context.storage, context.db_name, coll, flt) if isinstance(flt, dict) and flt else None
    if count is None:
        return None
    batch = [{"_id": 1, "n": count}] if count else []
    namespace = f"{context.db_name}.{coll}"
    return {"cursor": {"firstBatch": batch, "id": bson.Int64(0), "ns": namespace}, "ok": 1.0}


def _offer(stages: list[tuple[str, Any]], coll: str, context: Any) -> None:
    names = [name for name, _ in stages]
    flt: Any = {}
    if names[:1] == ["$match"]:
        flt = stages[0][1]
        stages, names = stages[1:], names[1:]
    skip = 0
    if names[:3] == ["$sort", "$skip", "$limit"]:
        skip, limit = stages[1][1], stages[2][1]
    elif names[:2] == ["$sort", "$limit"]:
        limit = stages[1][1]
    else:
        return
    sort = stages[0][1]
    if not (isinstance(flt, dict) and isinstance(sort, dict) and sort):
        return
    if type(skip) is not int or type(limit) is not int or skip < 0 or limit <= 0:
        return
    if all(type(direction) is int and direction in (1, -1) for direction in sort.values()):
        _pending.read, _pending.sort, _pending.limit = (context.db_name, coll, flt), sort, skip + limit
