/** What a reader has chosen for this browser. Where nothing can be stored, a choice lasts as long as the page. */
const PREFIX = 'tasktracker.';

export function readSetting<Value extends string>(name: string, allowed: readonly Value[], otherwise: Value): Value {
  const stored = readText(name);
  return allowed.find((value) => value === stored) ?? otherwise;
}

/** Free text, e.g. JSON; null where there is none. */
export function readText(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function writeSetting(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Private windows and full disks: see above.
  }
}
