import { createServer, type Server } from 'node:http';
import { freeTcpPort } from './ports.js';

export interface CallbackEvent {
  event: string;
  timestamp: string;
  participantId: string;
  deviceId: string;
  tag?: string;
}

/** An application's endpoint for participant events: it may be dead, come back on the same URL, or answer badly. */
export class CallbackReceiver {
  readonly events: CallbackEvent[] = [];
  readonly contentTypes = new Set<string>();
  /** Requests that got an answer other than 2xx. */
  refused = 0;
  private status = 204;
  private server?: Server;

  private constructor(readonly port: number) {}

  /** Not listening yet. */
  static async create(): Promise<CallbackReceiver> {
    return new CallbackReceiver(await freeTcpPort());
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/events`;
  }

  answerWith(status: number): void {
    this.status = status;
  }

  listen(): Promise<void> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        this.contentTypes.add(String(request.headers['content-type']));
        if (this.status < 300) this.events.push(JSON.parse(body));
        else this.refused += 1;
        response.statusCode = this.status;
        response.end();
      });
    });
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
  }

  die(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }
}
