/** Least severe level that is printed on the console. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** A kept line, in the shape of the protocol's `deviceDiagnostics`. */
export interface LogLine {
  level: string;
  /** Milliseconds since 1970. */
  timestamp: number;
  message: string[];
}

const kLevels: LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];
// The server drops diagnostics beyond 64 KiB unread: 200 lines of 200 characters stay below it.
const kLinesKept = 200;
const kLineLength = 200;

/** Prints to the console from `level` on, and keeps the last lines for the diagnostics sent at `disconnect()`. */
export class Log {
  private readonly lines: LogLine[] = [];

  constructor(public level: LogLevel = 'warn') {}

  debug(message: string): void {
    this.write('debug', message);
  }

  info(message: string): void {
    this.write('info', message);
  }

  warn(message: string): void {
    this.write('warn', message);
  }

  /** Hands out the kept lines and forgets them. */
  drain(): LogLine[] {
    return this.lines.splice(0);
  }

  private write(level: 'debug' | 'info' | 'warn', message: string): void {
    this.lines.push({ level, timestamp: Date.now(), message: [message.slice(0, kLineLength)] });
    if (this.lines.length > kLinesKept) this.lines.shift();
    if (kLevels.indexOf(level) >= kLevels.indexOf(this.level)) console[level](`crosspoint: ${message}`);
  }
}
