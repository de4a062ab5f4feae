import type { StoredDocument } from '../model/execution.js';
import type { UpdateDescription } from './change-source.js';

type Container = Record<string, unknown> | unknown[];

/** Thrown inside this module only: the change does not say unambiguously what it changed. */
class Ambiguous extends Error {}

function isContainer(value: unknown): value is Container {
  return (
    Array.isArray(value) || (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
  );
}

/** A dot in a name makes `a.b` mean either a name or a path. */
function namesAreUnambiguous(container: Container): boolean {
  if (Array.isArray(container)) return true;
  for (const name in container) if (name.includes('.')) return false;
  return true;
}

const ARRAY_INDEX = /^(?:0|[1-9][0-9]*)$/;

/** Copies on the way down, so that the pre-image stays as it was; each container is copied at most once. */
class Copier {
  readonly #own = new Set<object>();

  own<T extends Container>(value: T): T {
    if (this.#own.has(value)) return value;
    const copy = (Array.isArray(value) ? value.slice() : { ...value }) as T;
    this.#own.add(copy);
    return copy;
  }

  /** The container that holds the last name of `path`, copied from the root down. */
  parentOf(root: Record<string, unknown>, path: readonly string[]): Container {
    let at: Container = root;
    for (const name of path.slice(0, -1)) {
      if (!namesAreUnambiguous(at)) throw new Ambiguous();
      const child = read(at, name);
      if (!isContainer(child)) throw new Ambiguous();
      const copy = this.own(child);
      write(at, name, copy);
      at = copy;
    }
    if (path.length > 1 && !namesAreUnambiguous(at)) throw new Ambiguous();
    return at;
  }
}

function read(container: Container, name: string): unknown {
  if (!Array.isArray(container)) return Object.hasOwn(container, name) ? container[name] : undefined;
  if (!ARRAY_INDEX.test(name)) throw new Ambiguous();
  return container[Number(name)];
}

function write(container: Container, name: string, value: unknown): void {
  if (!Array.isArray(container)) {
    Object.defineProperty(container, name, { value, writable: true, enumerable: true, configurable: true });
    return;
  }
  if (!ARRAY_INDEX.test(name) || Number(name) > container.length) throw new Ambiguous();
  container[Number(name)] = value;
}

function remove(container: Container, name: string): void {
  if (Array.isArray(container)) throw new Ambiguous();
  delete container[name];
}

/**
 * The document after an update, from the document before it and the change: exact, and without another read.
 *
 * @returns null where the change is ambiguous (names that contain dots, a path through something that is no object),
 * so that the caller must look the document up
 */
export function postImage(before: StoredDocument, change: UpdateDescription): StoredDocument | null {
  const copier = new Copier();
  const after = copier.own(before as Record<string, unknown>);
  try {
    for (const { field, newSize } of change.truncatedArrays ?? []) {
      const path = field.split('.');
      const parent = copier.parentOf(after, path);
      const name = path.at(-1) as string;
      const array = read(parent, name);
      if (!Array.isArray(array)) throw new Ambiguous();
      write(parent, name, array.slice(0, newSize));
    }
    for (const [field, value] of Object.entries(change.updatedFields ?? {})) {
      const path = field.split('.');
      write(copier.parentOf(after, path), path.at(-1) as string, value);
    }
    for (const field of change.removedFields ?? []) {
      const path = field.split('.');
      remove(copier.parentOf(after, path), path.at(-1) as string);
    }
    return after;
  } catch (error) {
    if (error instanceof Ambiguous) return null;
    throw error;
  }
}
