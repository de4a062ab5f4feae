import { useEffect } from 'react';

import { useMay } from '../api/caller.js';
import { useApiQuery } from '../api/hooks.js';
import { CloseIcon } from '../components/icons.js';
import { sumUp } from './actions.js';
import { BulkDialog } from './bulk-dialog.js';
import styles from './bulk.module.css';
import { RECENT } from './documents.js';
import { OperationDialog } from './operation-dialog.js';
import { useBulk } from './provider.js';
import { useOperation } from './use-operation.js';

/** The dialog, and in a corner what runs and what has just ended. */
export default function BulkOverlay() {
  const { asked, opened, watched, open, close, watch } = useBulk();
  const mayOperate = useMay('OPERATE');
  const { data } = useApiQuery(RECENT, {}, { pause: !mayOperate });
  useEffect(() => {
    if (data) watch(data.bulkOperations.filter(({ state }) => state === 'RUNNING').map(({ id }) => id));
  }, [data, watch]);
  const begun = (id: string) => {
    watch([id]);
    open(id);
  };
  return (
    <>
      {watched.length > 0 && (
        <section className={styles['corner']} aria-label="Bulk operations">
          {watched.map((id) => (
            <Watched key={id} id={id} />
          ))}
        </section>
      )}
      {asked !== null && <BulkDialog request={asked} onBegun={begun} onClose={close} />}
      {opened !== null && <OperationDialog key={opened} id={opened} onClose={close} />}
    </>
  );
}

function Watched({ id }: { readonly id: string }) {
  const { open, forget } = useBulk();
  const operation = useOperation(id);
  if (operation === null) return null;
  const { state, matched, processed } = operation;
  const text = sumUp(operation);
  return (
    <div className={styles['watched']}>
      <button type="button" className={styles['what']} onClick={() => open(id)}>
        {text}
      </button>
      {state === 'RUNNING' ? (
        <progress className={styles['bar']} max={Math.max(1, matched)} value={processed} aria-label={text} />
      ) : (
        <button type="button" className={styles['forget']} aria-label={`Dismiss: ${text}`} onClick={() => forget(id)}>
          <CloseIcon size={12} />
        </button>
      )}
    </div>
  );
}
