# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""Sorted pages straight from an index: only the documents of the page are read, not all that match.

As shipped, SecantusDB reads every matching document, sorts, and then cuts. Here the entries of an index are walked in
the order asked for, each document is checked against the whole filter, and the walk ends when the page is full. An
index serves when its leading columns are pinned to values and the next ones are the sort's (the equality, sort, range
rule of MongoDB's own planner), in the same or in the opposite direction throughout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import secantus.ordering as ordering
from bson import Decimal128, Regex
from clauses import LARGEST_EXACT, Clauses, clauses_of, column_bounds, fewest_pins
from documents import Documents
from index_scan import PRIMARY, Index, Scan, Stretch, plain_indexes, stretches
from secantus import deadline
from secantus.query import matches

GENEROUS = 20_000
"""Documents a walk may read beyond 20 for each one wanted, when the alternative is to read all that match."""

TENTATIVE = 2_000
"""The same for an index that only gives the order: another one may leave fewer documents than this one has before the page is full."""

Sort = list[tuple[str, int]]


class GiveUp(Exception):
    """The walk met a value whose place in the index is not its place in the sort, or read too much."""


@dataclass(frozen=True)
class Plan:
    index: str
    parts: list[Stretch]
    backward: bool
    columns: tuple[tuple[str, int], ...]
    """The index's columns that give the order."""
    group_fields: Sort
    """Not empty: the order within equal values of these is not the index's; such groups are read whole and sorted."""
    narrows: bool
    """True when the index leaves out documents, so that the walk reads little beyond what matches."""


def plan_walk(storage: Any, db: str, coll: str, flt: Mapping[str, Any], sort: Mapping[str, Any]) -> Plan | None:
    """The best index to walk. The storage's lock must be held."""
    wanted = storage._multi_sort_spec(sort)
    if wanted is None:
        return None
    found = clauses_of(flt)
    if wanted[0][0] == PRIMARY:
        return _primary_plan(found, wanted[0][1])
    if PRIMARY in found.fields:
        return None
    pins = {name: values for name, clauses in found.fields.items() if (values := fewest_pins(clauses)) is not None}
    order = [(name, direction) for name, direction in wanted if len(pins.get(name, ())) != 1]
    if not order:
        return None
    best: tuple[tuple[int, bool, bool], Plan] | None = None
    for index in plain_indexes(storage, db, coll):
        candidate = _index_plan(index, found, pins, order, bool(flt))
        if candidate is not None and (best is None or candidate[0] > best[0]):
            best = candidate
    return None if best is None else best[1]


def _primary_plan(found: Clauses, direction: int) -> Plan:
    low, high = column_bounds(found, PRIMARY, 1)
    return Plan(
        index=PRIMARY,
        parts=[Stretch(b"", low, high)],
        backward=direction == -1,
        columns=((PRIMARY, 1),),
        group_fields=[],
        narrows=bool(low or high),
    )


def _index_plan(
    index: Index, found: Clauses, pins: dict[str, list[Any]], order: Sort, filtered: bool
) -> tuple[tuple[int, bool, bool], Plan] | None:
    pinned = 0
    while pinned < len(index.columns) and index.columns[pinned][0] in pins:
        pinned += 1
    for count in range(pinned, -1, -1):
        for length, groups in _orders(order):
            columns = index.columns[count : count + length]
            if [name for name, _ in columns] != [name for name, _ in order[:length]]:
                continue
            directions = {column * wanted for (_, column), (_, wanted) in zip(columns, order)}
            if len(directions) != 1:
                continue
            bounds = column_bounds(found, columns[0][0], columns[0][1])
            parts = stretches(index, [pins[name] for name, _ in index.columns[:count]], bounds)
            if parts is None:
                continue
            ranged = bounds != (b"", b"")
            narrows = count > 0 or ranged or not filtered
            plan = Plan(index.name, parts, directions == {-1}, columns, groups, narrows)
            return (count, ranged, not groups), plan
    return None


def _orders(order: Sort) -> Iterator[tuple[int, Sort]]:
    """The whole sort; else the sort without a last ``_id``, whose groups of equal values are then sorted here."""
    yield len(order), []
    if len(order) > 1 and order[-1][0] == PRIMARY:
        yield len(order) - 1, order[:-1]


def walk(
    storage: Any,
    db: str,
    coll: str,
    plan: Plan,
    flt: Mapping[str, Any],
    sort: Mapping[str, Any],
    need: int,
    let: dict[str, Any] | None,
    budget: int,
) -> list[dict[str, Any]]:
    """The first ``need`` matching documents in order (and the rest of the last group of equals).

    Raises GiveUp when another way is needed.
    """
    left = budget + 20 * need
    page: list[dict[str, Any]] = []
    with storage._lock:
        documents = Documents(storage, db, coll)
        if documents.empty:
            return []
        try:
            with Scan(storage, db, coll) as scan:
                for record in scan.merged(plan.index, plan.parts, plan.backward):
                    deadline.check()
                    document = documents.get(record)
                    if document is None:
                        continue
                    left -= 1
                    if left < 0:
                        raise GiveUp
                    if not matches(document, flt, vars=let):
                        continue
                    if any(_misplaced(document, name, direction) for name, direction in plan.columns):
                        raise GiveUp
                    if len(page) >= need:
                        if not plan.group_fields or _group(document, plan) != _group(page[need - 1], plan):
                            break
                    page.append(document)
                    if len(page) >= need and not plan.group_fields:
                        break
        finally:
            documents.release()
    return ordering.sort_docs(page, sort) if plan.group_fields else page


def _group(document: dict[str, Any], plan: Plan) -> list[Any]:
    return [ordering._sort_value(document, name, direction == -1) for name, direction in plan.group_fields]


def _misplaced(document: dict[str, Any], path: str, direction: int) -> bool:
    """True when the index may hold this document elsewhere than the sort puts it."""
    if "." in path:
        return True
    value = document.get(path)
    if isinstance(value, Decimal128) or (isinstance(value, float) and abs(value) >= LARGEST_EXACT):
        return True
    if path == PRIMARY and isinstance(value, (dict, list)):
        return True
    # Variable length, inverted: a shorter value sorts before its extensions in both directions.
    return direction == -1 and isinstance(value, (str, bytes, dict, list, Regex))
