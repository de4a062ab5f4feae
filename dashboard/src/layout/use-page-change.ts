import { type RefObject, useEffect, useRef } from 'react';

/**
 * What a browser does when it loads another page: to its top, with the focus at its content. Where somebody goes back,
 * the browser itself puts the page where it was.
 */
export function usePageChange(path: string, main: RefObject<HTMLElement | null>): void {
  const before = useRef(path);
  const back = useRef(false);
  useEffect(() => {
    const listener = () => {
      back.current = true;
    };
    addEventListener('popstate', listener);
    return () => removeEventListener('popstate', listener);
  }, []);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    if (!back.current) scrollTo(0, 0);
    back.current = false;
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
}
