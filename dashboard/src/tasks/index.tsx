import { usePageTitle } from '../layout/page-title.js';

export default function Tasks() {
  usePageTitle('Tasks');
  return <h1>Tasks</h1>;
}
