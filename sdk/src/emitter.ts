/** Listener of one event. */
export type Listener<T> = (event: T) => void;

/** Typed events: `Events` maps each event's name to the list of what its listeners are given. */
export class Signals<Events extends { [Name in keyof Events]: unknown[] }> {
  private readonly listeners = new Map<keyof Events, Set<(...args: any) => void>>();

  /**
   * Calls `listener` on each `name` event.
   *
   * @returns a function that removes the listener again; calling it twice does no harm.
   */
  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    const known = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, known.add(listener));
    return () => this.off(name, listener);
  }

  /** Calls `listener` on the next `name` event only. */
  once<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    const off = this.on(name, (...args: Events[Name]) => {
      off();
      listener(...args);
    });
    return off;
  }

  /** Removes a listener that {@link on} added. */
  off<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): void {
    const known = this.listeners.get(name);
    known?.delete(listener);
    if (known?.size === 0) this.listeners.delete(name);
  }

  /** Calls the listeners in the order they were added. One that throws is reported and does not stop the others. */
  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    for (const listener of [...(this.listeners.get(name) ?? [])]) {
      try {
        listener(...args);
      } catch (error) {
        this.listenerThrew(String(name), error);
      }
    }
  }

  /** Number of listeners of `name`, or of all events. */
  count(name?: keyof Events): number {
    if (name !== undefined) return this.listeners.get(name)?.size ?? 0;
    return [...this.listeners.values()].reduce((sum, known) => sum + known.size, 0);
  }

  /** Reports a listener that threw. */
  protected listenerThrew(name: string, error: unknown): void {
    console.error(`crosspoint: a listener of '${name}' threw`, error);
  }
}

/** {@link Signals} whose listeners are given one thing: `Events` maps each event's name to it. */
export class Emitter<Events extends object> extends Signals<{ [Name in keyof Events]: [event: Events[Name]] }> {}
