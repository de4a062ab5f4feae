# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""``createIndexes`` without the option ``background``.

MongoDB ignores it since 4.2. As shipped, SecantusDB takes it for a difference between two indexes, so that mongoose 8,
which always sends it, could not start beside a program that does not (or the other way round).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def patched(original: Handler) -> Handler:
    def create_indexes(document: dict[str, Any], context: Any) -> dict[str, Any]:
        specs = document.get("indexes")
        if isinstance(specs, list):
            kept = [
                {key: value for key, value in spec.items() if key != "background"} if isinstance(spec, dict) else spec
                for spec in specs
            ]
            document = {**document, "indexes": kept}
        return original(document, context)

    return create_indexes
