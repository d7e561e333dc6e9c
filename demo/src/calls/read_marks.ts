/** Up to when each conversation was read; the same on all tabs of a browser. */
export class ReadMarks {
  private readonly key: string;

  constructor(profileId: string) {
    this.key = `people.read.${profileId}`;
  }

  /** Until when, by the server's clock. */
  get(contact: string): number {
    return this.all()[contact] ?? 0;
  }

  /** @returns whether that is news. */
  set(contact: string, at: number): boolean {
    const all = this.all();
    if ((all[contact] ?? 0) >= at) return false;
    localStorage.setItem(this.key, JSON.stringify({ ...all, [contact]: at }));
    return true;
  }

  private all(): Record<string, number> {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? '{}') as Record<string, number>;
    } catch {
      return {};
    }
  }
}
