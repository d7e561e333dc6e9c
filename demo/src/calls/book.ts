import { listPeople, type Person } from './server';

const kPollInterval = 10_000;

/** Who is who. */
export class Book {
  private people: Person[] = [];
  private readonly timer = setInterval(() => void this.refresh(), kPollInterval);
  private refreshing = false;

  /** @param changed is told when there is somebody new. */
  constructor(
    readonly me: Person,
    private readonly changed: () => void,
  ) {}

  /** Asks the server. A failure changes nothing: the next time comes soon. */
  async refresh(): Promise<void> {
    if (this.refreshing) return;
    this.refreshing = true;
    const people = await listPeople().catch(() => this.people);
    this.refreshing = false;
    const before = this.people.length;
    this.people = people;
    if (people.length !== before) this.changed();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Everybody but oneself, by name. */
  get others(): Person[] {
    return this.people.filter(({ profileId }) => profileId !== this.me.profileId);
  }

  nameOf(profileId: string): string {
    if (profileId === this.me.profileId) return this.me.name;
    return this.people.find((person) => person.profileId === profileId)?.name ?? 'Somebody';
  }

  /** "Bob, Cem and Dora". */
  namesOf(profileIds: readonly string[]): string {
    const names = profileIds.map((id) => this.nameOf(id));
    return new Intl.ListFormat('en', { type: 'conjunction' }).format(names);
  }
}
