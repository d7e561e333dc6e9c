import type { ClientBodies, ClientResults } from './messages.js';

/** Messages that the server answers. */
export type CommandType = keyof ClientResults;

/** A command, from the moment the application gives it until the server has answered. */
export interface Command<Type extends CommandType = CommandType> {
  /** Names it for as long as this page lives. */
  readonly ticket: number;
  readonly type: Type;
  readonly body: ClientBodies[Type];
  /** When it was given. */
  readonly since: number;
  /** Its number on the present connection; absent before it is sent there. */
  seq?: number;
  /** Whether it was ever put on a wire. */
  sent: boolean;
  /** Nobody waits for its answer any more; only its number does (SEQ-2). */
  forgotten?: boolean;
}

// A call that the user gave up on must not ring later (SEQ-9).
const kPerishable: CommandType[] = ['call.init', 'call.accept'];
// A lost hang-up must not leave the user in a call (SEQ-9).
const kKept: CommandType[] = ['call.hangup', 'call.reject', 'call.ignore'];
// The snapshot of a new connection says anew what these are about.
const kBoundToConnection: CommandType[] = ['call.ringing', 'call.pending', 'call.sync', 'auth.refresh'];

/** Whether a command outlives the page that gave it. */
export function isKept({ type }: Pick<Command, 'type'>): boolean {
  return kKept.includes(type);
}

/** The client's commands in order: numbered, sent again after a loss, dropped when they are stale (SEQ-1, SEQ-9). */
export class CommandQueue {
  private commands: Command[] = [];
  private lastTicket = 0;
  private lastSeq = 0;

  /** @param offlineTtl milliseconds after which a perishable command that was never sent is dropped. */
  constructor(private readonly offlineTtl: number) {}

  /** Takes a command in. */
  add<Type extends CommandType>(now: number, type: Type, body: ClientBodies[Type]): Command<Type> {
    const command: Command<Type> = { ticket: ++this.lastTicket, type, body, since: now, sent: false };
    this.commands.push(command as Command);
    return command;
  }

  /** Numbers the commands that have no number yet, and hands them out to be sent. */
  takeUnsent(): Command[] {
    const unsent = this.commands.filter(({ seq }) => seq === undefined);
    for (const command of unsent) {
      command.seq = ++this.lastSeq;
      command.sent = true;
    }
    return unsent;
  }

  /** Those that the server has not seen, its last being `recv`, in order. */
  after(recv: number): Command[] {
    return this.commands.filter(({ seq }) => seq !== undefined && seq > recv);
  }

  /** Takes out what was answered. */
  settle(seq: number): Command | undefined {
    const command = this.commands.find((one) => one.seq === seq);
    if (command) this.remove(command);
    return command;
  }

  /** Takes out a command that was never sent; nothing otherwise. */
  cancel(ticket: number): Command | undefined {
    const command = this.commands.find((one) => one.ticket === ticket && !one.sent);
    if (command) this.remove(command);
    return command;
  }

  /** Both sequences start again at 1 (CON-6); on a `renewed` connection, takes out what was for the old one only. */
  restart(renewed: boolean): Command[] {
    this.lastSeq = 0;
    this.takeWhere(({ forgotten }) => forgotten === true);
    for (const command of this.commands) command.seq = undefined;
    return renewed ? this.takeWhere(({ type }) => kBoundToConnection.includes(type)) : [];
  }

  /** Takes out what has become stale. */
  expire(now: number): Command[] {
    return this.takeWhere((command) => now >= this.expiry(command));
  }

  /**
   * Forgets what is about a call that has ended and would be kept for it. What has a number stays until it is answered:
   * the server would miss it, and take whatever comes next for a fault (SEQ-2).
   */
  forget(callId: string): Command[] {
    const all = this.commands.filter(
      (command) => isKept(command) && !command.forgotten && (command.body as { callId: string }).callId === callId,
    );
    for (const command of all) command.forgotten = true;
    this.takeWhere(({ forgotten, seq }) => forgotten === true && seq === undefined);
    return all;
  }

  /** Takes out everything. */
  clear(): Command[] {
    return this.takeWhere(() => true);
  }

  /** When the next command becomes stale. */
  nextExpiry(): number {
    return Math.min(Infinity, ...this.commands.map((command) => this.expiry(command)));
  }

  /** The commands that outlive the page. */
  kept(): Pick<Command, 'type' | 'body'>[] {
    return this.commands
      .filter((command) => isKept(command) && !command.forgotten)
      .map(({ type, body }) => ({ type, body }));
  }

  private expiry({ type, sent, since }: Command): number {
    return kPerishable.includes(type) && !sent ? since + this.offlineTtl : Infinity;
  }

  private remove(command: Command): void {
    this.commands.splice(this.commands.indexOf(command), 1);
  }

  private takeWhere(matches: (command: Command) => boolean): Command[] {
    const taken = this.commands.filter(matches);
    this.commands = this.commands.filter((command) => !taken.includes(command));
    return taken;
  }
}
