import { Drawer } from '@mantine/core';

export interface TaskDrawerProps {
  readonly executionId: string;
  readonly onClose: () => void;
}

/** One execution in full, over whatever view is open. */
export default function TaskDrawer({ executionId, onClose }: TaskDrawerProps) {
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title={executionId} closeButtonProps={{ 'aria-label': 'Close' }}>
      <code>{executionId}</code>
    </Drawer>
  );
}
