# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""A commit that is acknowledged, or seen by anybody, is kept though this process is killed.

As shipped, a commit leaves its record of the log in WiredTiger's buffer: a ``kill -9`` soon after loses a transaction
that was acknowledged, and that a change stream may have told already. With the method ``none`` a commit returns when
the operating system has its record (a power failure may still lose it, as without ``j: true`` on MongoDB); see "Commit-level
durability" in WiredTiger's documentation. A write with ``j: true`` goes on to wait for the disk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

AS_SHIPPED = "transaction_sync=(enabled=false,method=fsync)"
KEPT = "transaction_sync=(enabled=true,method=none)"

Open = Callable[[str, str], Any]
Commit = Callable[[Any, bool], None]


def patched_open(original: Open) -> Open:
    def wiredtiger_open(home: str, config: str) -> Any:
        return original(home, config.replace(AS_SHIPPED, KEPT))

    return wiredtiger_open


def patched_commit(original: Commit) -> Commit:
    def commit_batch_transaction(session: Any, sync: bool) -> None:
        original(session, False)
        if sync:
            session.log_flush("sync=on")

    return commit_batch_transaction
