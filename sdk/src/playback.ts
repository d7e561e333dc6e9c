import type { Browser } from './browser.js';
import { Emitter } from './emitter.js';

/** What {@link Playback} reports. */
export interface PlaybackEvents {
  /** The browser plays nothing before the user has done something on the page. */
  blocked: void;
  /** Everything plays that was blocked. */
  resumed: void;
}

/** Plays streams in media elements, and gets round the browser's autoplay policy once the user touches the page. */
export class Playback extends Emitter<PlaybackEvents> {
  private readonly elements = new Set<HTMLMediaElement>();
  private readonly blocked = new Set<HTMLMediaElement>();
  private offGesture: (() => void) | undefined;
  private speaker = '';

  constructor(private readonly browser: Browser) {
    super();
  }

  /** Shows `stream` in `element` and starts it; the function returned takes it out again. */
  attach(stream: MediaStream, element: HTMLMediaElement): () => void {
    if (element.srcObject !== stream) element.srcObject = stream;
    this.elements.add(element);
    if (this.speaker) void this.route(element);
    void this.play(element);
    return () => {
      this.elements.delete(element);
      this.unblock(element);
      if (element.srcObject === stream) element.srcObject = null;
    };
  }

  /** Tries again what was blocked; call it from a handler of a click or key. */
  async resume(): Promise<void> {
    await Promise.all([...this.blocked].map((element) => this.play(element)));
  }

  /** Plays everything through this speaker, now and later; browsers without that choice ignore it. */
  async setSpeaker(deviceId: string): Promise<void> {
    this.speaker = deviceId;
    await Promise.all([...this.elements].map((element) => this.route(element)));
  }

  private async route(element: HTMLMediaElement): Promise<void> {
    await element.setSinkId?.(this.speaker);
  }

  private async play(element: HTMLMediaElement): Promise<void> {
    try {
      await element.play();
      this.unblock(element);
    } catch (error) {
      // Anything else means that the element was given something else to play, or left the page.
      if ((error as Error).name === 'NotAllowedError' && this.elements.has(element)) this.block(element);
    }
  }

  private block(element: HTMLMediaElement): void {
    this.blocked.add(element);
    if (this.offGesture) return;
    this.offGesture = this.browser.onGesture(() => void this.resume());
    this.emit('blocked', undefined);
  }

  private unblock(element: HTMLMediaElement): void {
    if (!this.blocked.delete(element) || this.blocked.size > 0) return;
    this.offGesture?.();
    this.offGesture = undefined;
    this.emit('resumed', undefined);
  }
}
