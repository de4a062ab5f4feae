# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""Runs SecantusDB's server under an owner, with the query planner, the commits and the bookkeeping of the pinned version mended.

Arguments of our own come first, all others are SecantusDB's:

``--end-with-owner``    stop when standard input is closed
``--discard FOLDER``    with it: remove this folder when the owner ended without stopping the server
``--unpatched``         run SecantusDB as it is
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys

from supervise import end_with_owner

PINNED_VERSION = "0.7.0b3"
"""The only version whose internals the patches were written and tested against."""


def install_patches() -> str | None:
    """Replaces what is mended. Returns the reason where it did not."""
    version = importlib.metadata.version("SecantusDB")
    if version != PINNED_VERSION:
        return f"SecantusDB {version} is not the pinned {PINNED_VERSION}"

    import candidates
    import counts
    import fast_sort
    import find
    import index_options
    import kept_commits
    import pushdown
    import quick_stop
    import regex_length
    import resume_scope
    import retry_records
    import secantus.aggregate
    import secantus.changestreams
    import secantus.commands
    import secantus.ordering
    import secantus.query
    import secantus.server
    import secantus.storage
    import secantus.transactions

    storage = secantus.storage.Storage
    original_find = storage.find_matching
    storage._try_index_id_keys = candidates.patched(storage._try_index_id_keys)
    storage.find_matching = find.patched(original_find)
    storage.count_matching = counts.patched(storage.count_matching, original_find)

    engine = secantus.storage.wt
    engine.wiredtiger_open = kept_commits.patched_open(engine.wiredtiger_open)
    secantus.storage._commit_batch_transaction = kept_commits.patched_commit(secantus.storage._commit_batch_transaction)

    sort_docs = fast_sort.patched(secantus.ordering.sort_docs)
    # storage holds a reference of its own; aggregate imports from these two at each use.
    secantus.ordering.sort_docs = sort_docs
    secantus.storage.sort_docs = sort_docs

    handlers = secantus.commands._HANDLERS
    handlers["aggregate"] = pushdown.patched(handlers["aggregate"])
    handlers["createIndexes"] = index_options.patched(handlers["createIndexes"])

    # _compile_regex reads it at each use.
    secantus.query._MAX_REGEX_PATTERN_LEN = regex_length.MONGODB_LIMIT

    streams = secantus.changestreams
    streams._scope_matches = resume_scope.patched(streams._scope_matches)

    transactions = secantus.transactions
    registry = transactions.TransactionRegistry
    registry.__init__ = retry_records.patched_init(registry.__init__)
    registry._prune_retryable_locked = retry_records.prune(
        transactions._RETRYABLE_RECORD_LIFETIME_SECONDS, transactions._RETRYABLE_RECORD_MAX
    )

    server = secantus.server.SecantusDBServer
    server.stop = quick_stop.patched(server.stop)
    return None


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--end-with-owner", action="store_true")
    parser.add_argument("--discard", default=None)
    parser.add_argument("--unpatched", action="store_true")
    own, server_arguments = parser.parse_known_args(argv)

    if own.end_with_owner:
        end_with_owner(own.discard)
    reason = "asked to" if own.unpatched else install_patches()
    if reason is not None:
        print(f"launcher: running unpatched: {reason}", file=sys.stderr, flush=True)

    # Only the arguments count: a secantusd.toml that happens to lie in the working folder must not.
    import secantus.config

    secantus.config.discover_config_path = lambda: None
    from secantus.cli import main as serve

    return serve(server_arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
