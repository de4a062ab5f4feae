# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""``SecantusDBServer.stop`` without a wait of two seconds.

On Linux, closing a listening socket does not wake a thread that is blocked in accept(); shutting it down does.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import Any


def patched(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def stop(self: Any) -> None:
        listening = self._socket
        if listening is not None:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
        original(self)

    return stop
