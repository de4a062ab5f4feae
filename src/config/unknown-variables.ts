const PREFIX = 'TASKTRACKER_';

/** How many letters have to be put in, taken out or changed to make the one of the other. */
function distance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [row, letter] of [...one].entries()) {
    const current = [row + 1];
    for (let column = 0; column < other.length; column += 1) {
      const changed = (previous[column] ?? 0) + (letter === other[column] ? 0 : 1);
      current.push(Math.min(changed, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}

function bare(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}

/** A variable that is named as a setting is, and is none. */
export interface UnknownVariable {
  readonly variable: string;
  /** The setting that was probably meant; null where none is near. */
  readonly meant: string | null;
}

/**
 * Variables with the prefix of settings that no setting reads: misspelt, or of another version.
 *
 * @param names of the environment's variables
 * @param settings names that are read
 */
export function unknownVariables(names: readonly string[], settings: readonly string[]): UnknownVariable[] {
  const unknown = names.filter((name) => name.startsWith(PREFIX) && !settings.includes(name));
  return unknown.map((variable) => {
    const wanted = bare(variable);
    const [nearest] = settings.map((setting) => ({ setting, apart: distance(wanted, bare(setting)) })).sort((a, b) => a.apart - b.apart);
    const isNear = nearest !== undefined && nearest.apart <= Math.max(1, Math.floor(wanted.length / 4));
    return { variable, meant: isNear ? nearest.setting : null };
  });
}
