import { Button, Menu } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

import { useApi } from '../api/api.js';
import type { TaskRow } from '../api/live-tasks.js';
import { type Asked, asCurl, asGraphql } from './copy-as.js';

interface CopyMenuProps {
  readonly asked: Asked;
  /** What is copied as JSON: those that are ticked, else all that are loaded. */
  readonly rows: readonly TaskRow[];
  readonly ticked: boolean;
}

/** What the list asks, and what it shows, for use elsewhere. */
export function CopyMenu({ asked, rows, ticked }: CopyMenuProps) {
  const { endpoint } = useApi();
  const [said, setSaid] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = (text: string) => {
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid('The browser does not allow copying'),
    );
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setSaid(null), 2_000);
  };
  const count = rows.length.toLocaleString('en-US');
  return (
    <>
      <Menu position="bottom-end" shadow="md" withinPortal={false}>
        <Menu.Target>
          <Button size="xs" variant="default">
            {said ?? 'Copy as'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => copy(asGraphql(asked))}>GraphQL query</Menu.Item>
          <Menu.Item onClick={() => copy(asCurl(asked, endpoint.graphql))}>curl command</Menu.Item>
          <Menu.Item disabled={rows.length === 0} onClick={() => copy(JSON.stringify(rows, null, 2))}>
            JSON of {count} {ticked ? 'selected' : 'loaded'} rows
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <span role="status" className="tt-visually-hidden">
        {said}
      </span>
    </>
  );
}
