import type { BrowserContext, Page } from '@playwright/test';
import type { OpenCallOptions } from '@crosspoint/client';
import type { Act, CallShown, ChatMessage, News, Outcome, SignIn } from '../page/person.js';
import type { MediaReport } from '../page/report.js';
import type { FramesShown } from '../page/screen.js';
import type { Frame } from '../page/sockets.js';
import { isJsapi } from './asyncapi.js';
import { pause, until } from './until.js';
import { decodes, hears } from './watching.js';

/** What the server or the SDK refused, and how. */
export class Refused extends Error {
  constructor(
    what: string,
    override readonly name: string,
    readonly details: object,
  ) {
    super(`${what}: ${name} ${JSON.stringify(details)}`);
  }
}

/** The test's hand on one device of a user: a page of its own with JSAPI in it. */
export class Person {
  connectionId = '';
  /** Of pages that were reloaded since. */
  private readonly earlier: { frames: Frame[]; news: News[] } = { frames: [], news: [] };

  private gone = false;

  private constructor(
    readonly name: string,
    /** The user, and its one profile. */
    readonly profile: string,
    readonly page: Page,
  ) {}

  static async open(context: BrowserContext, name: string, profile: string, pageUrl: string): Promise<Person> {
    const page = await context.newPage();
    page.on('pageerror', (error) => console.log(`${name}: ${error}`));
    const person = new Person(name, profile, page);
    await page.goto(`${pageUrl}#crosspoint`);
    return person;
  }

  async signIn(signIn: SignIn): Promise<void> {
    this.connectionId = await this.page.evaluate((how) => window.person.signIn(how), signIn);
  }

  /** Loads the page anew, as its user would, and signs in again. */
  async reload(signIn: SignIn): Promise<void> {
    await this.remember();
    await this.page.reload();
    await this.signIn(signIn);
  }

  /** The device is destroyed: nobody says goodbye. What the page had said and heard stays known. */
  async vanish(): Promise<void> {
    await this.remember();
    this.gone = true;
    // A page that is closed would still be given the time to tell the server.
    const session = await this.page.context().newCDPSession(this.page);
    const crashed = this.page.waitForEvent('crash');
    void session.send('Page.crash').catch(() => undefined);
    await crashed;
  }

  async disconnect(): Promise<void> {
    await this.page.evaluate(() => window.person.disconnect());
  }

  /** Calls these profiles; returns the id of the call. */
  async call(to: string[], options: OpenCallOptions = { video: true }, chainId?: string): Promise<string> {
    const args = [to, options, chainId] as const;
    const opened = await this.page.evaluate(([t, o, chain]) => window.person.open(t, o, chain), args);
    if (typeof opened === 'string') return opened;
    throw new Refused(`${this.name}: call`, opened?.name ?? '', opened?.details ?? {});
  }

  /** Does something with a call; rejects with {@link Refused}. */
  async does(act: Act, callId: string, ...args: unknown[]): Promise<void> {
    const refused = await this.tries(act, callId, ...args);
    if (refused) throw new Refused(`${this.name}: ${act}`, refused.name, refused.details);
  }

  /** Does something with a call that may be refused. */
  tries(act: Act, callId: string, ...args: unknown[]): Promise<Outcome> {
    return this.page.evaluate(([a, id, rest]) => window.person.act(id, a, ...rest), [act, callId, args] as const);
  }

  /** The call as its object shows it; rejects when there is none. */
  async sees(callId: string): Promise<CallShown> {
    const shown = await this.page.evaluate((id) => window.person.shown(id) ?? null, callId);
    if (!shown) throw new Error(`${this.name} knows nothing of call ${callId}`);
    return shown;
  }

  /** Waits until the call is shown so. */
  async seesThat(what: string, callId: string, is: (call: CallShown) => boolean, seconds = 15): Promise<void> {
    let last: CallShown | undefined;
    await until(`${this.name} sees that ${what}`, seconds, async () => is((last = await this.sees(callId)))).catch(
      (error: Error) => {
        throw new Error(`${error.message}, but ${JSON.stringify(last)}`);
      },
    );
  }

  /** Number of call objects that the application has seen. */
  callObjects(): Promise<number> {
    return this.page.evaluate(() => window.person.objects);
  }

  /** All events so far, in order. */
  async news(): Promise<News[]> {
    if (this.gone) return this.earlier.news;
    return [...this.earlier.news, ...(await this.page.evaluate(() => window.person.news))];
  }

