import { describe, expect, it } from 'vitest';
import { Impairment, type Conditions } from './impairment.js';

function deliveries(seed: number, conditions: Partial<Conditions>, count: number, everyMs = 1, size = 1000) {
  const impairment = new Impairment(seed);
  Object.assign(impairment.conditions, conditions);
  const times = Array.from({ length: count }, (_, index) => impairment.schedule(index * everyMs, size));
  return { impairment, times };
}

describe('Impairment', () => {
  it('delivers at once and in full without conditions', () => {
    const { impairment, times } = deliveries(1, {}, 5);
    expect(times).toEqual([0, 1, 2, 3, 4]);
    expect(impairment).toMatchObject({ received: 5, dropped: 0 });
  });

  it('decides the same for the same seed, otherwise for another', () => {
    const bad = { loss: 0.2, jitter: 20, reorder: 0.1 };
    expect(deliveries(7, bad, 200).times).toEqual(deliveries(7, bad, 200).times);
    expect(deliveries(7, bad, 200).times).not.toEqual(deliveries(8, bad, 200).times);
  });

  it('loses the share it is told to', () => {
    const { impairment } = deliveries(3, { loss: 0.05 }, 20_000);
    expect(impairment.dropped / impairment.received).toBeGreaterThan(0.045);
    expect(impairment.dropped / impairment.received).toBeLessThan(0.055);
  });

  it('delays, and keeps the order under jitter', () => {
    const { times } = deliveries(4, { delay: 50, jitter: 30 }, 500);
    times.forEach((at, index) => expect(at! - index).toBeGreaterThanOrEqual(50));
    expect(times).toEqual([...times].sort((a, b) => a! - b!));
    expect(Math.max(...times.map((at, index) => at! - index))).toBeLessThanOrEqual(80);
  });

  it('lets others overtake the share that reorder names', () => {
    const { times } = deliveries(5, { reorder: 0.1, reorderBy: 30 }, 1000);
    const late = times.filter((at, index) => at === index + 30).length;
    expect(late).toBeGreaterThan(70);
    expect(late).toBeLessThan(130);
  });

  it('spaces packets at the rate and drops what the queue cannot hold', () => {
    // 1000 bytes every ms are 8 Mbit/s; half of them fit through 4 Mbit/s.
    const { impairment, times } = deliveries(6, { rate: 4_000_000, queue: 10_000 }, 1000);
    const arrived = times.filter((at) => at !== undefined);
    expect(arrived.length).toBeGreaterThan(490);
    expect(arrived.length).toBeLessThan(520);
    expect(impairment.dropped).toBe(1000 - arrived.length);
    for (let index = 1; index < arrived.length; index += 1)
      expect(arrived[index]! - arrived[index - 1]!).toBeGreaterThanOrEqual(2 - 1e-6);
  });

  it('lets nothing through while it is cut', () => {
    const { impairment, times } = deliveries(9, { cut: true }, 10);
    expect(times.every((at) => at === undefined)).toBe(true);
    impairment.conditions.cut = false;
    expect(impairment.schedule(100, 10)).toBe(100);
  });
});
