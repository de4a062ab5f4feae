import { readText, writeSetting } from '../settings.js';
import { type Column, parseColumns } from './columns.js';

export function readColumns(): readonly Column[] {
  return parseColumns(readText('columns'));
}

export function rememberColumns(columns: readonly Column[]): void {
  writeSetting('columns', JSON.stringify(columns));
}
