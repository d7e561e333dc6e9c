import { type ApiController } from '@bandwidth/webrtc';
import { randomUUID } from 'node:crypto';
import { expect, test } from '../lib/fixtures.js';
import { OpenApi } from '../lib/openapi.js';
import { ACCOUNT, basic, nodeSdk, rawHttp, Room, type Answer } from '../lib/rest.js';
import type { Server } from '../lib/server.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The status with which a call of the SDK fails; 0 when it does not. */
async function statusOf(call: Promise<unknown>): Promise<number> {
  try {
    await call;
    return 0;
  } catch (error) {
    // By shape: the package carries its error class twice, and throws one while it exports the other.
    const status = (error as { statusCode?: unknown }).statusCode;
    if (typeof status === 'number') return status;
    throw error;
  }
}

test('the eleven operations through the Node SDK', async ({ stage }) => {
  const server = await stage.server();
  const sdk = nodeSdk(server);

  const session = (await sdk.createSession(ACCOUNT, { tag: 'room-7' })).result;
  expect(session).toEqual({ id: expect.stringMatching(UUID), tag: 'room-7' });
  expect((await sdk.createSession(ACCOUNT)).result).toEqual({ id: expect.stringMatching(UUID) });
  expect((await sdk.getSession(ACCOUNT, session.id!)).result).toEqual(session);

  const created = (
    await sdk.createParticipant(ACCOUNT, {
      publishPermissions: ['AUDIO', 'VIDEO'] as never,
      tag: 'alice',
      callbackUrl: 'https://app.example/cb',
    })
  ).result;
  const alice = created.participant!;
  expect(alice).toEqual({
    id: expect.stringMatching(UUID),
    callbackUrl: 'https://app.example/cb',
    publishPermissions: ['AUDIO', 'VIDEO'],
    tag: 'alice',
    deviceApiVersion: 'V3',
    sessions: [],
    subscriptions: {},
  });
  expect(created.token!.length).toBeLessThanOrEqual(280);
  const claims = JSON.parse(Buffer.from(created.token!.split('.')[1]!, 'base64url').toString());
  expect(claims).toMatchObject({ a: ACCOUNT, p: alice.id, v: 'V3' });
  expect(claims.iss).toBeUndefined();
  const bob = (await sdk.createParticipant(ACCOUNT)).result.participant!;

  await sdk.addParticipantToSession(ACCOUNT, session.id!, alice.id!, { sessionId: session.id });
  await sdk.addParticipantToSession(ACCOUNT, session.id!, bob.id!);
  const joined = (await sdk.getParticipant(ACCOUNT, alice.id!)).result;
  expect(joined).toMatchObject({ sessions: [session.id], subscriptions: { sessionId: session.id } });
  const members = (await sdk.listSessionParticipants(ACCOUNT, session.id!)).result;
  expect(members.map((member) => member.id)).toEqual([alice.id, bob.id]);

  const subscriptionsOf = async (id: string) =>
    (await sdk.getParticipantSubscriptions(ACCOUNT, session.id!, id)).result.participants;
  expect(await subscriptionsOf(bob.id!)).toBeUndefined();
  const chosen = [{ participantId: alice.id!, streamAliases: ['screenshare'] }];
  await sdk.updateParticipantSubscriptions(ACCOUNT, session.id!, bob.id!, { participants: chosen });
  expect(await subscriptionsOf(bob.id!)).toEqual(chosen);
  await sdk.updateParticipantSubscriptions(ACCOUNT, session.id!, bob.id!);
  expect(await subscriptionsOf(bob.id!)).toBeUndefined();

  await sdk.removeParticipantFromSession(ACCOUNT, session.id!, bob.id!);
  expect((await sdk.listSessionParticipants(ACCOUNT, session.id!)).result).toHaveLength(1);
  await sdk.deleteParticipant(ACCOUNT, bob.id!);
  expect(await statusOf(sdk.getParticipant(ACCOUNT, bob.id!))).toBe(404);
  await sdk.deleteSession(ACCOUNT, session.id!);
  expect(await statusOf(sdk.getSession(ACCOUNT, session.id!))).toBe(404);
  expect((await sdk.getParticipant(ACCOUNT, alice.id!)).result).toMatchObject({ sessions: [], subscriptions: {} });
});

