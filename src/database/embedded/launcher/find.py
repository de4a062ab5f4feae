# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 the TaskTracker authors. See NOTE.txt beside this file.
"""``Storage.find_matching`` with a limit: which way to read a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pushdown
import secantus.ordering as ordering
from candidates import few_candidates
from clauses import clauses_of
from documents import Documents
from ordered_walk import GENEROUS, TENTATIVE, GiveUp, plan_walk, walk
from secantus.projection import apply_projection_batch
from secantus.query import matches
from unsorted import first_matches

NEAR = {"$near", "$nearSphere", "$geoNear"}

Page = list[dict[str, Any]]
Original = Callable[..., Page]


def patched(original: Original) -> Original:
    """``find_matching`` that reads pages early where it can, and is the original everywhere else."""

    def find_matching(
        self: Any,
        db: str,
        coll: str,
        filter: dict[str, Any] | None = None,
        *,
        skip: int = 0,
        limit: int = 0,
        sort: Mapping[str, Any] | None = None,
        projection: Mapping[str, Any] | None = None,
        hint: Any = None,
        let: dict[str, Any] | None = None,
        collation: Any = None,
        min_bound: Any = None,
        max_bound: Any = None,
    ) -> Page:
        flt = filter or {}
        if not limit and sort is None:
            sort, limit = pushdown.take(db, coll, flt) or (sort, limit)
        special = hint is not None or collation or min_bound is not None or max_bound is not None
        if not special and (limit > 0 or sort) and _is_plain(self, db, coll, flt):
            page = _page(self, db, coll, flt, sort, skip + limit, let) if limit > 0 else None
            if page is None and sort:
                # The original takes the order of an index for the sort's, which it is not for strings in a descending
                # column, nor for candidates that come from several stretches.
                page = ordering.sort_docs(original(self, db, coll, filter, let=let), sort)
            if page is not None:
                page = page[skip : skip + limit] if limit > 0 else page[skip:]
                if not projection:
                    return page
                metas = self._projection_metas(db, coll, page, projection, flt, sort, hint, None)
                return apply_projection_batch(page, projection, flt, metas=metas, has_sort=bool(sort))
        return original(
            self,
            db,
            coll,
            filter,
            skip=skip,
            limit=limit,
            sort=sort,
            projection=projection,
            hint=hint,
            let=let,
            collation=collation,
            min_bound=min_bound,
            max_bound=max_bound,
        )

    return find_matching


def _page(
    storage: Any,
    db: str,
    coll: str,
    flt: Mapping[str, Any],
    sort: Mapping[str, Any] | None,
    need: int,
    let: dict[str, Any] | None,
) -> Page | None:
    """The first ``need`` documents, or None when the original has to find them."""
    storage._refresh_read_snapshot()
    if not sort:
        return first_matches(storage, db, coll, flt, need, let)
    with storage._lock:
        few = _few(storage, db, coll, flt, let)
        if few is not None:
            return ordering.sort_docs(few, sort)
        plan = plan_walk(storage, db, coll, flt, sort)
        if plan is None:
            return None
    try:
        # Where only the order comes from this index, another one may propose fewer documents than this would read.
        return walk(storage, db, coll, plan, flt, sort, need, let, GENEROUS if plan.narrows else TENTATIVE)
    except GiveUp:
        if plan.narrows:
            return None
    with storage._lock:
        if storage._try_index_id_keys(db, coll, flt) is not None:
            return None
    try:
        return walk(storage, db, coll, plan, flt, sort, need, let, GENEROUS)
    except GiveUp:
        return None


def _few(
    storage: Any, db: str, coll: str, flt: Mapping[str, Any], let: dict[str, Any] | None
) -> Page | None:
    """All matches, where an index leaves so few documents that they are read and sorted at once."""
    records = few_candidates(storage, db, coll, clauses_of(flt))
    if records is None:
        return None
    documents = Documents(storage, db, coll)
    read = [document for record in records if (document := documents.get(record)) is not None]
    documents.release()
    return [document for document in read if matches(document, flt, vars=let)]


def _is_plain(storage: Any, db: str, coll: str, flt: Mapping[str, Any]) -> bool:
    """False for SecantusDB's virtual collections, time series and nearest-first queries."""
    return not (
        storage._is_oplog_rs(db, coll)
        or storage._is_system_users(db, coll)
        or storage._is_system_version(db, coll)
        or storage._is_timeseries(db, coll)
        or any(isinstance(clause, dict) and NEAR & set(clause) for clause in flt.values())
    )
