/** What the server's numbers say of a frame: process it, drop it, or give this transport up (SEQ-1, SEQ-2). */
export type Arrival = 'next' | 'seen' | 'gap';

const kAckDelay = 200;
const kAckEvery = 32;

/** The server's sequence as it arrives, and when to acknowledge it. */
export class Incoming {
  /** The highest number received without a gap. */
  received = 0;
  private unacknowledged = 0;
  private ackAt = Infinity;

  /** Takes the number of a frame. */
  take(now: number, seq: number): Arrival {
    if (seq > this.received + 1) return 'gap';
    this.unacknowledged += 1;
    this.ackAt = this.unacknowledged >= kAckEvery ? now : Math.min(this.ackAt, now + kAckDelay);
    if (seq <= this.received) return 'seen';
    this.received = seq;
    return 'next';
  }

  /** Called as a frame goes out: an acknowledgement rides on it. */
  acknowledge(): number {
    this.unacknowledged = 0;
    this.ackAt = Infinity;
    return this.received;
  }

  /** When an acknowledgement has to go out by itself. */
  nextAck(): number {
    return this.ackAt;
  }

  /** The sequence starts again at 1 (CON-6). */
  restart(): void {
    this.received = 0;
    this.acknowledge();
  }
}
