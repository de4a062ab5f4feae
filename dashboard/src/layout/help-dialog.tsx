import { Kbd, Modal } from '@mantine/core';
import { Fragment } from 'react';

import { useApi } from '../api/api.js';
import styles from './help-dialog.module.css';
import { useShortcuts } from './shortcuts.js';

const LISTS = [
  { keys: '↑ ↓', description: 'Move through a list' },
  { keys: 'Enter', description: 'Open the row' },
  { keys: 'Esc', description: 'Close a dialog or the drawer' },
] as const;

/** Every shortcut that works at this moment, and where the API can be explored. */
export function HelpDialog({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const { endpoint } = useApi();
  const shortcuts = useShortcuts();
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard" centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <dl className={styles['keys']}>
        {[...shortcuts.list(), ...LISTS].map(({ keys, description }) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key, index) => (
                <Fragment key={key}>
                  {index > 0 && ' '}
                  <Kbd>{key}</Kbd>
                </Fragment>
              ))}
            </dt>
            <dd>{description}</dd>
          </div>
        ))}
      </dl>
      <p className={styles['api']}>
        This page uses nothing but the GraphQL API. Explore it in <a href={endpoint.graphiql}>GraphiQL</a>.
      </p>
    </Modal>
  );
}
