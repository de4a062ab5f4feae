import { readFileSync } from 'node:fs';

export interface FoldableChange<Task> {
  readonly kind: string;
  readonly tasks: readonly Task[];
  readonly task: Task | null;
  readonly index: number | null;
}

const guide = readFileSync(new URL('../../docs/feed.md', import.meta.url), 'utf8');
const code = /```js\n(function foldTaskList[\s\S]*?)```/.exec(guide)?.[1];
if (code === undefined) throw new Error('docs/feed.md no longer says how to fold a live list');

/** The fold of a live list as the guide has it, so that what it tells clients to do is what the tests do. */
export const foldTaskList = new Function(`${code}; return foldTaskList;`)() as <Task>(list: readonly Task[], change: FoldableChange<Task>) => readonly Task[];
