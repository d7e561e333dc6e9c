import type { CrosspointClient, RtcStream } from '@crosspoint/client';
import { listPeople, type Person } from './api';
import { announce } from './dom';
import type { Grid } from './grid';
import { Tile } from './tile';

const kPollInterval = 4_000;
const kScreenAlias = 'screenshare';

/** The others in the room: their names from the server's list, their pictures from the streams. */
export class People {
  private names = new Map<string, string>();
  /** Participants who stand in the grid without a stream. */
  private silent = new Set<string>();
  private readonly streams = new Map<string, { stream: RtcStream; detach: () => void }>();
  private readonly timer = setInterval(() => void this.poll(), kPollInterval);
  private readonly offs: (() => void)[];
  private closed = false;
  private polled = false;

  /** @param changed is told how many others there are. */
  constructor(
    private readonly client: CrosspointClient,
    private readonly room: string,
    private readonly ownId: string,
    private readonly grid: Grid,
    private readonly changed: (others: number) => void,
  ) {
    this.offs = [
      client.on('streamAvailable', (stream) => this.add(stream)),
      client.on('streamUnavailable', ({ endpointId }) => this.remove(endpointId)),
      client.watchAudioLevels(({ endpointId, speaking }) => grid.get(endpointId)?.setSpeaking(speaking)),
    ];
    void this.poll();
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    for (const off of this.offs) off();
    for (const { detach } of this.streams.values()) detach();
  }

  private add(stream: RtcStream): void {
    const { endpointId, participantId = '', alias } = stream;
    const tile = new Tile({ name: this.nameOf(participantId), screen: alias === kScreenAlias });
    this.grid.add(endpointId, tile);
    this.streams.set(endpointId, { stream, detach: this.client.attach(stream, tile.video) });
    this.placeholders();
    if (!this.names.has(participantId)) void this.poll();
  }

  private remove(endpointId: string): void {
    this.streams.get(endpointId)?.detach();
    this.streams.delete(endpointId);
    this.grid.remove(endpointId);
    this.placeholders();
    // They may have left for good, or just stopped sending.
    void this.poll();
  }

  // A failed poll changes nothing: the next one follows soon.
  private async poll(): Promise<void> {
    const people = await listPeople(this.room).catch(() => undefined);
    if (this.closed || !people) return;
    this.tell(people);
    this.names = new Map(people.map(({ participantId, name }) => [participantId, name]));
    for (const [id, { stream }] of this.streams) this.grid.get(id)?.rename(this.nameOf(stream.participantId ?? ''));
    this.placeholders();
    this.changed(people.filter(({ participantId }) => participantId !== this.ownId).length);
  }

  private tell(people: Person[]): void {
    const now = new Map(people.map(({ participantId, name }) => [participantId, name]));
    if (this.polled) {
      for (const [id, name] of now) if (!this.names.has(id) && id !== this.ownId) announce(`${name} joined`);
      for (const [id, name] of this.names) if (!now.has(id)) announce(`${name} left`);
    }
    this.polled = true;
  }

  // Those who send no camera or sound still have a place.
  private placeholders(): void {
    const sending = new Set([...this.streams.values()].map(({ stream }) => cameraOf(stream)));
    const silent = new Set([...this.names.keys()].filter((id) => id !== this.ownId && !sending.has(id)));
    for (const id of this.silent) if (!silent.has(id)) this.grid.remove(`silent ${id}`);
    for (const id of silent) {
      if (!this.silent.has(id)) this.grid.add(`silent ${id}`, new Tile({ name: this.nameOf(id) })).setNote('listening');
    }
    this.silent = silent;
  }

  private nameOf(participantId: string): string {
    return this.names.get(participantId) || 'Guest';
  }
}

function cameraOf({ alias, participantId }: RtcStream): string | undefined {
  return alias === kScreenAlias ? undefined : participantId;
}
