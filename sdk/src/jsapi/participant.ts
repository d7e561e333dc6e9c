import type { Browser } from '../browser.js';
import { Signals } from '../emitter.js';
import type { Playback } from '../playback.js';
import { badArgument } from './errors.js';
import type { LegView, MediaKinds, MediaState, ParticipantState, ParticipantView, ProfileKind } from './messages.js';
import type { RenderOptions } from './options.js';

/** Events of a {@link Participant}. */
export interface ParticipantEvents {
  /** What became of it. */
  state: [state: ParticipantState];
  /** How its media are doing. */
  media: [mediaState: MediaState];
  /** Its stream has come, or has gone. */
  stream: [stream: MediaStream | undefined];
}

/** What a {@link Participant} works with. */
export interface ParticipantHost {
  browser: Browser;
  playback: Playback;
  remove(profileId: string): Promise<void>;
}

/** A profile in a call: its initiator or one of its receivers (7.2). */
export class Participant extends Signals<ParticipantEvents> {
  /** What it publishes, as this connection receives it; for oneself, what the devices give. */
  stream: MediaStream | undefined;

  private told: ParticipantView;
  private readonly videos = new Set<{ video: HTMLVideoElement; detach: () => void }>();

  /** @internal */
  constructor(
    private view: ParticipantView,
    /** Whether it is the own one. */
    readonly isMe: boolean,
    private readonly host: ParticipantHost,
  ) {
    super();
    this.told = view;
  }

  /** Its profile. */
  get id(): string {
    return this.view.id;
  }

  /** A user, or a telephone. */
  get kind(): ProfileKind {
    return this.view.kind;
  }

  /** Whether it has opened the call. */
  get role(): 'initiator' | 'receiver' {
    return this.view.role;
  }

  /** What became of it. */
  get state(): ParticipantState {
    return this.view.state;
  }

  /** What it may publish. */
  get media(): MediaKinds {
    return this.view.media;
  }

  /** How its media are doing. */
  get mediaState(): MediaState {
    return this.view.mediaState;
  }

  /** Whether it holds the call. */
  get held(): boolean {
    return this.view.held;
  }

  /** The connection that it is in from. */
  get activeConnectionId(): string | undefined {
    return this.view.activeConnectionId;
  }

  /** The connections that it was announced to ring on, as long as it rings. */
  get ringingConnectionIds(): readonly string[] {
    return this.view.ringingConnectionIds;
  }

  /** All of its connections; known of the own participant only. */
  get connections(): readonly LegView[] | undefined {
    return this.view.connections;
  }

  /**
   * Shows its stream in a `<video>` put into an element of the page, now and whenever another comes, until the call
   * is over. The own stream is shown without sound.
   *
   * @returns the video. Throws `bad_argument` if there is no such element.
   */
  render({ containerId, width, height }: RenderOptions): HTMLVideoElement {
    const video = this.host.browser.createVideo(containerId, { width, height });
    if (!video) throw badArgument('containerId', `There is no element with the id ${containerId}`);
    video.muted = this.isMe;
    const shown = { video, detach: () => undefined as void };
    this.videos.add(shown);
    this.show(shown);
    return video;
  }

  /** Removes it from the call; as the initiator only (GRP-6). */
  remove(): Promise<void> {
    return this.host.remove(this.id);
  }

  /** @internal Takes what is known of it now; {@link flush} tells the listeners. */
  update(view: ParticipantView): void {
    this.view = view;
  }

  /** @internal */
  flush(): void {
    const { told, view } = this;
    this.told = view;
    if (told.state !== view.state) this.emit('state', view.state);
    if (told.mediaState !== view.mediaState) this.emit('media', view.mediaState);
  }

  /** @internal */
  setStream(stream: MediaStream | undefined): void {
    if (stream === this.stream) return;
    this.stream = stream;
    for (const shown of this.videos) this.show(shown);
    this.emit('stream', stream);
  }

  /** @internal Takes its videos from the page. */
  clear(): void {
    for (const { video, detach } of this.videos) {
      detach();
      video.remove();
    }
    this.videos.clear();
    this.setStream(undefined);
  }

  private show(shown: { video: HTMLVideoElement; detach: () => void }): void {
    shown.detach();
    shown.detach = this.stream ? this.host.playback.attach(this.stream, shown.video) : () => undefined;
  }
}
