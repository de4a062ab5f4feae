# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""``Storage.count_matching``: from index entries where they say it all, else from the proposed documents only.

As shipped, every document of the collection is decoded for any count with a filter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import secantus.storage as st
from clauses import OPEN, clauses_of, fewest_pins
from index_scan import Scan, plain_indexes, stretches

Count = Callable[..., int]
Find = Callable[..., "list[dict[str, Any]]"]


def patched(original: Count, original_find: Find) -> Count:
    def count_matching(
        self: Any,
        db: str,
        coll: str,
        filter: dict[str, Any] | None = None,
        *,
        let: dict[str, Any] | None = None,
        collation: Any = None,
    ) -> int:
        virtual = (
            self._is_oplog_rs(db, coll)
            or self._is_system_users(db, coll)
            or self._is_system_version(db, coll)
            or self._is_timeseries(db, coll)
        )
        if collation or virtual:
            return original(self, db, coll, filter, let=let, collation=collation)
        if not filter:
            return count_all(self, db, coll)
        covered = covered_count(self, db, coll, filter)
        if covered is not None:
            return covered
        return len(original_find(self, db, coll, filter, let=let))

    return count_matching


def count_all(storage: Any, db: str, coll: str) -> int:
    """The number of documents, from the keys alone."""
    storage._refresh_read_snapshot()
    with storage._lock:
        if storage._cursor_optional(st._doc_table_for(db, coll)) is None:
            return 0
        cursor = storage._session().open_cursor(st._doc_table_for(db, coll), None, None)
        try:
            cursor.set_key(db, coll, st._INT64_MIN)
            cursor.bound("action=set,bound=lower")
            cursor.set_key(db, coll, 2**63 - 1)
            cursor.bound("action=set,bound=upper")
            count = 0
            step = cursor.next
            while step() == 0:
                count += 1
            return count
        finally:
            cursor.close()


def covered_count(storage: Any, db: str, coll: str, flt: Mapping[str, Any]) -> int | None:
    """The number of matches, when each clause pins a leading column of one index; else None."""
    pins: dict[str, list[Any]] = {}
    for name, clause in flt.items():
        values = None if name.startswith("$") or name == "_id" else fewest_pins([clause])
        # Equal numbers of different types share a key, but 1.0 and true are not to be mistaken: floats are left out.
        if values is None or any(isinstance(value, float) for value in values):
            return None
        pins[name] = values
    storage._refresh_read_snapshot()
    with storage._lock:
        for index in plain_indexes(storage, db, coll):
            leading = [name for name, _ in index.columns[: len(pins)]]
            if len(leading) < len(pins) or set(leading) != set(pins):
                continue
            parts = stretches(index, [pins[name] for name in leading], OPEN)
            if parts is None:
                return None
            with Scan(storage, db, coll) as scan:
                return sum(1 for part in parts for _ in scan.merged(index.name, [part], backward=False))
    return None
