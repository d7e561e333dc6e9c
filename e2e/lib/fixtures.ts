import { expect, test as base, type Browser, type BrowserContext } from '@playwright/test';
import type { SignIn } from '../page/person.js';
import type { SdkName } from '../page/sdk.js';
import { CallbackReceiver } from './callbacks.js';
import { frameProblems } from './asyncapi.js';
import { Client } from './client.js';
import { JsapiDevice } from './jsapi_device.js';
import { People } from './people.js';
import { Person } from './person.js';
import { Relay } from './relay.js';
import { Room, type Member } from './rest.js';
import { Server, type ServerOptions } from './server.js';
import { TestPage } from './test_page.js';
import { freeUdpPort } from './ports.js';
import { WsProxy } from './ws_proxy.js';

/** Makes what a test needs and takes it away again afterwards, the last one first. */
export class Stage {
  private readonly closers: (() => unknown)[] = [];
  private readonly servers: Server[] = [];

  private readonly persons: Person[] = [];
  private readonly jsapiDevices: JsapiDevice[] = [];
  private readonly browsers = new Map<string, BrowserContext>();

  constructor(
    private readonly browser: Browser,
    private readonly pageUrl: string,
  ) {}

  async server(options?: ServerOptions): Promise<Server> {
    const server = await Server.start(options);
    this.servers.push(server);
    return this.later(server, () => server.close());
  }

  /** A server whose media goes through a relay. */
  async serverBehindRelay(seed: number, options: ServerOptions = {}): Promise<{ server: Server; relay: Relay }> {
    const mediaPort = await freeUdpPort();
    const relay = await Relay.start(mediaPort, seed);
    this.later(relay, () => relay.close());
    return { relay, server: await this.server({ ...options, mediaPort, announce: [relay.address] }) };
  }

  async wsProxy(server: Server): Promise<WsProxy> {
    const proxy = await WsProxy.start(server.httpPort);
    return this.later(proxy, () => proxy.close());
  }

  async callbacks(): Promise<CallbackReceiver> {
    const receiver = await CallbackReceiver.create();
    return this.later(receiver, () => receiver.die());
  }

  /** A page with the SDK, not connected. */
  async client(name: string, sdk: SdkName = 'bandwidth'): Promise<Client> {
    const client = await Client.open(this.browser, name, this.pageUrl, sdk);
    return this.later(client, () => client.close());
  }

  /** A page of a user with JSAPI, signed in. The pages of a user are tabs of one browser, if not told otherwise. */
  async person(server: Server, name: string, user: string, options: PersonOptions = {}): Promise<Person> {
    const person = await Person.open(await this.browserOf(options.apart ? name : user), name, user, this.pageUrl);
    this.persons.push(person);
    await person.signIn(await this.credentials(server, user, options));
    return person;
  }

  /** A connection of a user without a page, to say what no SDK would. */
  async jsapiDevice(server: Server, user: string, restricted?: object): Promise<JsapiDevice> {
    const device = await JsapiDevice.open(server, new People(server), user, restricted);
    this.jsapiDevices.push(device);
    return this.later(device, () => device.close());
  }

  /** What a page of a user signs in with. */
  async credentials(server: Server, user: string, { websocketUrl, autoRinging }: PersonOptions = {}): Promise<SignIn> {
    const url = `${websocketUrl ?? server.websocketUrl}/jsapi/v1`;
    return { url, token: await new People(server).token(user), autoRinging };
  }

  /** What is wrong, by spec/asyncapi.yaml, with anything that was said on a JSAPI socket. */
  async frameProblems(): Promise<string[]> {
    const said = await Promise.all(
      this.persons.map(async (person) => ({ who: person.name, frames: await person.frames() })),
    );
    said.push(...this.jsapiDevices.map(({ user, frames }) => ({ who: user, frames })));
    const problems = said.map(async ({ who, frames }) => (await frameProblems(frames)).map((one) => `${who} ${one}`));
    return (await Promise.all(problems)).flat();
  }

  /** A new participant, member of the room, with a connected page. */
  async join(server: Server, room: Room, name: string, options: JoinOptions = {}): Promise<Joined> {
    const member = await room.participant({ tag: name, ...options.participant });
    await room.add(member, options.subscriptions);
    const client = await this.client(name, options.sdk);
    await client.connect(member.token, options.websocketUrl ?? server.websocketUrl);
    return { client, member };
  }

  async close(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
  }

  /** What the servers wrote, for the report of a failed test. */
  logs(): string {
    return this.servers.map((server) => server.log).join('\n---\n');
  }

  private async browserOf(user: string): Promise<BrowserContext> {
    const known = this.browsers.get(user);
    if (known) return known;
    const made = await this.browser.newContext({ viewport: { width: 400, height: 300 } });
    this.browsers.set(user, made);
    return this.later(made, () => made.close());
  }

  private later<T>(made: T, close: () => unknown): T {
    this.closers.push(close);
    return made;
  }
}

export interface JoinOptions {
  participant?: Parameters<Room['participant']>[0];
  subscriptions?: Parameters<Room['add']>[1];
  websocketUrl?: string;
  /** The public SDK of the hosted service, unless it says otherwise. */
  sdk?: SdkName;
}

export interface PersonOptions extends Pick<SignIn, 'autoRinging'> {
  /** In a browser of its own. */
  apart?: boolean;
  /** Where the server's sockets are, if not at the server itself. */
  websocketUrl?: string;
}

export interface Joined {
  client: Client;
  member: Member;
}

export const test = base.extend<{ stage: Stage }, { testPage: TestPage }>({
  testPage: [
    async ({}, use) => {
      const page = await TestPage.start();
      await use(page);
      page.close();
    },
    { scope: 'worker' },
  ],
  stage: async ({ browser, testPage }, use, testInfo) => {
    const stage = new Stage(browser, testPage.url);
    await use(stage);
    expect.soft(await stage.frameProblems()).toEqual([]);
    if (testInfo.status !== testInfo.expectedStatus) console.log(stage.logs());
    await stage.close();
  },
});

export { expect };
