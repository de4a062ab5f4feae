# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""Ends this server when the process that started it is gone.

The owner holds the write end of this process's standard input and never writes to it. However the owner ends,
kill -9 included, the kernel closes that pipe and the read here returns: no polling, no process ids that could be reused.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import threading
import time

STOP_SECONDS = 8.0
"""How long a clean stop may take before the process ends itself."""


def _wait_for_end_of_input() -> None:
    while True:
        try:
            if not os.read(0, 4096):
                return
        except InterruptedError:
            continue
        except OSError:
            return


def _stop(discard: str | None) -> None:
    # The owner read standard error: with it gone, writing there fails, and must not keep this from stopping.
    with contextlib.suppress(OSError):
        print("launcher: the owner is gone, stopping", file=sys.stderr, flush=True)
    if discard is not None:
        # The data was throw-away and nobody is left to want it: no clean stop needed, and none to wait for.
        shutil.rmtree(discard, ignore_errors=True)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    os._exit(1)


def end_with_owner(discard: str | None) -> None:
    """Starts the watch. ``discard``: a throw-away data folder, removed when the owner ends without stopping the server."""

    def watch() -> None:
        _wait_for_end_of_input()
        _stop(discard)

    threading.Thread(target=watch, name="owner-watch", daemon=True).start()
