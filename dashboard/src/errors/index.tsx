import { usePageTitle } from '../layout/page-title.js';

export default function Errors() {
  usePageTitle('Errors');
  return <h1>Errors</h1>;
}
