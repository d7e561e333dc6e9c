/** What happens to datagrams on their way in one direction. All of it may change while they flow. */
export interface Conditions {
  /** Share that disappears, 0 to 1. */
  loss: number;
  /** Milliseconds that every datagram takes. */
  delay: number;
  /** Up to so many milliseconds more, evenly spread; the order stays. */
  jitter: number;
  /** Share that overtakes nothing and is overtaken: delivered `reorderBy` ms later than its turn, 0 to 1. */
  reorder: number;
  reorderBy: number;
  /** Bits per second of the bottleneck; 0 for none. */
  rate: number;
  /** Bytes the bottleneck queues before it drops. */
  queue: number;
  /** Nothing gets through. */
  cut: boolean;
}

export const PERFECT: Conditions = {
  loss: 0,
  delay: 0,
  jitter: 0,
  reorder: 0,
  reorderBy: 30,
  rate: 0,
  queue: 64 * 1024,
  cut: false,
};

/** Decides about each datagram of one direction; the same seed and the same arrivals give the same decisions. */
export class Impairment {
  conditions: Conditions = { ...PERFECT };
  received = 0;
  dropped = 0;
  private random: () => number;
  private lastDelivery = 0;
  private bottleneckFreeAt = 0;

  constructor(seed: number) {
    this.random = mulberry32(seed);
  }

  /** When a datagram of `size` bytes that arrives at `now` is to be delivered, in ms; undefined when it is lost. */
  schedule(now: number, size: number): number | undefined {
    this.received += 1;
    const { loss, delay, jitter, reorder, reorderBy, cut } = this.conditions;
    const lost = this.random() < loss;
    const spread = this.random() * jitter;
    const late = this.random() < reorder;
    const through = cut || lost ? undefined : this.throughBottleneck(now, size);
    if (through === undefined) {
      this.dropped += 1;
      return undefined;
    }
    const inTurn = Math.max(through + delay + spread, this.lastDelivery);
    if (late) return inTurn + reorderBy;
    this.lastDelivery = inTurn;
    return inTurn;
  }

  private throughBottleneck(now: number, size: number): number | undefined {
    const { rate, queue } = this.conditions;
    if (rate <= 0) return now;
    const start = Math.max(now, this.bottleneckFreeAt);
    const queuedBytes = ((start - now) * rate) / 8000;
    if (queuedBytes + size > queue) return undefined;
    this.bottleneckFreeAt = start + (size * 8000) / rate;
    return this.bottleneckFreeAt;
  }
}

/** A small generator with a 32-bit seed, evenly spread over [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
