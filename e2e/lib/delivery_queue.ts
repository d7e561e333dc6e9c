interface Waiting {
  at: number;
  deliver: () => void;
}

/** Delivers at the times it is told (as `performance.now()` counts), in their order; one timer for all of them. */
export class DeliveryQueue {
  private waiting: Waiting[] = [];
  private timer?: NodeJS.Timeout;

  add(at: number, deliver: () => void): void {
    let place = this.waiting.length;
    while (place > 0 && this.waiting[place - 1]!.at > at) place -= 1;
    this.waiting.splice(place, 0, { at, deliver });
    if (place === 0) this.arm();
  }

  clear(): void {
    this.waiting = [];
    clearTimeout(this.timer);
  }

  private arm(): void {
    clearTimeout(this.timer);
    const next = this.waiting[0];
    if (!next) return;
    this.timer = setTimeout(() => this.run(), Math.max(0, next.at - performance.now()));
  }

  private run(): void {
    // Timers of Node fire up to a millisecond early.
    const now = performance.now() + 1;
    while (this.waiting.length > 0 && this.waiting[0]!.at <= now) this.waiting.shift()!.deliver();
    this.arm();
  }
}