  /** Those of calls in brief, without when and whose: "received", "accepted b c3". */
  async story(callId: string): Promise<string[]> {
    const about = (await this.news()).filter(({ name, args }) => name.startsWith('call:') && args[0] === callId);
    return about.map(({ name, args }) => [name.slice('call:'.length), ...args.slice(1)].join(' '));
  }

  /** Waits for an event on `JSAPI`, also if it has come already. */
  hasNews(name: News['name'], is: (news: News) => boolean = () => true, seconds = 15): Promise<News> {
    return until(`${this.name} is told ${name}`, seconds, async () =>
      (await this.news()).find((news) => news.name === name && is(news)),
    );
  }

  /** The id of the call that comes in next, or has come in. */
  async isCalled(not: string[] = []): Promise<string> {
    const { args } = await this.hasNews('call:received', ({ args: [id] }) => !not.includes(String(id)));
    return String(args[0]);
  }

  write(to: string[], text: string, chainId?: string): Promise<{ id: string; chainId: string }> {
    return this.page.evaluate(([t, words, chain]) => window.person.write(t, words, chain), [
      to,
      text,
      chainId,
    ] as const);
  }

  /** A chain's messages, oldest first. */
  history(chainId: string): Promise<ChatMessage[]> {
    return this.page.evaluate((id) => window.person.history(id), chainId);
  }

  /** Edits a text; without words, erases it. */
  async rewrite(chainId: string, messageId: string, words?: string): Promise<void> {
    const args = [chainId, messageId, words] as const;
    await this.page.evaluate(([chain, id, text]) => window.person.rewrite(chain, id, text), args);
  }

  report(callId: string): Promise<MediaReport> {
    return this.page.evaluate((id) => window.person.report(id), callId);
  }

  framesOf(callId: string, profile: string): Promise<FramesShown | undefined> {
    return this.page.evaluate(([id, who]) => window.person.framesOf(id, who), [callId, profile] as const);
  }

  /** Width and height of a participant's picture; zeros when there is none. */
  pictureSize(callId: string, profile: string): Promise<[number, number]> {
    return this.page.evaluate(([id, who]) => window.person.pictureSize(id, who), [callId, profile] as const);
  }

  /** How many streams a participant has had so far, each counted as the object that it is. */
  streamsOf(callId: string, profile: string): Promise<number> {
    return this.page.evaluate(([id, who]) => window.person.streamsOf(id, who), [callId, profile] as const);
  }

  async resetGaps(): Promise<void> {
    await this.page.evaluate(() => window.person.resetGaps());
  }

  /** Waits until so many more frames of a participant are decoded. */
  decodes(callId: string, profile: string, frames = 20, seconds = 20): Promise<void> {
    return decodes(this.name, () => this.report(callId), profile, frames, seconds);
  }

  /** Waits until a participant is heard. */
  hears(callId: string, profile: string, seconds = 20): Promise<void> {
    return hears(this.name, () => this.report(callId), profile, seconds);
  }

  /** Waits until no more frames of a participant are decoded. */
  async seesNothingMore(callId: string, profile: string, seconds = 15): Promise<void> {
    const decoded = async () => (await this.report(callId)).video[profile]?.framesDecoded ?? 0;
    await until(`${this.name} sees nothing more of ${profile}`, seconds, async () => {
      const before = await decoded();
      // Ten frames' worth at the rate of the fake camera.
      await pause(500);
      return (await decoded()) === before;
    });
  }

  /** Number of peer connections that the page has made since it was loaded. */
  peers(): Promise<number> {
    return this.page.evaluate(() => window.person.peers);
  }

  /** Unix times, in ms, at which a peer connection was connected since `at`. */
  async connectedAt(since: number): Promise<number[]> {
    const states = await this.page.evaluate((at) => window.person.peerStates(at), since);
    return states.filter(({ state }) => state === 'connected').map(({ at }) => at);
  }

  /** What the page's sockets have sent and received, all of its lives. */
  async frames(): Promise<Frame[]> {
    if (this.gone) return this.earlier.frames;
    return [...this.earlier.frames, ...(await this.page.evaluate(() => window.person.frames()))];
  }

  /** The messages of one type on the JSAPI socket, in order. */
  async messages(side: Frame['side'], type: string): Promise<{ at: number; body: any }[]> {
    const frames = (await this.frames()).filter((frame) => isJsapi(frame) && frame.side === side);
    const parsed = frames.map(({ at, text }) => ({ at, ...(JSON.parse(text) as { type: string; body: any }) }));
    return parsed.filter((message) => message.type === type);
  }

  private async remember(): Promise<void> {
    this.earlier.frames.push(...(await this.page.evaluate(() => window.person.frames())));
    this.earlier.news.push(...(await this.page.evaluate(() => window.person.news)));
  }
}
