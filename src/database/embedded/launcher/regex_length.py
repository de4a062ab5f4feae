# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""Regular expressions as long as MongoDB takes them.

As shipped, SecantusDB refuses patterns beyond 1,000 characters, because Python's ``re`` cannot be stopped and one that
tries many ways hangs. Clients of this server are ours: the patterns we build have one way to match each text.
"""

from __future__ import annotations

MONGODB_LIMIT = 16_384
"""Bytes that mongod 6.1 and later take; characters are counted here, which are no more."""
