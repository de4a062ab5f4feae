import { createTheme, Drawer, Modal } from '@mantine/core';

import { readSetting, writeSetting } from '../settings.js';

/** Colours, fonts and radii stand in tokens.css and mantine.css: variables made here would need a <style> element. */
export const theme = createTheme({
  primaryColor: 'indigo',
  cursorType: 'pointer',
  components: {
    // Their scroll lock is a <style> element: base.css does it.
    Modal: Modal.extend({ defaultProps: { lockScroll: false } }),
    Drawer: Drawer.extend({ defaultProps: { lockScroll: false } }),
  },
});

const SCHEMES = ['auto', 'light', 'dark'] as const;
export type ColorScheme = (typeof SCHEMES)[number];

const STORAGE_KEY = 'tasktracker.theme';

/** The reader's choice, kept under the name that index.html reads before anything is painted; shared by all tabs. */
export function colorSchemeManager() {
  let stop: () => void = () => undefined;
  return {
    get: (otherwise: ColorScheme) => readSetting('theme', SCHEMES, otherwise),
    set: (scheme: ColorScheme) => writeSetting('theme', scheme),
    subscribe(changed: (scheme: ColorScheme) => void) {
      const listener = ({ key, newValue }: StorageEvent): void => {
        const scheme = SCHEMES.find((name) => name === newValue);
        if (key === STORAGE_KEY && scheme !== undefined) changed(scheme);
      };
      addEventListener('storage', listener);
      stop = () => removeEventListener('storage', listener);
    },
    unsubscribe: () => stop(),
    clear: () => writeSetting('theme', 'auto'),
  };
}
