# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""Reading documents by record id."""

from __future__ import annotations

from typing import Any

import bson
import secantus.storage as st


class Documents:
    """A collection's documents, by record id. To be used with the storage's lock held."""

    def __init__(self, storage: Any, db: str, coll: str) -> None:
        self._cursor = storage._cursor_optional(st._doc_table_for(db, coll))
        self._db = db
        self._coll = coll

    @property
    def empty(self) -> bool:
        """True when nothing was ever written to this part of the store."""
        return self._cursor is None

    def raw(self, record: int) -> bytes | None:
        if self._cursor is None:
            return None
        self._cursor.reset()
        self._cursor.set_key(self._db, self._coll, record)
        if self._cursor.search() != 0:
            return None
        return st._unframe_doc_value(bytes(self._cursor.get_value()))[1]

    def get(self, record: int) -> dict[str, Any] | None:
        raw = self.raw(record)
        return None if raw is None else bson.decode(raw)

    def release(self) -> None:
        if self._cursor is not None:
            self._cursor.reset()
