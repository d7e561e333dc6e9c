import type { Command } from './commands.js';
import type { KeyValueStorage } from './options.js';

/** What outlives a page. */
export interface Remembered {
  /** The connection to come back to (CON-6). */
  resume?: { connectionId: string; token: string };
  /** Cursor in the user log (6.3). */
  since?: string;
  /** Commands that must not be lost (SEQ-9). */
  kept: Pick<Command, 'type' | 'body'>[];
}

/** What JSAPI keeps in the application's storage, under one key for each app. */
export class Memory {
  private readonly key: string;
  private written: string | undefined;

  /** @param autoResume whether the resume token and the kept commands are kept, or the cursor only. */
  constructor(
    private readonly storage: KeyValueStorage | undefined,
    appId: string,
    private readonly autoResume: boolean,
  ) {
    this.key = `crosspoint.jsapi.${appId}`;
  }

  /** What an earlier page has left; nothing of it if it cannot be read. */
  load(): Remembered {
    try {
      const { resume, since, kept } = JSON.parse(this.storage?.getItem(this.key) ?? '{}') as Partial<Remembered>;
      return { since, ...(this.autoResume ? { resume, kept: kept ?? [] } : { kept: [] }) };
    } catch {
      return { kept: [] };
    }
  }

  /** Writes what has changed. */
  save({ resume, since, kept }: Remembered): void {
    const text = JSON.stringify(this.autoResume ? { resume, since, kept } : { since });
    if (text !== this.written) this.write(text);
  }

  /** Forgets the connection, and keeps the cursor and what has still to be done. */
  leave(kept: Remembered['kept']): void {
    const { since } = this.load();
    this.save({ since, kept });
  }

  private write(text: string): void {
    this.written = text;
    try {
      this.storage?.setItem(this.key, text);
    } catch {
      // A full storage costs the resumption after a reload, and nothing else.
    }
  }
}
