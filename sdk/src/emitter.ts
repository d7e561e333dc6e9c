/** Listener of one event. */
export type Listener<T> = (event: T) => void;

/** Typed events: `Events` maps each event's name to what its listeners are given. */
export class Emitter<Events extends object> {
  private readonly listeners = new Map<keyof Events, Set<Listener<never>>>();

  /**
   * Calls `listener` on each `name` event.
   *
   * @returns a function that removes the listener again; calling it twice does no harm.
   */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const known = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, known.add(listener));
    return () => this.off(name, listener);
  }

  /** Calls `listener` on the next `name` event only. */
  once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const off = this.on(name, (event) => {
      off();
      listener(event);
    });
    return off;
  }

  /** Removes a listener that {@link on} added. */
  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): void {
    const known = this.listeners.get(name);
    known?.delete(listener);
    if (known?.size === 0) this.listeners.delete(name);
  }

  /** Calls the listeners in the order they were added. One that throws is reported and does not stop the others. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of [...(this.listeners.get(name) ?? [])]) {
      try {
        (listener as Listener<Events[Name]>)(event);
      } catch (error) {
        console.error(`crosspoint: a listener of '${String(name)}' threw`, error);
      }
    }
  }

  /** Number of listeners of `name`, or of all events. */
  count(name?: keyof Events): number {
    if (name !== undefined) return this.listeners.get(name)?.size ?? 0;
    return [...this.listeners.values()].reduce((sum, known) => sum + known.size, 0);
  }
}
