import { CrosspointError } from './errors.js';

interface Pending {
  resolve(result: unknown): void;
  reject(error: CrosspointError): void;
  timer: ReturnType<typeof setTimeout>;
}

interface Incoming {
  id?: number | null;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code?: number; message?: string } | null;
}

function parse(text: string): Incoming | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null ? (message as Incoming) : undefined;
  } catch {
    return undefined;
  }
}

/** JSON-RPC 2.0 in the client's role, over anything that carries text. */
export class Rpc {
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  /**
   * @param send delivers one message; returns false when it cannot.
   * @param onNotification is given what the server says unasked.
   */
  constructor(
    private readonly send: (text: string) => boolean,
    private readonly onNotification: (method: string, params: unknown) => void,
  ) {}

  /**
   * Calls a method of the server.
   *
   * @param timeout milliseconds until the call rejects with `timeout`.
   * @returns the `result` member; rejects with `rejected` for an error answer and with `connectionLost`.
   */
  call(method: string, params: object, timeout: number): Promise<unknown> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const expire = () => this.take(id)?.reject(new CrosspointError('timeout', `No answer to ${method}`));
      this.pending.set(id, { resolve, reject, timer: setTimeout(expire, timeout) });
      if (this.send(JSON.stringify({ jsonrpc: '2.0', method, params, id }))) return;
      this.take(id)?.reject(new CrosspointError('connectionLost', `No connection for ${method}`));
    });
  }

  /** Tells the server something that has no answer; lost when there is no connection. */
  notify(method: string, params: object | null): void {
    this.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  /** Takes one message of the server. What is not JSON-RPC is ignored. */
  receive(text: string): void {
    const message = parse(text);
    if (!message) return;
    if (typeof message.id === 'number') this.settle(message.id, message);
    else if (message.method !== undefined) this.onNotification(message.method, message.params);
  }

  /** Rejects every call that waits for its answer. */
  rejectAll(error: CrosspointError): void {
    for (const id of [...this.pending.keys()]) this.take(id)?.reject(error);
  }

  private settle(id: number, { error, result }: Incoming): void {
    const call = this.take(id);
    if (error) call?.reject(new CrosspointError('rejected', error.message ?? 'The server refused', error.code));
    else call?.resolve(result);
  }

  private take(id: number): Pending | undefined {
    const call = this.pending.get(id);
    this.pending.delete(id);
    clearTimeout(call?.timer);
    return call;
  }
}
