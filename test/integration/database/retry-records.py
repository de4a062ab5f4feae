# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors.
"""Run by retry-records.test.ts: FOLDER_OF_THE_LAUNCHER same|cost SEED. Prints one line of JSON."""

from __future__ import annotations

import json
import random
import sys
import time

folder, what, seed = sys.argv[1:]
sys.path.insert(0, folder)

import secantus.transactions as transactions

Registry = transactions.TransactionRegistry


class Shipped(Registry):
    """SecantusDB's, as it is before the patches are installed."""

    __init__ = Registry.__init__
    _prune_retryable_locked = Registry._prune_retryable_locked


FEW = 40
if what == "same":
    transactions._RETRYABLE_RECORD_MAX = FEW

from launcher import install_patches

reason = install_patches()
assert reason is None, reason


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def same() -> dict[str, int]:
    """Both are asked the same, in any order: how often they answered, and how often not alike."""
    clock = Clock()
    shipped, mended = Shipped(time_func=clock), Registry(time_func=clock)
    made_up = random.Random(seed)
    found = different = most = 0
    for number in range(8_000):
        # No two records of one instant: which of those is the oldest, nothing says.
        clock.now += made_up.choice((0.5, 1.0, 30.0, 600.0) if number % 500 == 0 else (0.5, 1.0, 2.0))
        key = (bytes([made_up.randrange(3)]) * 16, made_up.randrange(80), bytes([made_up.randrange(2)]))
        if made_up.random() < 0.5:
            reply = made_up.choice(({"ok": 1.0, "n": number}, {"ok": 0.0, "n": number}, {"ok": 1.0, "writeErrors": [1]}))
            shipped.record_retryable(*key, reply)
            mended.record_retryable(*key, reply)
        else:
            answers = shipped.retryable_reply(*key), mended.retryable_reply(*key)
            found += answers[0] is not None
            different += answers[0] != answers[1]
        most = max(most, len(mended._retryable))
    return {"found": found, "different": different, "most": most, "few": FEW}


def cost() -> dict[str, float]:
    """Microseconds that the records cost a write, after 100 writes and after 11,000."""

    def measured(registry: Registry, start: int) -> float:
        batches = []
        for batch in range(20):
            begun = time.process_time()
            for number in range(10):
                write(registry, start + batch * 10 + number)
            batches.append((time.process_time() - begun) / 10 * 1e6)
        return min(batches)

    def write(registry: Registry, number: int) -> None:
        registry.retryable_reply(b"s" * 16, number, b"i")
        registry.record_retryable(b"s" * 16, number, b"i", {"ok": 1.0, "n": 1})

    registry = Registry()
    for number in range(100):
        write(registry, number)
    few = measured(registry, 100)
    for number in range(300, 11_000):
        write(registry, number)
    return {"few": few, "many": measured(registry, 11_000)}


print(json.dumps(same() if what == "same" else cost()))
