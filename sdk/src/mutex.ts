/** Runs asynchronous tasks one after the other, in the order they came. */
export class Mutex {
  private last: Promise<unknown> = Promise.resolve();

  /** Starts `task` when all earlier ones have ended, however they ended, and settles as it does. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task);
    this.last = result.catch(() => undefined);
    return result;
  }
}
