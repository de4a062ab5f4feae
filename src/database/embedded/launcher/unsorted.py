# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""``find`` with a limit and no sort: stop reading as soon as enough documents match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bson
import secantus.storage as st
from documents import Documents
from secantus import deadline
from secantus.query import matches

LARGEST_CHUNK = 2_048


def first_matches(
    storage: Any, db: str, coll: str, flt: Mapping[str, Any], need: int, let: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """The first ``need`` matches of the proposed documents, or in natural order where no index proposes any.

    Documents are read in growing chunks with the lock held, decoded and checked without it.
    """
    with storage._lock:
        records = storage._try_index_id_keys(db, coll, flt) if flt else None
    pending = None if records is None else list(dict.fromkeys(records))
    page: list[dict[str, Any]] = []
    start = st._INT64_MIN
    size = max(32, need)
    while True:
        if pending is None:
            chunk, start, more = _in_natural_order(storage, db, coll, start, size)
        else:
            chunk, pending, more = _of(storage, db, coll, pending[:size]), pending[size:], len(pending) > size
        for raw in chunk:
            deadline.check()
            document = bson.decode(raw)
            if matches(document, flt, vars=let):
                page.append(document)
                if len(page) >= need:
                    return page
        if not more:
            return page
        size = min(size * 2, LARGEST_CHUNK)


def _of(storage: Any, db: str, coll: str, records: list[int]) -> list[bytes]:
    with storage._lock:
        documents = Documents(storage, db, coll)
        chunk = [raw for record in records if (raw := documents.raw(record)) is not None]
        documents.release()
    return chunk


def _in_natural_order(storage: Any, db: str, coll: str, start: int, size: int) -> tuple[list[bytes], int, bool]:
    """Up to ``size`` documents from record ``start`` on, the next record, and whether there is one."""
    chunk: list[bytes] = []
    with storage._lock:
        cursor = storage._cursor_optional(st._doc_table_for(db, coll))
        if cursor is None:
            return chunk, start, False
        try:
            cursor.set_key(db, coll, start)
            found = cursor.search_near()
            if found == st.wt.WT_NOTFOUND or (found < 0 and cursor.next() != 0):
                return chunk, start, False
            while True:
                key = cursor.get_key()
                if key[0] != db or key[1] != coll:
                    return chunk, start, False
                if len(chunk) >= size:
                    return chunk, int(key[2]), True
                chunk.append(st._unframe_doc_value(bytes(cursor.get_value()))[1])
                if cursor.next() != 0:
                    return chunk, start, False
        finally:
            cursor.reset()
