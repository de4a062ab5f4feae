import { Link } from 'wouter';

import { CopyButton } from '../components/copy-button.js';
import { paths } from '../routing/paths.js';
import styles from './task.module.css';

/** Levels that are open at first, and how many entries a level may have to be so. */
const OPEN_LEVELS = 2;
const OPEN_ENTRIES = 30;
/** More entries of one level are not drawn: they can be copied. */
const MOST_ENTRIES = 200;

/** Domain data as a tree: levels open and close, and a value leads to the tasks that share it. */
export function MetadataTree({ metadata }: { readonly metadata: Readonly<Record<string, unknown>> }) {
  if (Object.keys(metadata).length === 0) return <p className={styles['quiet']}>None.</p>;
  return (
    <div className={styles['tree']}>
      <Entries of={metadata} path={[]} />
    </div>
  );
}

type Path = readonly (string | number)[];

function Entries({ of, path }: { readonly of: object; readonly path: Path }) {
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(of) ? of.map((entry, index) => [index, entry] as const) : Object.entries(of);
  return (
    <ul>
      {entries.slice(0, MOST_ENTRIES).map(([name, value]) => (
        <li key={name}>
          <Entry name={name} value={value} path={[...path, name]} />
        </li>
      ))}
      {entries.length > MOST_ENTRIES && <li className={styles['none']}>and {entries.length - MOST_ENTRIES} more</li>}
    </ul>
  );
}

function Entry({ name, value, path }: { readonly name: string | number; readonly value: unknown; readonly path: Path }) {
  if (typeof value !== 'object' || value === null) {
    return (
      <div className={styles['leaf']}>
        <span className={styles['key']}>{name}</span>
        <Scalar value={value} path={path} />
      </div>
    );
  }
  const size = Object.keys(value).length;
  const list = Array.isArray(value);
  if (size === 0) {
    return (
      <div className={styles['leaf']}>
        <span className={styles['key']}>{name}</span>
        <span className={styles['none']}>{list ? '[ ]' : '{ }'}</span>
      </div>
    );
  }
  return (
    <details open={path.length < OPEN_LEVELS && size <= OPEN_ENTRIES}>
      <summary>
        <span className={styles['key']}>{name}</span> <span className={styles['none']}>{list ? `[ ${size} ]` : `{ ${size} }`}</span>
      </summary>
      <Entries of={value} path={path} />
    </details>
  );
}

function Scalar({ value, path }: { readonly value: unknown; readonly path: Path }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const type = value === null ? 'null' : typeof value;
  const shown = (
    <span className={styles['value']} data-type={type}>
      {type === 'string' ? `"${text}"` : text}
    </span>
  );
  // A path of the API is plain names joined by dots; a list is asked by the names around it.
  const names = path.filter((part) => typeof part === 'string');
  const askable = names.every((part) => part !== '' && !/[.$]/.test(part)) && (typeof value !== 'string' || value.length <= 200);
  return (
    <>
      {askable ? (
        <Link href={paths.tasks({ metadata: [{ path: names.join('.'), eq: value as string | number | boolean | null }] })} title={`Tasks whose ${names.join('.')} is the same`}>
          {shown}
        </Link>
      ) : (
        shown
      )}
      <CopyButton text={text} of={String(path.at(-1))} />
    </>
  );
}
