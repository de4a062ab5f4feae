# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""What a filter says about each field, reduced to what an index can use.

Everything here may be weaker than the filter, never stronger: whatever is read by an index is checked against the
whole filter again. So a clause that is not understood is simply left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bson import Code, ObjectId, Regex
from secantus.sortkey import _rank, encode_value_directed

LARGEST_EXACT = 1e100
"""Numbers beyond this share index keys in SecantusDB's encoding."""

Clause = Any
"""The value of a field in a filter: a plain value or a mapping of operators."""


@dataclass
class Clauses:
    """The conjunction a filter consists of: clauses by field, and the lists of its ``$or``."""

    fields: dict[str, list[Clause]] = field(default_factory=dict)
    alternatives: list[list[dict[str, Any]]] = field(default_factory=list)


def clauses_of(flt: Mapping[str, Any]) -> Clauses:
    """Flattens nested ``$and``. Other top-level operators (``$expr``, ``$nor``) are left to the full check."""
    found = Clauses()
    _collect(flt, found)
    return found


def _collect(flt: Mapping[str, Any], found: Clauses) -> None:
    for key, value in flt.items():
        if key == "$and" and isinstance(value, list):
            for part in value:
                if isinstance(part, dict):
                    _collect(part, found)
        elif key == "$or" and isinstance(value, list) and value and all(isinstance(b, dict) for b in value):
            found.alternatives.append(value)
        elif not key.startswith("$"):
            found.fields.setdefault(key, []).append(value)


def is_exact_scalar(value: Any) -> bool:
    """True for values whose index key is exact and shared only with equal values.

    ``None`` is not: it also means a missing field, and an array that holds null.
    """
    if isinstance(value, Code):
        return False
    if isinstance(value, float):
        return value == value and abs(value) < LARGEST_EXACT
    return isinstance(value, (str, int, bool, ObjectId, dt.datetime))


def pinned_values(clause: Clause) -> list[Any] | None:
    """The values an equality or ``$in`` clause allows, or None when it is neither."""
    if isinstance(clause, dict):
        if list(clause) == ["$eq"]:
            clause = clause["$eq"]
            return [clause] if is_exact_scalar(clause) else None
        if list(clause) == ["$in"]:
            values = clause["$in"]
            if isinstance(values, list) and values and all(map(is_exact_scalar, values)):
                return values
        return None
    return [clause] if is_exact_scalar(clause) else None


def fewest_pins(clauses: list[Clause]) -> list[Any] | None:
    """The smallest set of allowed values among clauses that must all hold."""
    sets = [pins for pins in map(pinned_values, clauses) if pins is not None]
    return min(sets, key=len) if sets else None


Bounds = tuple[bytes, bytes]
"""Lowest and highest encoded value of a column, both inclusive and both as prefixes; b"" is open."""

OPEN: Bounds = (b"", b"")


def column_bounds(found: Clauses, name: str, direction: int) -> Bounds:
    """The stretch of a column (as stored, in its direction) that can hold matching documents."""
    lows: list[bytes] = []
    highs: list[bytes] = []
    for low, high in _known_bounds(found, name, direction):
        lows.append(low)
        if high:
            highs.append(high)
    return max(lows, default=b""), min(highs, default=b"")


def _known_bounds(found: Clauses, name: str, direction: int) -> Iterator[Bounds]:
    for clause in found.fields.get(name, ()):
        bounds = _clause_bounds(clause, direction)
        if bounds is not None:
            yield bounds
    for branches in found.alternatives:
        hull = _hull(branches, name, direction)
        if hull is not None:
            yield hull


def _hull(branches: list[dict[str, Any]], name: str, direction: int) -> Bounds | None:
    """One stretch around all branches of an ``$or``; None when a branch leaves the column free.

    This is what makes a keyset page ``{$or: [{at: {$lt: v}}, {at: v, _id: {$lt: i}}]}`` start at its cursor.
    """
    lows: list[bytes] = []
    highs: list[bytes] = []
    for branch in branches:
        low, high = column_bounds(clauses_of(branch), name, direction)
        if not low and not high:
            return None
        lows.append(low)
        highs.append(high)
    return min(lows), (b"" if b"" in highs else max(highs))


def _clause_bounds(clause: Clause, direction: int) -> Bounds | None:
    if clause is None or clause == {"$eq": None}:
        key = encode_value_directed(None, direction)
        return key, key
    pins = pinned_values(clause)
    if pins is not None:
        keys = [encode_value_directed(value, direction) for value in pins]
        return min(keys), max(keys)
    if not isinstance(clause, dict):
        return None
    return _range_bounds(clause, direction)


def _range_bounds(clause: dict[str, Any], direction: int) -> Bounds | None:
    limits = {op: value for op, value in clause.items() if op in ("$gt", "$gte", "$lt", "$lte")}
    if not limits or not all(is_exact_scalar(v) and not isinstance(v, bool) for v in limits.values()):
        return None
    ranks = {_rank(value) for value in limits.values()}
    # Inverted bytes do not reverse prefixes ("a" before "ab"): no stretch of a descending column of strings is sound.
    if len(ranks) != 1 or (direction == -1 and any(isinstance(v, str) for v in limits.values())):
        return None
    # A range matches values of its own type only, and the type leads the key. The upper end of a type is padded to lie
    # above its values, so that it compares as the higher one where several stretches are joined.
    rank = ranks.pop()
    of_type = bytes([rank if direction == 1 else 0xFF - rank])
    low = [encode_value_directed(v, direction) for op, v in limits.items() if op.startswith("$gt")]
    high = [encode_value_directed(v, direction) for op, v in limits.items() if op.startswith("$lt")]
    if direction == -1:
        low, high = high, low
    return max(low, default=of_type), min(high, default=of_type + b"\xff" * 24)


def holds_regex(clause: Clause) -> bool:
    """True for a clause with a regular expression literal, which the planner takes for an exact value."""
    if isinstance(clause, (re.Pattern, Regex)):
        return True
    if not isinstance(clause, dict):
        return False
    values = (clause[op] for op in ("$in", "$eq") if op in clause)
    return any(holds_regex(v) or (isinstance(v, list) and any(map(holds_regex, v))) for v in values)


_ANCHORED = re.compile(r"\^([A-Za-z0-9 _:\-]+)(.?)")


def prefix_range(clause: Clause) -> dict[str, str] | None:
    """The string range of an anchored literal without flags: ``/^jobs:7/`` reads from "jobs:7" up to "jobs:8"."""
    pattern = _pattern_text(clause)
    found = None if pattern is None or "|" in pattern else _ANCHORED.match(pattern)
    if found is None:
        return None
    # A quantifier makes the last character optional.
    prefix = found[1][:-1] if found[2] and found[2] in "*?{" else found[1]
    return {"$gte": prefix, "$lt": prefix[:-1] + chr(ord(prefix[-1]) + 1)} if prefix else None


def _pattern_text(clause: Clause) -> str | None:
    """The text of a regular expression without flags, written as a literal or as ``$regex``; else None."""
    if isinstance(clause, dict):
        if not set(clause) <= {"$regex", "$options"} or clause.get("$options"):
            return None
        clause = clause.get("$regex")
        if isinstance(clause, str):
            return clause
    if isinstance(clause, Regex):
        # re.UNICODE alone is what a pattern without flags decodes to.
        return clause.pattern if isinstance(clause.pattern, str) and not clause.flags & ~re.UNICODE else None
    return None


def has_string_range(clause: Clause) -> bool:
    return isinstance(clause, dict) and any(
        op[:3] in ("$gt", "$lt") and isinstance(value, str) for op, value in clause.items()
    )
