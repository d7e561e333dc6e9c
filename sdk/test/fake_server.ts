import { vi } from 'vitest';
import { CrosspointClient } from '../src/client.js';
import type { Hello, StreamMetadata } from '../src/protocol.js';
import { FakeBrowser, type FakeSocket } from './fake_browser.js';

/** One message of the device. */
export interface Said {
  method: string;
  params: Record<string, unknown>;
  id?: number;
}

type Answer = { result: unknown } | { error: { code: number; message: string } } | 'silence';

/** The server's end of the device protocol: accepts sockets, answers as told, and remembers what was said. */
export class FakeServer {
  said: Said[] = [];
  hello: Hello = { instance: 'run-1', participantId: 'me', resumed: false };
  /** Whether new sockets are accepted. */
  up = true;
  answers: Record<string, (params: Record<string, unknown>) => Answer> = {
    setMediaPreferences: () => ({ result: {} }),
    ping: () => ({ result: {} }),
    answerSdp: () => ({ result: {} }),
    offerSdp: (params) => ({ result: this.acceptOffer(params) }),
  };
  private revision = 0;

  constructor(readonly browser: FakeBrowser) {
    browser.onsocket = (socket) => queueMicrotask(() => this.meet(socket));
  }

  get socket(): FakeSocket {
    return this.browser.sockets.at(-1)!;
  }

  /** Parameters of all messages of one method. */
  heard(method: string): Record<string, unknown>[] {
    return this.said.filter((one) => one.method === method).map(({ params }) => params);
  }

  notify(method: string, params: object): void {
    this.socket.onmessage?.({ data: JSON.stringify({ jsonrpc: '2.0', method, params }) });
  }

  /** Offers streams: `{ id: 'av' }` has audio and video, `{ id: '' }` is an inactive section. */
  async offer(streams: Record<string, string>, revision = this.revision + 1): Promise<void> {
    this.revision = Math.max(revision, this.revision);
    const parts = Object.entries(streams).map(([id, kinds]) => sections(id, kinds));
    const streamMetadata = Object.fromEntries(Object.entries(streams).map(([id, kinds]) => [id, metadata(id, kinds)]));
    const sdpOffer = `v=0\r\nm=application\r\na=setup:actpass\r\n${parts.join('')}`;
    this.notify('sdpOffer', { sdpOffer, sdpRevision: revision, endpointId: 'e', streamMetadata });
    await settle();
  }

  /** Ends as a crash does, and is another run when it is back. */
  restart(): void {
    this.hello = { ...this.hello, instance: `${this.hello.instance}+`, resumed: false };
    this.socket.end(1006);
  }

  /** Closes for good, with a reason. */
  refuse(code: string): void {
    this.notify('refused', { code, message: `refused: ${code}` });
    this.socket.end(1000);
  }

  private meet(socket: FakeSocket): void {
    if (!this.up) return socket.end(1006);
    socket.onsend = (text) => this.receive(socket, JSON.parse(text) as Said);
    socket.accept();
    this.notify('hello', this.hello);
    this.hello = { ...this.hello, resumed: true };
  }

  private receive(socket: FakeSocket, message: Said): void {
    this.said.push(message);
    if (message.id === undefined) return;
    const answer = this.answers[message.method]!(message.params);
    if (answer === 'silence') return;
    const data = JSON.stringify({ jsonrpc: '2.0', id: message.id, ...answer });
    queueMicrotask(() => socket.readyState === 1 && socket.onmessage?.({ data }));
  }

  private acceptOffer({ mediaMetadata }: Record<string, unknown>): object {
    const { mediaStreams } = mediaMetadata as { mediaStreams: Record<string, { alias?: string }> };
    const streamMetadata = Object.fromEntries(
      Object.entries(mediaStreams).map(([id, { alias }]) => [
        id,
        { ...metadata(id, 'av'), participantId: 'me', alias },
      ]),
    );
    return { sdpAnswer: 'v=0', endpointId: 'e', streamMetadata };
  }
}

function sections(id: string, kinds: string): string {
  if (kinds === '') return 'm=audio\r\na=inactive\r\n';
  return [...kinds]
    .map(
      (kind) =>
        `m=${kind === 'a' ? 'audio' : 'video'}\r\na=sendonly\r\na=msid:${id} ${id}-${kind}\r\na=setup:actpass\r\n`,
    )
    .join('');
}

function metadata(id: string, kinds: string): StreamMetadata {
  const mediaTypes = [...kinds].map((kind) => (kind === 'a' ? 'AUDIO' : 'VIDEO') as 'AUDIO' | 'VIDEO');
  return { endpointId: `server-${id}`, mediaTypes, participantId: `publisher-of-${id}` };
}

/** Lets everything run that waits for no timer. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** A client, its browser and its server, not yet connected. */
export function stage() {
  const browser = new FakeBrowser();
  const server = new FakeServer(browser);
  const client = new CrosspointClient({ logLevel: 'silent' }, browser);
  return { browser, server, client };
}

/** The same, connected. */
export async function connected() {
  const all = stage();
  await all.client.connect('token');
  return all;
}

/** How a promise ended, without an unhandled rejection on the way. */
export function outcome<T>(promise: Promise<T>): { value?: T; error?: unknown; settled: boolean } {
  const result: { value?: T; error?: unknown; settled: boolean } = { settled: false };
  promise.then(
    (value) => Object.assign(result, { value, settled: true }),
    (error: unknown) => Object.assign(result, { error, settled: true }),
  );
  return result;
}
