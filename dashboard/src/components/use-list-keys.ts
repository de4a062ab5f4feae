import { type KeyboardEvent, type RefObject, useCallback } from 'react';

export interface ListKeys {
  /** How many rows there are, those that are not drawn among them. */
  readonly count: number;
  /** Brings a row into view, so that it is drawn. */
  readonly show: (index: number) => void;
  /** Holds the rows: each has `data-index`, and in it one element `data-row-focus` that takes the focus. */
  readonly container: RefObject<HTMLElement | null>;
}

const PAGE_ROWS = 10;

function targetOf(key: string, index: number, count: number): number | null {
  const last = count - 1;
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, index + 1);
    case 'ArrowUp':
      return Math.max(0, index - 1);
    case 'PageDown':
      return Math.min(last, index + PAGE_ROWS);
    case 'PageUp':
      return Math.max(0, index - PAGE_ROWS);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

/** Arrows, Page, Home and End move the focus through a list, drawn or virtual; Enter is the focused element's own. */
export function useListKeys({ count, show, container }: ListKeys) {
  const focus = useCallback(
    (index: number) => {
      show(index);
      const find = () => container.current?.querySelector<HTMLElement>(`[data-index="${index}"] [data-row-focus]`);
      // A row that was out of sight is drawn within the next frames.
      const attempt = (left: number) => {
        const row = find();
        if (row) row.focus({ preventScroll: false });
        else if (left > 0) requestAnimationFrame(() => attempt(left - 1));
      };
      attempt(10);
    },
    [container, show],
  );
  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const row = (event.target as Element).closest('[data-index]');
      const index = row === null ? -1 : Number(row.getAttribute('data-index'));
      const target = count === 0 ? null : targetOf(event.key, index, count);
      if (target === null) return;
      event.preventDefault();
      focus(target);
    },
    [count, focus],
  );
  /** Moves from where the focus is, or into the list: for shortcuts of the whole page. */
  const step = useCallback(
    (by: 1 | -1) => {
      if (count === 0) return;
      const row = document.activeElement?.closest('[data-index]');
      const inside = row !== null && row !== undefined && container.current?.contains(row);
      const index = inside ? Number(row.getAttribute('data-index')) : by === 1 ? -1 : 1;
      focus(Math.max(0, Math.min(count - 1, index + by)));
    },
    [count, focus, container],
  );
  return { onKeyDown, step };
}
