/** Colours of a terminal, or none. */
export interface Paint {
  dim(text: string): string;
  strong(text: string): string;
  /** In the colour of what an execution's status means. */
  status(status: string, text: string): string;
}

const COLOURS: Readonly<Record<string, number>> = { QUEUED: 36, PROCESSING: 34, COMPLETED: 32, FAILED: 31, DLQ: 35, ARCHIVED: 90, removed: 90 };

function wrap(code: number, text: string): string {
  return text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`;
}

const PLAIN: Paint = { dim: (text) => text, strong: (text) => text, status: (_status, text) => text };

const COLOURED: Paint = {
  dim: (text) => wrap(2, text),
  strong: (text) => wrap(1, text),
  status: (status, text) => wrap(COLOURS[status] ?? 33, text),
};

export function paintFor(colours: boolean): Paint {
  return colours ? COLOURED : PLAIN;
}
