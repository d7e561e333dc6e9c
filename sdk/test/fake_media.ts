/** A track as far as the SDK looks at one. */
export class FakeTrack extends EventTarget {
  enabled = true;
  readyState: 'live' | 'ended' = 'live';
  listeners = 0;

  constructor(
    readonly kind: 'audio' | 'video',
    readonly id: string,
    readonly deviceId = 'default',
  ) {
    super();
  }

  stop(): void {
    this.readyState = 'ended';
  }

  /** Ends as when the device is unplugged or the user stops sharing. */
  end(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }

  getConstraints(): MediaTrackConstraints {
    return { width: 1280 };
  }

  override addEventListener(name: string, listener: EventListener): void {
    this.listeners += 1;
    super.addEventListener(name, listener);
  }

  override removeEventListener(name: string, listener: EventListener): void {
    this.listeners -= 1;
    super.removeEventListener(name, listener);
  }
}

/** A media stream as far as the SDK looks at one. */
export class FakeStream {
  private tracks: FakeTrack[];

  constructor(
    readonly id: string,
    tracks: FakeTrack[] = [],
  ) {
    this.tracks = [...tracks];
  }

  getTracks(): FakeTrack[] {
    return [...this.tracks];
  }

  getAudioTracks(): FakeTrack[] {
    return this.tracks.filter(({ kind }) => kind === 'audio');
  }

  getVideoTracks(): FakeTrack[] {
    return this.tracks.filter(({ kind }) => kind === 'video');
  }

  addTrack(track: FakeTrack): void {
    if (!this.tracks.includes(track)) this.tracks.push(track);
  }

  removeTrack(track: FakeTrack): void {
    this.tracks = this.tracks.filter((one) => one !== track);
  }

  /** The same stream under the type that the SDK's functions ask for. */
  get asStream(): MediaStream {
    return this as unknown as MediaStream;
  }
}

/** A stream with microphone and camera. */
export function cameraStream(id: string): FakeStream {
  return new FakeStream(id, [new FakeTrack('audio', `${id}-a`), new FakeTrack('video', `${id}-v`)]);
}
