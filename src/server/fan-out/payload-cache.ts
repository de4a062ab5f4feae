import type { Payload } from './member.js';

/**
 * Payloads of events, by the event itself: subscriptions whose sources differ (each replays behind a cursor of its own)
 * still share the execution of every event that they have in common. An event's payloads go with the event.
 */
export class PayloadCache {
  readonly #payloads = new WeakMap<object, Map<string, Payload | Promise<Payload>>>();

  get(event: unknown, shape: string, render: () => Payload | Promise<Payload>): Payload | Promise<Payload> {
    if (typeof event !== 'object' || event === null) return render();
    let shapes = this.#payloads.get(event);
    if (shapes === undefined) {
      shapes = new Map();
      this.#payloads.set(event, shapes);
    }
    const known = shapes.get(shape);
    if (known !== undefined) return known;
    const rendered = render();
    shapes.set(shape, rendered);
    return rendered;
  }
}
