import type { Browser, LevelProbe } from '../src/browser.js';
import { FakeStream, FakeTrack } from './fake_media.js';
import { FakePeer } from './fake_peer.js';

/** A socket whose other end is the test. */
export class FakeSocket {
  readyState = 0;
  sent: string[] = [];
  closedWith: number | undefined;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  /** Whether the server echoes a close frame. */
  echoesClose = true;
  onsend: ((text: string) => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocol?: string,
  ) {}

  send(text: string): void {
    this.sent.push(text);
    this.onsend?.(text);
  }

  close(code: number): void {
    this.closedWith = code;
    this.readyState = 2;
    if (this.echoesClose) queueMicrotask(() => this.end(code));
  }

  /** The connection is made. */
  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  /** The connection ends, by a close frame or (1006) without one. */
  end(code: number): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

class FakeMediaDevices {
  devices: Partial<MediaDeviceInfo>[] = [
    { kind: 'audioinput', deviceId: 'mic', label: 'Microphone' },
    { kind: 'videoinput', deviceId: 'cam', label: 'Camera' },
    { kind: 'audiooutput', deviceId: 'speaker', label: 'Speaker' },
  ];
  /** Names of errors that the next captures fail with. */
  failures: string[] = [];
  captured: FakeStream[] = [];
  constraints: MediaStreamConstraints[] = [];
  private serial = 0;

  async enumerateDevices(): Promise<Partial<MediaDeviceInfo>[]> {
    return this.devices;
  }

  async getUserMedia(constraints: MediaStreamConstraints): Promise<FakeStream> {
    this.constraints.push(constraints);
    const failure = this.failures.shift();
    if (failure) throw Object.assign(new Error(failure), { name: failure });
    this.serial += 1;
    const kinds = (['audio', 'video'] as const).filter((kind) => constraints[kind]);
    const stream = new FakeStream(
      `local-${this.serial}`,
      kinds.map((kind) => new FakeTrack(kind, `${kind}-${this.serial}`)),
    );
    this.captured.push(stream);
    return stream;
  }

  getDisplayMedia(options: DisplayMediaStreamOptions): Promise<FakeStream> {
    return this.getUserMedia({ video: options.video });
  }
}

/** What is kept for as long as the tab lives. */
export class FakeStorage {
  readonly items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
}

/** A video element as far as the SDK looks at one. */
export class FakeVideo {
  srcObject: unknown = null;
  muted = false;

  constructor(
    readonly size: { width?: number; height?: number },
    readonly remove: () => void,
  ) {}

  async play(): Promise<void> {}
}

/** A browser made of fakes: everything it gives out can be looked at, and every listener is counted. */
export class FakeBrowser implements Browser {
  sockets: FakeSocket[] = [];
  peers: FakePeer[] = [];
  probes: { open: boolean; level: number }[] = [];
  devices = new FakeMediaDevices();
  storage = new FakeStorage();
  /** Elements that exist on the page, by id, with the videos in each. */
  containers: Record<string, FakeVideo[]> = {};
  onsocket: ((socket: FakeSocket) => void) | null = null;
  private readonly listeners = { online: new Set(), hide: new Set(), gesture: new Set(), device: new Set() } as Record<
    'online' | 'hide' | 'gesture' | 'device',
    Set<() => void>
  >;

  socketOrigin = (): string => 'wss://page.example';
  uuid = (): string => '00000000-0000-4000-8000-000000000001';
  random = (): number => 0;
  now = (): number => performance.now();
  tabStorage = () => this.storage;

  createSocket(url: string, protocol?: string): WebSocket {
    const socket = new FakeSocket(url, protocol);
    this.sockets.push(socket);
    this.onsocket?.(socket);
    return socket as unknown as WebSocket;
  }

  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection {
    const peer = new FakePeer(configuration);
    this.peers.push(peer);
    return peer as unknown as RTCPeerConnection;
  }

  createVideo(containerId: string, size: { width?: number; height?: number }): HTMLVideoElement | undefined {
    const container = this.containers[containerId];
    if (!container) return undefined;
    const video = new FakeVideo(size, () => container.splice(container.indexOf(video), 1));
    container.push(video);
    return video as unknown as HTMLVideoElement;
  }

  mediaDevices(): MediaDevices {
    return this.devices as unknown as MediaDevices;
  }

  createLevelProbe(): LevelProbe {
    const probe = { open: true, level: 0 };
    this.probes.push(probe);
    return { read: () => probe.level, close: () => void (probe.open = false) };
  }

  onOnline = (listener: () => void) => this.listen('online', listener);
  onPageHide = (listener: () => void) => this.listen('hide', listener);
  onGesture = (listener: () => void) => this.listen('gesture', listener);
  onDeviceChange = (listener: () => void) => this.listen('device', listener);

  /** Lets something happen on the page. */
  fire(what: 'online' | 'hide' | 'gesture' | 'device'): void {
    for (const listener of [...this.listeners[what]]) listener();
  }

  /** Number of listeners that the SDK has on the page. */
  get listenerCount(): number {
    return Object.values(this.listeners).reduce((sum, set) => sum + set.size, 0);
  }

  private listen(what: 'online' | 'hide' | 'gesture' | 'device', listener: () => void): () => void {
    this.listeners[what].add(listener);
    return () => void this.listeners[what].delete(listener);
  }
}
