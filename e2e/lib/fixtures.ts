import { test as base } from '@playwright/test';
import type { SdkName } from '../page/sdk.js';
import { CallbackReceiver } from './callbacks.js';
import { Client } from './client.js';
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

  constructor(private readonly openPage: (name: string, sdk: SdkName) => Promise<Client>) {}

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
    const client = await this.openPage(name, sdk);
    return this.later(client, () => client.close());
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
    const stage = new Stage((name, sdk) => Client.open(browser, name, testPage.url, sdk));
    await use(stage);
    if (testInfo.status !== testInfo.expectedStatus) console.log(stage.logs());
    await stage.close();
  },
});

export { expect } from '@playwright/test';
