import { Emitter } from './emitter.js';

/** How loud one stream is. */
export interface AudioLevel {
  /** The stream's id. */
  endpointId: string;
  /** Peak amplitude: 0 is silence, 1 is full scale. */
  level: number;
  /** Whether somebody speaks; stays true over the pauses between words. */
  speaking: boolean;
}

/** Where a level comes from. */
export interface LevelSource {
  read(): number | Promise<number>;
  close(): void;
}

interface Meter {
  open(): LevelSource;
  source?: LevelSource;
  last: AudioLevel;
  /** Readings since the last loud one. */
  quiet: number;
}

const kInterval = 100;
const kLoud = 0.05;
const kQuietReadings = 6;
const kNoticeable = 0.005;

/** Reads the level of every stream ten times a second, as long as somebody wants to know. */
export class LevelMonitor {
  private readonly meters = new Map<string, Meter>();
  private readonly changes = new Emitter<{ level: AudioLevel }>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private busy = false;

  /** Adds a stream, or replaces its source; `open` is called once somebody watches. */
  add(endpointId: string, open: () => LevelSource): void {
    this.remove(endpointId);
    this.meters.set(endpointId, { open, last: { endpointId, level: 0, speaking: false }, quiet: kQuietReadings });
  }

  /** Forgets a stream. */
  remove(endpointId: string): void {
    this.meters.get(endpointId)?.source?.close();
    this.meters.delete(endpointId);
  }

  /** Tells `listener` each noticeable change of any stream, until the function returned is called. */
  watch(listener: (level: AudioLevel) => void): () => void {
    const off = this.changes.on('level', listener);
    this.timer ??= setInterval(() => void this.read(), kInterval);
    return () => {
      off();
      if (this.changes.count() === 0) this.rest();
    };
  }

  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    for (const meter of this.meters.values()) {
      meter.source?.close();
      meter.source = undefined;
    }
  }

  private async read(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    await Promise.all([...this.meters.values()].map((meter) => this.readOne(meter)));
    this.busy = false;
  }

  private async readOne(meter: Meter): Promise<void> {
    const { last } = meter;
    let level = 0;
    try {
      level = await (meter.source ??= meter.open()).read();
    } catch {
      // A stream that is just ending has no level any more.
    }
    // Removed, or nobody cares any more, while the reading was on its way.
    if (this.meters.get(last.endpointId) !== meter || this.changes.count() === 0) return;
    meter.quiet = level >= kLoud ? 0 : meter.quiet + 1;
    const speaking = meter.quiet < kQuietReadings;
    if (speaking === last.speaking && Math.abs(level - last.level) < kNoticeable) return;
    meter.last = { endpointId: last.endpointId, level, speaking };
    this.changes.emit('level', meter.last);
  }
}
