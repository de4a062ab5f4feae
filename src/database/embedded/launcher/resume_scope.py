# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""Resume tokens of a collection's stream that were given after a command on its database.

A collection's stream reads the database's commands too (a drop would end it), and after one its token bears the name of
the commands, ``db.$cmd``. As shipped, such a token is refused as one of another collection: whoever resumes a quiet
stream after an index was built, or any collection was created, loses its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

ScopeCheck = Callable[[str, Mapping[str, Any]], bool]


def patched(original: ScopeCheck) -> ScopeCheck:
    def scope_matches(namespace: str, scope: Mapping[str, Any]) -> bool:
        if scope.get("kind") == "coll" and namespace == f"{scope.get('db')}.$cmd":
            return True
        return original(namespace, scope)

    return scope_matches
