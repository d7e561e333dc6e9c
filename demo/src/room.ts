import { CrosspointError, type CrosspointClient } from '@crosspoint/client';
import { roomLink, type Ticket } from './api';
import { copyButton } from './buttons';
import { Controls } from './controls';
import { announce, h, toast } from './dom';
import type { RoomEnd } from './end';
import { Grid } from './grid';
import { icon } from './icons';
import type { LocalMedia } from './media';
import { People } from './people';
import { Tile } from './tile';

/** Where one goes, and as whom. */
export interface Visit {
  room: string;
  name: string;
  ticket: Ticket;
}

const kEndings: Partial<Record<string, [string, string]>> = {
  replaced: ['You joined from another place', 'This page was replaced by another device with the same invitation.'],
  participantDeleted: ['You were removed', 'Somebody removed you from the room.'],
  tokenInvalid: ['Your invitation is not valid (any more)', 'Rejoin to get a new one.'],
  timeout: ['The server does not answer', 'Check your connection and try again.'],
};

/** The page of a room: everybody in a grid, and the controls. */
export class Room {
  readonly element: HTMLElement;
  private readonly grid = new Grid();
  private readonly controls: Controls;
  private readonly own: Tile;
  private readonly banner = h('div', { class: 'banner', role: 'status', hidden: true });
  private readonly count = h('span', { class: 'count' }, '1');
  private readonly alone: HTMLElement;
  private readonly joining = h('div', { class: 'joining' }, h('span', { class: 'spinner' }), 'Joining…');
  private readonly blocked: HTMLElement;
  private people: People | undefined;
  private readonly offs: (() => void)[];

  constructor(
    private readonly client: CrosspointClient,
    private readonly media: LocalMedia,
    private readonly visit: Visit,
    private readonly ended: (end: RoomEnd) => void,
  ) {
    this.own = this.grid.add('own', new Tile({ name: visit.name, own: true }));
    this.own.video.srcObject = media.stream ?? null;
    this.controls = new Controls(client, media, this.own, () => void this.leave());
    this.alone = h(
      'aside',
      { class: 'alone', hidden: true },
      h('strong', {}, 'You are alone here'),
      h('span', { class: 'muted' }, 'Send this link to those you want to meet.'),
      h('code', {}, roomLink(visit.room).replace(/^https?:\/\//, '')),
      copyButton(roomLink(visit.room), 'button small'),
    );
    const resume = () => void client.resumePlayback();
    this.blocked = h(
      'div',
      { class: 'overlay', hidden: true },
      h(
        'button',
        { class: 'button primary big', type: 'button', onclick: resume },
        icon('speaker'),
        'Click to hear the others',
      ),
    );
    this.element = this.page();
    this.offs = this.listen();
  }

  /** Connects and publishes; whatever goes wrong ends in `ended`. */
  async enter(): Promise<void> {
    const { client, media, visit } = this;
    this.people = new People(client, visit.room, visit.ticket.participantId, this.grid, (others) =>
      this.counted(others),
    );
    try {
      await client.connect(visit.ticket.token);
    } catch (error) {
      return this.end(error as CrosspointError);
    }
    this.joining.remove();
    announce(`You joined ${visit.room}`);
    if (media.stream) await this.publish(media.stream);
    else this.own.setNote('listening');
  }

  private page(): HTMLElement {
    const { room } = this.visit;
    return h(
      'main',
      { class: 'room' },
      h(
        'header',
        { class: 'room-head' },
        h('div', { class: 'brand' }, icon('logo')),
        h('h1', {}, room),
        h('span', { class: 'chip', title: 'People in the room' }, icon('people'), this.count),
        h('span', { class: 'spacer' }),
        copyButton(roomLink(room), 'button small ghost'),
      ),
      this.banner,
      h('div', { class: 'room-body' }, this.grid.element, this.joining, this.alone),
      this.controls.element,
      this.blocked,
    );
  }

  private async publish(stream: MediaStream): Promise<void> {
    try {
      const { endpointId } = await this.client.publish(stream, {
        alias: 'usermedia',
        audioLevelHandler: ({ speaking }) => this.own.setSpeaking(speaking && this.media.micOn),
      });
      this.controls.published(endpointId);
    } catch (error) {
      if (this.element.isConnected) toast(`The others cannot see you: ${(error as Error).message}`);
    }
  }

  private listen(): (() => void)[] {
    const { client } = this;
    return [
      client.on('reconnecting', () => this.warn('Connection lost. Reconnecting…')),
      client.on('reconnected', () => this.warn('')),
      client.on('failed', () => this.warn('Sound and picture are interrupted. Reconnecting…')),
      client.on('recovered', () => this.warn('')),
      client.on('closed', (error) => this.end(error)),
      client.on('localTrackEnded', ({ kind }) => this.controls.trackEnded(kind)),
      client.on('playbackBlocked', () => this.block(true)),
      client.on('playbackResumed', () => this.block(false)),
    ];
  }

  private warn(text: string): void {
    this.banner.replaceChildren(text ? h('span', { class: 'spinner small' }) : '', text);
    this.banner.hidden = text === '';
  }

  private block(blocked: boolean): void {
    this.blocked.hidden = !blocked;
    if (blocked) this.blocked.querySelector('button')?.focus();
  }

  private counted(others: number): void {
    this.count.textContent = String(others + 1);
    this.alone.hidden = others > 0;
  }

  private async leave(): Promise<void> {
    await this.client.disconnect();
  }

  private end(error: CrosspointError): void {
    for (const off of this.offs) off();
    this.people?.close();
    this.controls.close();
    this.grid.close();
    if (error.code === 'disconnected') {
      return this.ended({ failed: false, title: 'You left the room', text: 'Camera and microphone are off.' });
    }
    const [title, text] = kEndings[error.code] ?? ['You were disconnected', error.message];
    this.ended({ failed: true, title, text });
  }
}
