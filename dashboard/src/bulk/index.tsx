import { lazy, Suspense } from 'react';

import { useMay } from '../api/caller.js';

export { type Bulk, BulkProvider, type BulkRequest, useBulk } from './provider.js';

const Overlay = lazy(() => import('./overlay.js'));

/** What bulk operations show over every view; loaded for those who may begin one. */
export function BulkOverlay() {
  const mayOperate = useMay('OPERATE');
  if (!mayOperate) return null;
  return (
    <Suspense fallback={null}>
      <Overlay />
    </Suspense>
  );
}
