/** What it takes to join a room. */
export interface Ticket {
  token: string;
  participantId: string;
  sessionId: string;
}

/** Somebody in a room. */
export interface Person {
  participantId: string;
  name: string;
}

/** What the server accepts as the name of a room. */
export const kRoomPattern = '[A-Za-z0-9_\\-]{1,64}';
export const kLongestName = 50;

/** A POST of something as JSON. */
export function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

function participantsUrl(room: string): string {
  return `/demo/rooms/${encodeURIComponent(room)}/participants`;
}

/** The body of an answer of the demo's server side. Rejects with a message for people. */
export async function answer<T>(request: Promise<Response>): Promise<T> {
  const response = await request.catch(() => {
    throw new Error('The server cannot be reached.');
  });
  const body = (await response.json().catch(() => undefined)) as (T & { error?: string }) | undefined;
  if (response.ok && body) return body;
  if (response.status === 404) throw new Error('This server has no demo. Start it with “crosspoint serve --dev”.');
  throw new Error(body?.error ?? `The server answered with status ${response.status}.`);
}

/** Makes a participant in a room. Rejects with a message for people. */
export function enterRoom(room: string, name: string): Promise<Ticket> {
  return answer(post(participantsUrl(room), { name }));
}

/** Everybody in a room. */
export function listPeople(room: string): Promise<Person[]> {
  return answer(fetch(participantsUrl(room)));
}

/** Address that leads others into a room. */
export function roomLink(room: string): string {
  return `${location.origin}/?room=${encodeURIComponent(room)}`;
}
