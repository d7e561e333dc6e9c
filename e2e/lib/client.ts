import type { Browser, Page } from '@playwright/test';
import type { Published, PublishOptions, StreamEvent } from '../page/client.js';
import type { AudioReport, MediaReport, VideoReport } from '../page/report.js';
import type { FramesShown } from '../page/screen.js';
import type { SdkName } from '../page/sdk.js';
import { until } from './until.js';
import { decodes, hears } from './watching.js';

export type AvailableEvent = Extract<StreamEvent, { kind: 'available' }>;

/** The test's hand on one device: a page of its own with an SDK in it. */
export class Client {
  private constructor(
    readonly name: string,
    readonly page: Page,
  ) {}

  static async open(browser: Browser, name: string, pageUrl: string, sdk: SdkName): Promise<Client> {
    const context = await browser.newContext({ viewport: { width: 400, height: 300 } });
    const page = await context.newPage();
    page.on('pageerror', (error) => console.log(`${name}: ${error}`));
    await page.goto(`${pageUrl}#${sdk}`);
    return new Client(name, page);
  }

  /** The sessions SDK in a page that is there for something else. */
  static on(page: Page, name: string): Client {
    return new Client(name, page);
  }

  async connect(token: string, websocketUrl: string): Promise<void> {
    await this.page.evaluate(([t, url]) => window.client.connect(t, url), [token, websocketUrl] as const);
  }

  publish(options: PublishOptions = {}): Promise<Published> {
    return this.page.evaluate((o) => window.client.publish(o), options);
  }

  connectPublishing(token: string, websocketUrl: string, alias: string): Promise<Published> {
    const args = [token, websocketUrl, alias] as const;
    return this.page.evaluate(([t, url, name]) => window.client.connectPublishing(t, url, name), args);
  }

  async unpublish(streamId: string): Promise<void> {
    await this.page.evaluate((id) => window.client.unpublish(id), streamId);
  }

  async disconnect(): Promise<void> {
    await this.page.evaluate(() => window.client.disconnect());
  }

  /** All that the SDK's handlers were told so far. */
  events(): Promise<StreamEvent[]> {
    return this.page.evaluate(() => window.client.events);
  }

  /** The events in brief, in order: "+participantId" and "-participantId". */
  async story(): Promise<string[]> {
    const publisher = new Map<string, string>();
    return (await this.events()).map((event) => {
      if (event.kind === 'available') publisher.set(event.streamId, event.participantId ?? '?');
      return (event.kind === 'available' ? '+' : '-') + publisher.get(event.streamId);
    });
  }

  /** Waits until the story is exactly this. */
  async expectStory(story: string[], seconds = 15): Promise<void> {
    let seen: string[] = [];
    const arrived = async () => (seen = await this.story()).length >= story.length;
    await until(`${this.name} sees ${story.length} events`, seconds, arrived).catch(() => {});
    const text = (events: string[]) => events.join(' ');
    if (text(seen) !== text(story)) throw new Error(`${this.name} saw [${text(seen)}], not [${text(story)}]`);
  }

  /** The stream of this participant that became available last and still is. */
  async streamFrom(participantId: string, seconds = 15): Promise<AvailableEvent> {
    return until(`${this.name} gets a stream of ${participantId}`, seconds, async () => {
      const events = await this.events();
      const from = events.filter((e): e is AvailableEvent => e.kind === 'available');
      const last = from.filter((e) => e.participantId === participantId).at(-1);
      if (!last) return undefined;
      const later = events.slice(events.lastIndexOf(last) + 1);
      return later.some((e) => e.kind === 'unavailable' && e.streamId === last.streamId) ? undefined : last;
    });
  }

  report(): Promise<MediaReport> {
    return this.page.evaluate(() => window.client.report());
  }

  async video(streamId: string): Promise<VideoReport | undefined> {
    return (await this.report()).video[streamId];
  }

  async audio(streamId: string): Promise<AudioReport | undefined> {
    return (await this.report()).audio[streamId];
  }

  frames(streamId: string): Promise<FramesShown | undefined> {
    return this.page.evaluate((id) => window.client.frames(id), streamId);
  }

  async resetGaps(): Promise<void> {
    await this.page.evaluate(() => window.client.resetGaps());
  }

  /** Waits until so many more frames of the stream are decoded. */
  async decodes(streamId: string, frames: number, seconds = 20): Promise<void> {
    await decodes(this.name, () => this.report(), streamId, frames, seconds);
  }

  /** Waits until sound is heard. */
  async hears(streamId: string, seconds = 20): Promise<void> {
    await hears(this.name, () => this.report(), streamId, seconds);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
