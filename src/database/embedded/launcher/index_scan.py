# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""Reading index entries lazily, with cursors of our own, in either direction."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import secantus.storage as st
from secantus.sortkey import COMPOUND_SEP, encode_value_directed

PRIMARY = "_id"
"""Stands for the table that is keyed by ``_id``; no secondary index can have this name."""

MOST_STRETCHES = 64
"""More combinations of pinned values than this are not read one by one."""


@dataclass(frozen=True)
class Index:
    name: str
    columns: tuple[tuple[str, int], ...]
    unique: bool


@dataclass(frozen=True)
class Stretch:
    """Consecutive entries of an index: those that start with ``prefix``, between ``low`` and ``high`` (as prefixes)."""

    prefix: bytes
    low: bytes
    high: bytes


def plain_indexes(storage: Any, db: str, coll: str) -> list[Index]:
    """The indexes that hold exactly one entry for every document, in an order that is the values' own.

    Partial and sparse indexes lack documents; multikey ones have several entries for one document and none for an
    empty array; collated and geographic ones have another order.
    """
    found = []
    for name, spec, options in storage._iter_indexes(db, coll):
        if any(options.get(key) for key in ("multikey", "sparse", "partialFilterExpression", "collation")):
            continue
        columns = tuple(spec.items())
        if all(direction in (1, -1) and "$" not in path for path, direction in columns):
            found.append(Index(name, tuple((path, int(d)) for path, d in columns), bool(options.get("unique"))))
    return found


def stretches(index: Index, pins: list[list[Any]], bounds: tuple[bytes, bytes]) -> list[Stretch] | None:
    """One stretch for each combination of values pinned on the leading columns; None when there are too many.

    ``bounds`` limit the column after them.
    """
    count = 1
    for values in pins:
        count *= len(values)
    if count > MOST_STRETCHES:
        return None
    prefixes = set()
    for values in itertools.product(*pins):
        parts = [encode_value_directed(v, d) for v, (_, d) in zip(values, index.columns)]
        prefix = COMPOUND_SEP.join(parts)
        # The end of the last pinned value is marked, else "ab" would be read for "a".
        prefixes.add(prefix + COMPOUND_SEP if parts and len(parts) < len(index.columns) else prefix)
    low, high = bounds
    ends_key = len(pins) == len(index.columns)
    return [
        Stretch(
            st._escape_kb(prefix) + (st._ENTRY_SEP if ends_key else b""),
            st._escape_kb(prefix + low),
            st._escape_kb(prefix + high) if high else b"",
        )
        for prefix in prefixes
    ]


class Scan:
    """Opens cursors in the session of the calling thread (and so in its transaction) and closes them all.

    To be used with the storage's lock held.
    """

    def __init__(self, storage: Any, db: str, coll: str) -> None:
        self._session = storage._session()
        self._db = db
        self._coll = coll
        self._opened: list[Any] = []

    def __enter__(self) -> Scan:
        return self

    def __exit__(self, *_: object) -> None:
        for cursor in self._opened:
            cursor.close()

    def merged(self, name: str, parts: list[Stretch], backward: bool) -> Iterator[int]:
        """Record ids of all stretches, merged in the order of what follows their prefixes."""
        streams = [self._entries(name, part, backward) for part in parts]
        if len(streams) == 1:
            entries = streams[0]
        else:
            entries = heapq.merge(*streams, key=lambda entry: entry[0], reverse=backward)
        for _, record in entries:
            yield record

    def _entries(self, name: str, part: Stretch, backward: bool) -> Iterator[tuple[bytes, int]]:
        primary = name == PRIMARY
        cursor = self._session.open_cursor(st._NAT_SEQ_TABLE if primary else st._IDX_ENTRIES_TABLE, None, None)
        self._opened.append(cursor)
        head = (self._db, self._coll) if primary else (self._db, self._coll, name)
        width = len(head)
        skip = len(part.prefix)
        high = part.high or part.prefix
        cursor.set_key(*head, _after(high) if backward else max(part.low, part.prefix))
        found = cursor.search_near()
        if found == st.wt.WT_NOTFOUND:
            return
        step = cursor.prev if backward else cursor.next
        if (found >= 0) if backward else (found < 0):
            if step() != 0:
                return
        while True:
            key = cursor.get_key()
            if tuple(key[:width]) != head:
                return
            packed = bytes(key[width])
            if not packed.startswith(part.prefix):
                return
            if backward:
                if packed < part.low:
                    return
            elif part.high and packed > part.high and not packed.startswith(part.high):
                return
            if primary:
                yield packed, int(cursor.get_value())
            else:
                record = st._unpack_entry(packed)[1]
                if record is not None:
                    yield packed[skip:], record
            if step() != 0:
                return


def _after(key: bytes) -> bytes:
    """The lowest key above everything that starts with ``key``."""
    stem = key.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else b"\xff" * 64
