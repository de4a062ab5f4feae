import type { ErrorGroup as Counted } from '../stats/types.js';
import { readFingerprint } from '../model/fingerprint/fingerprint.js';
import type { OperationContext } from './context.js';
import type { ErrorGroup } from './types/error-group.js';

/** The newest failure of a group that still exists; null where there is none left. */
async function sampleOf(group: Counted, { loaders, queries }: Pick<OperationContext, 'loaders' | 'queries'>) {
  for (const id of group.sampleIds) {
    const execution = await loaders.document.load(id);
    if (execution !== null) return execution;
  }
  // Of the kinds without a group of their own no filter says which failures they are.
  if (readFingerprint(group.fingerprint)?.isOther !== false) return null;
  const { edges } = await queries.page({ filter: { fingerprint: group.fingerprint }, orderBy: { field: 'failedAt', direction: 'DESC' }, first: 1 });
  return edges[0]?.node ?? null;
}

/** Groups with their samples, which are read together. A group whose last failure has just been deleted is left out. */
export async function withSamples(groups: readonly Counted[], context: Pick<OperationContext, 'loaders' | 'queries'>): Promise<ErrorGroup[]> {
  const samples = await Promise.all(groups.map((group) => sampleOf(group, context)));
  return groups.flatMap((group, index) => {
    const sample = samples[index];
    return sample ? [{ ...group, sample }] : [];
  });
}
