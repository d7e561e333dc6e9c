import { ApiController, Client, Environment, type Participant, type Subscriptions } from '@bandwidth/webrtc';
import type { Server } from './server.js';

export const ACCOUNT = 'dev';
const USER = 'dev';
const PASSWORD = 'dev';

/** The unmodified Node SDK, aimed at our server as an application would do it. */
export function nodeSdk(server: Server): ApiController {
  return new ApiController(
    new Client({
      environment: Environment.Custom,
      baseUrl: `${server.url}/v1`,
      basicAuthUserName: USER,
      basicAuthPassword: PASSWORD,
    }),
  );
}

export interface Member {
  id: string;
  token: string;
}

/** A session made through the Node SDK, and the shortest way to let participants in. */
export class Room {
  private constructor(
    readonly sdk: ApiController,
    readonly sessionId: string,
  ) {}

  static async create(server: Server, tag?: string): Promise<Room> {
    const sdk = nodeSdk(server);
    const { result } = await sdk.createSession(ACCOUNT, tag === undefined ? {} : { tag });
    return new Room(sdk, result.id!);
  }

  async participant(options: Participant = {}): Promise<Member> {
    const { result } = await this.sdk.createParticipant(ACCOUNT, {
      publishPermissions: ['AUDIO', 'VIDEO'] as Participant['publishPermissions'],
      ...options,
    });
    return { id: result.participant!.id!, token: result.token! };
  }

  /** Without subscriptions: to everybody in the session. */
  async add(member: Member, subscriptions: Subscriptions = { sessionId: this.sessionId }): Promise<void> {
    await this.sdk.addParticipantToSession(ACCOUNT, this.sessionId, member.id, subscriptions);
  }

  async remove(member: Member): Promise<void> {
    await this.sdk.removeParticipantFromSession(ACCOUNT, this.sessionId, member.id);
  }

  async delete(member: Member): Promise<void> {
    await this.sdk.deleteParticipant(ACCOUNT, member.id);
  }

  async subscribe(member: Member, subscriptions: Subscriptions): Promise<void> {
    await this.sdk.updateParticipantSubscriptions(ACCOUNT, this.sessionId, member.id, subscriptions);
  }
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; undefined when it is empty. */
  json: any;
}

/** What the SDK cannot send: any body, any credentials. `path` starts below /v1/accounts. */
export async function rawHttp(
  server: Server,
  method: string,
  path: string,
  { body, authorization = basic(USER, PASSWORD) }: { body?: string; authorization?: string | null } = {},
): Promise<Answer> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (authorization !== null) headers.Authorization = authorization;
  const response = await fetch(`${server.url}/v1/accounts/${path}`, { method, headers, body });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text === '' ? undefined : JSON.parse(text),
  };
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
