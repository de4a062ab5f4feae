# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""Which documents a filter can match, by index: ``Storage._try_index_id_keys``.

SecantusDB proposes record ids and every caller checks the documents against the whole filter, so a proposal may hold
too much and must never lack anything. As shipped it gives up on ``$and`` and ``$or``, takes regular expressions for
values (and so finds nothing), reads wrong stretches of descending string columns, and takes the first clause that has
an index, however many documents it leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import secantus.storage as st
from clauses import (
    OPEN,
    Clauses,
    clauses_of,
    fewest_pins,
    has_string_range,
    holds_regex,
    prefix_range,
)
from index_scan import Index, Scan, plain_indexes, stretches

PROBE = 100
"""A stretch with at most this many entries is taken at once; it costs less than thinking further."""

Original = Callable[..., "list[int] | None"]


def few_candidates(storage: Any, db: str, coll: str, found: Clauses) -> list[int] | None:
    """The record ids of the shortest stretch of an index that holds all matches, if it has no more than PROBE.

    The storage's lock must be held.
    """
    pins = {name: values for name, clauses in found.fields.items() if (values := fewest_pins(clauses)) is not None}
    if not pins:
        return None
    best: list[int] | None = None
    for index, values in _longest_pinned(plain_indexes(storage, db, coll), pins):
        parts = stretches(index, values, OPEN)
        if parts is None:
            continue
        most = PROBE if best is None else len(best)
        with Scan(storage, db, coll) as scan:
            records = list(islice(scan.merged(index.name, parts, backward=False), most + 1))
        if len(records) <= most:
            best = records
            if index.unique and len(values) == len(index.columns):
                break
    return best


def _longest_pinned(indexes: list[Index], pins: dict[str, list[Any]]) -> list[tuple[Index, list[list[Any]]]]:
    """For each combination of pinned leading columns, one index; unique ones first, then those that pin most."""
    found: dict[frozenset[str], tuple[Index, list[list[Any]]]] = {}
    for index in indexes:
        values = []
        for name, _ in index.columns:
            if name not in pins:
                break
            values.append(pins[name])
        if values:
            names = frozenset(name for name, _ in index.columns[: len(values)])
            if names not in found or (index.unique and not found[names][0].unique):
                found[names] = (index, values)
    kept = [entry for names, entry in found.items() if not any(names < other for other in found)]
    return sorted(kept, key=lambda e: (not (e[0].unique and len(e[1]) == len(e[0].columns)), -len(e[1])))


def patched(original: Original) -> Original:
    """``_try_index_id_keys`` with what it lacks."""

    def _try_index_id_keys(
        self: Any, db: str, coll: str, filter: dict[str, Any], *, collation: Any = None
    ) -> list[int] | None:
        if not filter:
            return None
        if collation is not None:
            return original(self, db, coll, filter, collation=collation)
        found = clauses_of(filter)
        if not self._is_timeseries(db, coll):
            records = _by_id(self, db, coll, found)
            if records is None:
                records = few_candidates(self, db, coll, found)
            if records is not None:
                return records
        usable = _for_the_original(self, db, coll, found)
        records = original(self, db, coll, usable, collation=None) if usable else None
        if records is not None:
            return records
        for branches in found.alternatives:
            records = _of_all(self, db, coll, branches)
            if records is not None:
                return records
        return None

    def _of_all(self: Any, db: str, coll: str, branches: list[dict[str, Any]]) -> list[int] | None:
        union: set[int] = set()
        for branch in branches:
            records = _try_index_id_keys(self, db, coll, branch)
            if records is None:
                return None
            union.update(records)
        return sorted(union)

    return _try_index_id_keys


def _by_id(storage: Any, db: str, coll: str, found: Clauses) -> list[int] | None:
    for clause in found.fields.get("_id", ()):
        keys = st._id_point_lookup_keys(clause)
        if keys is not None:
            records = (storage._doc_recordid(db, coll, key) for key in keys)
            return [record for record in records if record is not None]
    return None


def _for_the_original(storage: Any, db: str, coll: str, found: Clauses) -> dict[str, Any]:
    """One clause for each field that the original planner can be trusted with."""
    descending = {
        name for _, spec, _ in storage._iter_indexes(db, coll) for name, direction in spec.items() if direction == -1
    }
    usable: dict[str, Any] = {}
    for name, clauses in found.fields.items():
        for clause in clauses:
            offered = prefix_range(clause) or clause
            if holds_regex(offered) or (name in descending and has_string_range(offered)):
                continue
            usable.setdefault(name, offered)
    return usable