test('what the SDK reports as 404 and 409', async ({ stage }) => {
  const server = await stage.server({ set: { 'sessions.max_participants': '2' } });
  const room = await Room.create(server);
  const other = await Room.create(server);
  const { sdk } = room;
  const member = await room.participant();
  await room.add(member);
  const nobody = randomUUID();
  const calls: ((sdk: ApiController, session: string, participant: string) => Promise<unknown>)[] = [
    (api, s, p) => api.addParticipantToSession(ACCOUNT, s, p),
    (api, s, p) => api.removeParticipantFromSession(ACCOUNT, s, p),
    (api, s, p) => api.getParticipantSubscriptions(ACCOUNT, s, p),
    (api, s, p) => api.updateParticipantSubscriptions(ACCOUNT, s, p),
  ];
  for (const call of calls) {
    expect(await statusOf(call(sdk, nobody, member.id))).toBe(404);
    expect(await statusOf(call(sdk, room.sessionId, nobody))).toBe(404);
  }
  for (const call of calls.slice(1)) expect(await statusOf(call(sdk, other.sessionId, member.id))).toBe(404);
  for (const call of [
    sdk.getParticipant(ACCOUNT, nobody),
    sdk.deleteParticipant(ACCOUNT, nobody),
    sdk.getSession(ACCOUNT, nobody),
    sdk.deleteSession(ACCOUNT, nobody),
    sdk.listSessionParticipants(ACCOUNT, nobody),
  ])
    expect(await statusOf(call)).toBe(404);

  expect(await statusOf(other.add(member))).toBe(409);
  expect(await statusOf(room.add(member, {}))).toBe(0);
  await room.add(await room.participant());
  expect(await statusOf(room.add(await room.participant()))).toBe(409);
  // Naming somebody who is not there (yet) is no mistake.
  expect(await statusOf(room.subscribe(member, { participants: [{ participantId: nobody }] }))).toBe(0);
});

test('credentials and routes that are not there', async ({ stage }) => {
  const server = await stage.server();
  for (const authorization of [null, basic('dev', 'wrong'), basic('nobody', 'dev'), 'Basic !', 'Bearer x']) {
    const answer = await rawHttp(server, 'POST', `${ACCOUNT}/sessions`, { authorization });
    expect(answer).toMatchObject({ status: 401, json: { message: 'Unauthorized' } });
  }
  const foreign = await rawHttp(server, 'POST', 'somebody-else/sessions');
  expect(foreign).toMatchObject({ status: 403, json: { message: expect.any(String) } });
  for (const path of [`${ACCOUNT}/nothing`, `${ACCOUNT}/sessions/${randomUUID()}/members`, ACCOUNT])
    expect(await rawHttp(server, 'GET', path)).toMatchObject({ status: 403, json: { message: expect.any(String) } });
});

