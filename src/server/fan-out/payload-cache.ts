import type { Payload } from './payload.js';

/** What payloads may take in memory; beyond that the oldest are forgotten. */
const LIMIT_BYTES = 32 * 1024 * 1024;
/** Of a payload besides its texts, with the maps that lead to it, roughly. */
const OVERHEAD_BYTES = 768;

type Rendered = Payload | Promise<Payload>;

/** The payloads of one event for one shape, by view. */
type Views = Map<string, Rendered>;

interface Kept {
  /** Weak: nobody asks for the payloads of an event that is held nowhere any more, and they go with it. */
  readonly views: WeakRef<Views>;
  readonly view: string;
  readonly bytes: number;
}

/**
 * Payloads of events, by the event itself: subscriptions whose sources differ (another filter, another cursor to go on
 * behind) share the execution of every event that they have in common. Payloads are let go with their event. Bounded all
 * the same: the oldest payloads are forgotten, and made again if they are asked for.
 */
export class PayloadCache {
  readonly #payloads = new WeakMap<object, Map<string, Views>>();
  readonly #limitBytes: number;
  #kept: Kept[] = [];
  #oldest = 0;
  #bytes = 0;

  constructor(limitBytes = LIMIT_BYTES) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes that the payloads take, roughly; some of them may have been let go by now. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * @param shape equal for subscriptions that answer an event alike, where it looks alike through their arguments
   * @param view what the event looks like through the arguments of this one
   */
  get(event: unknown, shape: string, view: string, render: () => Rendered): Rendered {
    if (typeof event !== 'object' || event === null) return render();
    let shapes = this.#payloads.get(event);
    if (shapes === undefined) this.#payloads.set(event, (shapes = new Map()));
    let views = shapes.get(shape);
    if (views === undefined) shapes.set(shape, (views = new Map()));
    return views.get(view) ?? this.#make(views, view, render);
  }

  #make(views: Views, view: string, render: () => Rendered): Rendered {
    const rendered = render();
    views.set(view, rendered);
    if (rendered instanceof Promise) {
      rendered.then(
        (payload) => this.#keep(views, view, payload),
        () => views.delete(view),
      );
    } else {
      this.#keep(views, view, rendered);
    }
    return rendered;
  }

  #keep(views: Views, view: string, payload: Payload): void {
    views.set(view, payload);
    const bytes = payload.json.length + (payload.cursor?.length ?? 0) + OVERHEAD_BYTES;
    this.#kept.push({ views: new WeakRef(views), view, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.#limitBytes || this.#isOldestGone()) this.#forgetOldest();
  }

  #isOldestGone(): boolean {
    const oldest = this.#kept[this.#oldest];
    return oldest !== undefined && oldest.views.deref() === undefined;
  }

  #forgetOldest(): void {
    const { views, view, bytes } = this.#kept[this.#oldest] as Kept;
    views.deref()?.delete(view);
    this.#bytes -= bytes;
    this.#oldest += 1;
    // Kept in an array with a moving start: what lies before it is let go now and then.
    if (this.#oldest < 1_024) return;
    this.#kept = this.#kept.slice(this.#oldest);
    this.#oldest = 0;
  }
}
