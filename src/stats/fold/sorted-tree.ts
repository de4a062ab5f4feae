import { createRequire } from 'node:module';

import type sortedBtree from 'sorted-btree';

/**
 * The B+ tree of sorted-btree: a map in the order of its keys. Its package is CommonJS with a `default` export, which
 * loaders of ES modules disagree about; required, it is one thing everywhere.
 */
export const SortedTree = (createRequire(import.meta.url)('sorted-btree') as typeof sortedBtree).default;
export type SortedTree<K, V> = sortedBtree.default<K, V>;
