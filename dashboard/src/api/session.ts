/** Where a key or token is kept: until the tab is closed, or in memory until the page is left. */
export type Keep = 'tab' | 'page';

/** What the page shows the server of who looks at it, and whether the server has refused that. */
export class Session {
  readonly #name: string;
  readonly #listeners = new Set<() => void>();
  #token: string | null;
  #refused = false;

  /** @param basePath of the dashboard: others on the same host have keys of their own */
  constructor(basePath: string) {
    this.#name = `tasktracker.token${basePath}`;
    this.#token = read(this.#name);
  }

  get signedIn(): boolean {
    return this.#token !== null;
  }

  /** The server wants to know who looks, or does not take what it was shown. */
  get refused(): boolean {
    return this.#refused;
  }

  /** @returns how to stop listening */
  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** For requests over HTTP; what `connection_init` carries is the same. */
  readonly headers = (): Record<string, string> => (this.#token === null ? {} : { authorization: `Bearer ${this.#token}` });

  signIn(token: string, keep: Keep): void {
    this.#token = token;
    if (keep === 'tab') write(this.#name, token);
    else forget(this.#name);
    this.#become(false);
  }

  signOut(): void {
    this.#token = null;
    forget(this.#name);
    this.#become(true);
  }

  refuse(): void {
    if (!this.#refused) this.#become(true);
  }

  #become(refused: boolean): void {
    this.#refused = refused;
    for (const listener of this.#listeners) listener();
  }
}

function read(name: string): string | null {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    // Where nothing can be stored, it lasts as long as the page.
  }
}

function forget(name: string): void {
  try {
    sessionStorage.removeItem(name);
  } catch {
    // Nothing was stored.
  }
}
