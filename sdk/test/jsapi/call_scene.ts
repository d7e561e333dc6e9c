import type { CallView } from '../../src/jsapi/messages.js';
import type { OpenCallOptions } from '../../src/jsapi/options.js';
import { head, person, view } from './call_fixtures.js';
import { connected, settle, type FakeJsapiServer } from './fake_jsapi_server.js';

export const kMedia = { audio: true, video: true };
export const kOptions = { audio: true, video: true };

/** `b` calls this user, `a`. */
export function incoming(changes: Partial<CallView> = {}): CallView {
  const from = person('b', { role: 'initiator', state: 'active', activeConnectionId: 'c3' });
  return view({ from: 'b', to: ['a'], connectionId: 'c3', participants: [from, person('a')], ...changes });
}

export function invite(server: FakeJsapiServer, call = incoming(), more: object = {}): void {
  const body = {
    ...head(call.rev, 0, call.id),
    call,
    receiver: 'a',
    connectionId: call.connectionId,
    expiresInMs: 45_000,
  };
  server.tell('call.init', { ...body, ...more });
}

/** Opens a call and lets the server take it, in the order of 8.3: its `call.init`, then the reply. */
export async function opened(changes: Partial<CallView> = {}, options: OpenCallOptions = kOptions) {
  const all = await connected();
  const call = all.jsapi.openCall('a', 'b', null, options);
  echo(all.server, changes);
  await settle();
  return { ...all, call };
}

export function echo(server: FakeJsapiServer, changes: Partial<CallView> = {}): void {
  const { localId } = server.heard('call.init').at(-1);
  const call = view(changes);
  server.tell('call.init', { ...head(call.rev, 0, call.id), call, connectionId: 'c1', localId, receiver: 'a' });
  server.answer('call.init', { callId: call.id, chainId: call.chainId });
}
