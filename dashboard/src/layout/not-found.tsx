import { Link } from 'wouter';

import { EmptyState } from '../components/empty-state.js';
import { paths } from '../routing/paths.js';
import { usePageTitle } from './page-title.js';

export function NotFound() {
  usePageTitle('Not found');
  return (
    <EmptyState title="There is no such page" page>
      Go to the <Link href={paths.overview()}>overview</Link>, or press <kbd>?</kbd> for the keyboard.
    </EmptyState>
  );
}
