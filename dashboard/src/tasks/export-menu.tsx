import { Button, Menu } from '@mantine/core';
import { useState } from 'react';

import { useApi } from '../api/api.js';
import type { ApiError } from '../api/errors.js';
import type { Asked } from './copy-as.js';
import { EXPORT_FORMATS, type ExportFormat, exportUrl, saveExport } from './export-file.js';

interface ExportMenuProps {
  readonly asked: Asked;
  /** Told why the server refuses; null when it no longer does. */
  readonly onError: (error: ApiError | null) => void;
}

/** The whole list, not only what is loaded, as a file from the server. */
export function ExportMenu({ asked, onError }: ExportMenuProps) {
  const { endpoint, session } = useApi();
  const [busy, setBusy] = useState(false);
  const exportAs = async (format: ExportFormat) => {
    setBusy(true);
    onError(await saveExport(exportUrl(endpoint.export, asked, format), format, session));
    setBusy(false);
  };
  return (
    <Menu position="bottom-end" shadow="md" withinPortal={false}>
      <Menu.Target>
        <Button size="xs" variant="default" loading={busy}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {EXPORT_FORMATS.map((format) => (
          <Menu.Item key={format} onClick={() => void exportAs(format)}>
            {format.toUpperCase()} of the whole list
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
