# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""What is kept of each write, so that a driver's second attempt gets the first one's answer, at a cost that stays.

SecantusDB keeps the answers of the last 10,000 writes, for half an hour. As shipped, all of them are looked through
before and after every write, and sorted once there are more: a write costs the more the more were made before it,
until it costs several times what the write itself does. Records are kept in the order in which they were made, so
that those to be dropped are always the first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

Initialise = Callable[..., None]
Prune = Callable[[Any], None]


class Records(OrderedDict[Any, Any]):
    """A record that is made again is the newest: assigning moves to the end."""

    def __setitem__(self, key: Any, record: Any) -> None:
        super().__setitem__(key, record)
        self.move_to_end(key)


def patched_init(original: Initialise) -> Initialise:
    def __init__(self: Any, **options: Any) -> None:
        original(self, **options)
        self._retryable = Records(self._retryable)

    return __init__


def prune(lifetime: float, most: int) -> Prune:
    """``TransactionRegistry._prune_retryable_locked``: drops what is older than ``lifetime`` seconds, and the oldest beyond ``most``.

    The registry's lock must be held.
    """

    def _prune_retryable_locked(self: Any) -> None:
        records = self._retryable
        cutoff = self._time() - lifetime
        while records:
            oldest = next(iter(records))
            _, made_at, _ = records[oldest]
            if made_at >= cutoff and len(records) <= most:
                return
            del records[oldest]

    return _prune_retryable_locked
