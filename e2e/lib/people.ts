import { ACCOUNT, basic } from './rest.js';
import type { Server } from './server.js';

/** A live call, as the administration sees it. */
export interface LiveCall {
  id: string;
  state: string;
  sessionId?: string;
  participants: {
    profileId: string;
    state: string;
    mediaState: string;
    connections: { id: string; state: string }[];
  }[];
}

/** The people of the development account, made and looked at over /admin/v1; each has one profile, named like it. */
export class People {
  constructor(private readonly server: Server) {}

  /** Makes a user, unless it is there, and a token for it, which may allow less (`scope`, `profiles`). */
  async token(user: string, restricted?: object): Promise<string> {
    await this.ask('PUT', `users/${user}`);
    await this.ask('PUT', `users/${user}/profiles/${user}`, { nickname: user });
    return (await this.ask('POST', `users/${user}/tokens`, restricted)).token;
  }

  async calls(): Promise<LiveCall[]> {
    return (await this.ask('GET', 'calls')).calls;
  }

  /** Shuts a user out. */
  async revoke(user: string): Promise<void> {
    await this.ask('PUT', `users/${user}/revoked`, { revoked: true });
  }

  async end(callId: string): Promise<void> {
    await this.ask('DELETE', `calls/${callId}`);
  }

  private async ask(method: string, path: string, body?: object): Promise<any> {
    const response = await fetch(`${this.server.url}/admin/v1/accounts/${ACCOUNT}/${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', Authorization: basic('dev', 'dev') },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