test('bodies that cannot be right change nothing and are told so', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const member = await room.participant();
  await room.add(member);
  const subscriptions = `${ACCOUNT}/sessions/${room.sessionId}/participants/${member.id}/subscriptions`;
  const before = (await rawHttp(server, 'GET', subscriptions)).json;

  const bad: [method: string, path: string, body: string][] = [
    ...['{', '[]', '"tag"', '7', '{"tag":7}', `{"tag":"${'x'.repeat(300)}"}`].flatMap(
      (body): [string, string, string][] => [
        ['POST', `${ACCOUNT}/sessions`, body],
        ['POST', `${ACCOUNT}/participants`, body],
      ],
    ),
    ['POST', `${ACCOUNT}/participants`, '{"publishPermissions":"AUDIO"}'],
    ['POST', `${ACCOUNT}/participants`, '{"publishPermissions":["SMELL"]}'],
    ['POST', `${ACCOUNT}/participants`, '{"deviceApiVersion":"V9"}'],
    ['POST', `${ACCOUNT}/participants`, '{"callbackUrl":7}'],
    ...['{', '[]', '{"participants":{}}', '{"participants":[{}]}', '{"participants":[{"participantId":7}]}'].map(
      (body): [string, string, string] => ['PUT', subscriptions, body],
    ),
    ['PUT', subscriptions, `{"participants":[{"participantId":"${member.id}","streamAliases":"a"}]}`],
  ];
  for (const [method, path, body] of bad) {
    const answer = await rawHttp(server, method, path, { body });
    expect({ body, status: answer.status }).toEqual({ body, status: 400 });
    expect(answer.json).toEqual({ error: expect.any(String), requestId: expect.stringMatching(UUID) });
  }
  expect((await rawHttp(server, 'GET', subscriptions)).json).toEqual(before);

  const huge = await rawHttp(server, 'POST', `${ACCOUNT}/sessions`, { body: `{"tag":"${'x'.repeat(5_000_000)}"}` });
  expect(huge.status).toBe(413);
  for (const body of [undefined, '', '{}'])
    expect((await rawHttp(server, 'POST', `${ACCOUNT}/sessions`, { body })).status).toBe(200);
  const lower = await rawHttp(server, 'POST', `${ACCOUNT}/participants`, { body: '{"deviceApiVersion":"v3"}' });
  expect(lower.json.participant.deviceApiVersion).toBe('V3');
});

test('every answer is as openapi.yaml describes it', async ({ stage }) => {
  const server = await stage.server();
  const openapi = await OpenApi.load();
  expect((await fetch(`${server.url}/openapi.yaml`)).status).toBe(200);
  const seen = new Set<string>();
  const problems: string[] = [];
  const call = async (method: string, template: string, ids: Record<string, string>, body?: string) => {
    const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name]!);
    const answer = await rawHttp(server, method, path, { body });
    seen.add(`${method} /v1/accounts/${template}`);
    problems.push(...openapi.problems(method, `/v1/accounts/${template}`, answer));
    return answer;
  };
  const ids: Record<string, string> = { accountId: ACCOUNT };
  const nobody = { accountId: ACCOUNT, sessionId: randomUUID(), participantId: randomUUID() };
  const session = '{accountId}/sessions/{sessionId}';
  const participant = '{accountId}/participants/{participantId}';
  const member = `${session}/participants/{participantId}`;

  ids.sessionId = (await call('POST', '{accountId}/sessions', ids, '{"tag":"t"}')).json.id;
  ids.participantId = (await call('POST', '{accountId}/participants', ids, '{}')).json.participant.id;
  const steps: [string, string, string?][] = [
    ['GET', session],
    ['GET', participant],
    ['PUT', member, JSON.stringify({ sessionId: ids.sessionId })],
    ['GET', `${session}/participants`],
    ['GET', `${member}/subscriptions`],
    ['PUT', `${member}/subscriptions`, `{"participants":[{"participantId":"${nobody.participantId}"}]}`],
    ['GET', `${member}/subscriptions`],
    ['DELETE', member],
    ['DELETE', participant],
    ['DELETE', session],
  ];
  for (const [method, template, body] of steps) await call(method, template, ids, body);
  for (const [method, template, body] of steps) await call(method, template, nobody, body);
  await call('POST', '{accountId}/sessions', ids, '{');
  await call('POST', '{accountId}/participants', { accountId: 'somebody-else' });
  expect(problems).toEqual([]);
  expect(openapi.operations('/v1')).toHaveLength(seen.size);
});

test('two hundred requests at once are all answered', async ({ stage }) => {
  const server: Server = await stage.server();
  const answers: Answer[] = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      rawHttp(server, 'POST', `${ACCOUNT}/participants`, { body: JSON.stringify({ tag: String(index) }) }),
    ),
  );
  expect(answers.map((answer) => answer.status)).toEqual(Array(200).fill(200));
  expect(new Set(answers.map((answer) => answer.json.participant.id)).size).toBe(200);
});
