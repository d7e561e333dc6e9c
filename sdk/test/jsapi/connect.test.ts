import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBrowser } from '../fake_browser.js';
import { outcome } from '../fake_server.js';
import { head, initiator, person, view } from './call_fixtures.js';
import { connected, kUrl, settle, stage, watch } from './fake_jsapi_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const kText = {
  ...{ id: 'x1', chainId: 'x1', pos: 1, sender: 'b', receivers: ['a'], receiver: 'a', connectionId: 'c3' },
  ...{ content: { text: 'hello' }, version: 1, ts: 5, useq: 'u7' },
};

describe('configure and connect (2.1)', () => {
  it('A1: `connected` fires once, after the snapshot, with connection, user and profiles', async () => {
    const { jsapi, server } = stage({ device: { name: 'desk', kind: 'desktop' } });
    const callback = vi.fn();
    const heard = vi.fn();
    jsapi.on('connected', heard);
    const done = outcome(jsapi.connect({ token: 't', callback }));
    server.onhello = () => server.greet();
    await settle();
    expect([server.socket.url, server.socket.protocol]).toEqual([kUrl, 'jsapi.v1']);
    expect(server.heard('hello')).toEqual([
      { version: 1, appId: 'app', token: 't', device: { name: 'desk', kind: 'desktop' } },
    ]);
    expect([heard.mock.calls.length, jsapi.state, done.settled]).toEqual([0, 'connecting', false]);
    server.done();
    await settle();
    const credentials = { token: 't', expiresInMs: 3_600_000 };
    expect(heard).toHaveBeenCalledExactlyOnceWith('c1', 'A', jsapi.profiles, credentials);
    expect(callback).toHaveBeenCalledExactlyOnceWith('c1', 'A', jsapi.profiles, credentials);
    expect([jsapi.state, jsapi.connectionId, jsapi.userId, done.settled]).toEqual(['connected', 'c1', 'A', true]);
    expect([jsapi.profiles.getAt(1)?.id, jsapi.profiles.get('a')?.nickname, jsapi.profiles.length]).toEqual([
      ...['a2', 'a', 2],
    ]);
  });

  it('A1: an expired token ends in state `closed`, with nothing but the rejection', async () => {
    const { jsapi, server, browser } = stage();
    const lines = watch(jsapi);
    server.onhello = () => server.socket.end(4401);
    const done = outcome(jsapi.connect({ token: 'old' }));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(done.error).toMatchObject({ name: 'unauthenticated', code: 4010 });
    expect([jsapi.state, server.sockets.length, lines]).toEqual(['closed', 1, ['disconnected unauthenticated']]);
    expect([vi.getTimerCount(), browser.listenerCount]).toEqual([0, 0]);
  });

  it('refuses wrong use', async () => {
    const { jsapi } = stage();
    await expect(jsapi.connect({})).rejects.toMatchObject({ name: 'bad_argument', details: { field: 'token' } });
    expect(() => jsapi.openCall('a', 'b')).toThrow(expect.objectContaining({ name: 'not_connected', code: 4600 }));
    expect(() => jsapi.sendTextMessage('a', 'b', null, '')).toThrow(expect.objectContaining({ name: 'not_connected' }));
    void jsapi.connect({ token: 't' });
    expect(() => jsapi.configure({ url: kUrl, appId: 'app' })).toThrow(jsapi.Error);
    await expect(jsapi.connect({ token: 't' })).rejects.toMatchObject({ name: 'wrong_state' });
    await jsapi.disconnect();
  });

  it('rejects when the server speaks another version', async () => {
    const { jsapi, server } = stage();
    server.onhello = () => server.plain('error', { body: { code: 4003, name: 'unsupported_version', message: 'no' } });
    const done = outcome(jsapi.connect({ token: 't' }));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(done.error).toMatchObject({ name: 'unsupported_version' });
    expect(server.sockets).toHaveLength(1);
  });

  it('leaves no timer and no listener behind, and can connect again', async () => {
    const { jsapi, server, browser } = await connected();
    await jsapi.disconnect();
    expect(server.said.at(-1)?.type).toBe('bye');
    expect(server.socket.closedWith).toBe(1000);
    expect([jsapi.state, vi.getTimerCount(), browser.listenerCount]).toEqual(['closed', 0, 0]);
    await jsapi.disconnect();
    await Promise.all([jsapi.connect({ token: 't' }), settle()]);
    expect([jsapi.state, server.heard('hello').length]).toEqual(['connected', 2]);
    expect(server.heard('hello')[1]).not.toHaveProperty('resume');
  });

  it('a listener that throws is logged, and the others are told', async () => {
    const { jsapi, server, log } = await connected();
    const heard = vi.fn();
    jsapi.on('auth:multiconnection', () => {
      throw new Error('listener');
    });
    jsapi.on('auth:multiconnection', heard);
    server.tell('auth.multiconnection', { count: 3 });
    expect(heard).toHaveBeenCalledExactlyOnceWith(3);
    expect(log.at(-1)).toBe("warn a listener of 'auth:multiconnection' threw: Error: listener");
  });
});

describe('a lost transport', () => {
  it('A33: comes back as the same connection, and tells of it', async () => {
    const { jsapi, server } = await connected();
    const lines = watch(jsapi);
    server.resumes();
    server.socket.end(1006);
    expect(jsapi.state).toBe('reconnecting');
    await settle();
    expect(server.heard('hello')[1].resume).toEqual({ connectionId: 'c1', token: 'r1', recv: 1 });
    expect([jsapi.state, lines]).toEqual(['connected', ['reconnecting', 'reconnected true']]);
  });

  it('A42: whatever comes twice is told once', async () => {
    const { jsapi, server } = await connected();
    const lines = watch(jsapi);
    server.tell('text.add_message', kText);
    server.seq -= 1;
    server.tell('text.add_message', kText);
    expect(lines).toEqual(['text:received x1']);
  });

  it('A41: a command whose reply was lost is sent again under its number', async () => {
    const { jsapi, server } = await connected();
    const message = jsapi.sendTextMessage('a', 'b', null, 'hi');
    server.socket.end(1006);
    server.received = 0;
    server.resumes();
    server.answers['text.add_message'] = { id: 'x9', chainId: 'x9', pos: 1, ts: 7 };
    await settle();
    const sent = server.said.filter(({ type }) => type === 'text.add_message');
    expect(sent.map(({ seq }) => seq)).toEqual([1, 1]);
    expect(sent[1]?.body).toEqual(sent[0]?.body);
    expect(await message.ready).toBe(message);
    expect([message.id, message.chainId, message.createdAt]).toEqual(['x9', 'x9', 7]);
  });

  it('SEQ-2: a gap closes 4400 and resumes', async () => {
    const { jsapi, server } = await connected();
    server.resumes();
    server.seq += 1;
    const first = server.socket;
    server.tell('auth.multiconnection', { count: 2 });
    expect(first.closedWith).toBe(4400);
    server.seq = 1;
    await settle();
    expect([jsapi.state, server.heard('hello')[1].resume.recv]).toEqual(['connected', 1]);
  });

  it('A35: is over where another transport has taken its place', async () => {
    const { jsapi, server } = await connected();
    const lines = watch(jsapi);
    server.socket.end(4409);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lines).toEqual(['disconnected replaced', 'error not_connected']);
    expect([jsapi.state, server.sockets.length]).toEqual(['closed', 1]);
  });

  it('CON-5: is back at once, but does not run in circles where a message kills it each time', async () => {
    const { server } = await connected();
    const meet = () => {
      server.greet({ resumed: true });
      server.done();
      queueMicrotask(() => server.socket.end(4400));
    };
    server.onhello = meet;
    server.socket.end(1006);
    await vi.advanceTimersByTimeAsync(10_000);
    // At 0, 250, 750, 1750, 3750 and 7750 ms, with the shortest delays that chance gives.
    expect(server.sockets).toHaveLength(7);
    server.resumes();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.sockets).toHaveLength(8);
    server.plain('pong');
    server.socket.end(1006);
    await settle();
    expect(server.sockets).toHaveLength(9);
  });

  it('is tried at once when the network is back', async () => {
    const { jsapi, server, browser } = await connected();
    server.up = false;
    server.socket.end(1006);
    await vi.advanceTimersByTimeAsync(30_000);
    server.up = true;
    server.resumes();
    browser.fire('online');
    await settle();
    expect(jsapi.state).toBe('connected');
  });
});

/** The same tab with its page loaded anew. */
function reloaded({ storage }: FakeBrowser): FakeBrowser {
  return Object.assign(new FakeBrowser(), { storage });
}

describe('a page reload (CON-6)', () => {
  it('resumes the connection from the storage, and the user log from its cursor', async () => {
    const { server, browser } = await connected();
    server.tell('text.add_message', kText);
    const page = stage({}, reloaded(browser));
    page.server.welcome.connectionId = 'c1';
    page.server.resumes(true);
    await Promise.all([page.jsapi.connect({ token: 't' }), settle()]);
    expect(page.server.heard('hello')).toEqual([
      expect.objectContaining({ since: 'u7', resume: { connectionId: 'c1', token: 'r1', recv: null } }),
    ]);
    expect(page.jsapi.connectionId).toBe('c1');
  });

  it('is a new connection without `autoResume`, with the same cursor', async () => {
    const { browser } = await connected({ autoResume: false });
    const page = stage({ autoResume: false }, reloaded(browser));
    await Promise.all([page.jsapi.connect({ token: 't' }), settle()]);
    expect(page.server.heard('hello')[0]).toEqual({ version: 1, appId: 'app', token: 't', since: 'u1' });
  });

  it('A40: sends the hang-up that could not be sent before', async () => {
    const { jsapi, server, browser } = await connected();
    const joined = [initiator(), person('b', { state: 'active', activeConnectionId: 'c3' })];
    const call = view({ state: 'active', participants: joined });
    server.tell('call.state', { ...head(1, 0), call, role: 'active initiator' });
    server.up = false;
    server.socket.end(1006);
    void jsapi
      .getCall('m7')!
      .hangup()
      .catch(() => undefined);
    const page = stage({}, reloaded(browser));
    await Promise.all([page.jsapi.connect({ token: 't' }), settle()]);
    expect(page.server.heard('call.hangup')).toEqual([{ callId: 'm7', connectionId: 'c1' }]);
  });

  it('starts afresh when the storage cannot be read', async () => {
    const storage = { getItem: () => '{', setItem: () => fail(), removeItem: () => undefined };
    const { jsapi, server } = await connected({ storage });
    expect(jsapi.state).toBe('connected');
    expect(server.heard('hello')[0]).not.toHaveProperty('resume');
  });
});

function fail(): never {
  throw new Error('full');
}

describe('tokens (CON-8)', () => {
  it('A61: are renewed in place by the tokenProvider', async () => {
    const tokenProvider = vi.fn(async () => 'fresh');
    const { jsapi, server } = await connected({}, { tokenProvider });
    const lines = watch(jsapi);
    server.answers['auth.refresh'] = { expiresInMs: 3_600_000 };
    server.tell('auth.expiring', { expiresInMs: 60_000 });
    await settle();
    expect(server.heard('auth.refresh')).toEqual([{ token: 'fresh' }]);
    expect(lines).toEqual(['auth:expiring 60000']);
  });

  it('are got again once after 4401', async () => {
    const tokenProvider = vi.fn(async () => `t${tokenProvider.mock.calls.length}`);
    const { jsapi, server } = stage();
    const done = jsapi.connect({ tokenProvider });
    await settle();
    await done;
    server.resumes();
    server.socket.end(4401);
    await settle();
    expect(server.heard('hello').map(({ token }) => token)).toEqual(['t1', 't2']);
    server.onhello = () => server.socket.end(4401);
    server.socket.end(4401);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([jsapi.state, server.heard('hello').length]).toEqual(['closed', 3]);
  });

  it('are asked for again when the tokenProvider fails', async () => {
    const tokenProvider = vi.fn(async () => (tokenProvider.mock.calls.length < 3 ? fail() : 't'));
    const { jsapi } = stage();
    const lines = watch(jsapi);
    const done = outcome(jsapi.connect({ tokenProvider }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(done).toEqual({ settled: true, value: undefined });
    expect(lines).toEqual(['error unauthenticated', 'error unauthenticated', expect.stringMatching(/^connected c1 A/)]);
  });
});

describe('profiles, texts and history (4, 5, 6)', () => {
  it('setProfile changes an own profile, and `profile.updated` shows it', async () => {
    const { jsapi, server } = await connected();
    server.answers['profile.set'] = () => {
      server.tell('profile.updated', { profile: { ...server.welcome.profiles[0]!, dnd: true } });
      return {};
    };
    await jsapi.setProfile('a', { dnd: true });
    expect(server.heard('profile.set')).toEqual([{ profileId: 'a', dnd: true }]);
    expect(jsapi.profiles.get('a')?.dnd).toBe(true);
  });

  it('sendTextMessage takes one receiver or several, and no chain in three ways', async () => {
    const { jsapi, server } = await connected();
    jsapi.sendTextMessage('a', 'b', null, '1');
    jsapi.sendTextMessage('a', ['b', 'b', 'c'], undefined, '2');
    jsapi.sendTextMessage('a', ['b'], 'x1', '3');
    expect(server.heard('text.add_message').map(({ receivers, chainId }) => [receivers, chainId])).toEqual([
      [['b'], undefined],
      [['b', 'c'], undefined],
      [['b'], 'x1'],
    ]);
    expect(() => jsapi.sendTextMessage('a', [], null, '4')).toThrow(expect.objectContaining({ name: 'bad_argument' }));
    const long = 'x'.repeat(65_536);
    expect(() => jsapi.sendTextMessage('a', 'b', null, long)).toThrow(expect.objectContaining({ name: 'too_large' }));
  });

  it('text:received is for others’ messages and for those of the user’s other connections', async () => {
    const { jsapi, server } = await connected();
    const lines = watch(jsapi);
    const message = jsapi.sendTextMessage('a', 'b', null, 'mine');
    const own = { ...kText, id: 'x2', sender: 'a', receivers: ['b'], localId: message.localId };
    server.tell('text.add_message', { ...own, connectionId: 'c1' });
    server.answer('text.add_message', { id: 'x2', chainId: 'x2', pos: 1, ts: 6 });
    await settle();
    expect([message.id, lines]).toEqual(['x2', []]);
    server.tell('text.add_message', { ...own, id: 'x3', connectionId: 'c2' });
    server.tell('text.add_message', kText);
    server.tell('text.edit_message', { ...kText, content: { text: 'bye' }, version: 2 });
    server.tell('text.remove_message', { id: 'x1', chainId: 'x1', version: 3, useq: 'u9' });
    expect(lines).toEqual(['text:received x3', 'text:received x1', 'text:edited x1', 'text:removed x1']);
  });

  it('edit and remove wait for the id', async () => {
    const { jsapi, server } = await connected();
    const message = jsapi.sendTextMessage('a', 'b', null, 'frist');
    const edited = message.edit('first');
    await settle();
    expect(server.heard('text.edit_message')).toEqual([]);
    server.answers['text.edit_message'] = { version: 2 };
    server.answers['text.remove_message'] = { version: 3 };
    server.answer('text.add_message', { id: 'x2', chainId: 'x2', pos: 1, ts: 6 });
    await edited;
    expect(server.heard('text.edit_message')).toEqual([{ id: 'x2', content: { text: 'first' } }]);
    expect([message.content.text, message.version]).toEqual(['first', 2]);
    await message.remove();
    expect([message.content.text, message.version, message.removed]).toEqual(['', 3, true]);
  });

  it('a refused message says why, and no rejection is left unhandled', async () => {
    const { jsapi, server } = await connected();
    server.answers['text.add_message'] = { error: [4040, 'not_found'] };
    const message = jsapi.sendTextMessage('a', 'b', 'nowhere', 'hi');
    await expect(message.ready).rejects.toMatchObject({ name: 'not_found', code: 4040 });
    jsapi.sendTextMessage('a', 'b', 'nowhere', 'unheeded');
    await settle();
  });

  it('A58: history gives texts and calls in order', async () => {
    const { jsapi, server } = await connected();
    const record = {
      ...{ callId: 'm7', chainId: 'x1', from: 'a', to: ['b'], options: { audio: true, video: false }, createdAt: 1 },
      participants: [{ id: 'a', outcome: 'answered' }],
    };
    server.answers['chain.history'] = {
      messages: [
        { kind: 'call', id: 'm7', chainId: 'x1', pos: 9, record },
        {
          ...{ kind: 'text', id: 'x1', chainId: 'x1', pos: 3, sender: 'b', receivers: ['a'] },
          version: 2,
          removed: true,
          ts: 5,
        },
      ],
      more: true,
    };
    const { messages, more } = await jsapi.getHistory('x1', { before: 20, limit: 2 });
    expect(server.heard('chain.history')).toEqual([{ profileId: 'a', chainId: 'x1', before: 20, limit: 2 }]);
    expect(messages.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['call m7', 'text x1']);
    expect([more, messages[1]]).toEqual([true, expect.objectContaining({ removed: true, content: { text: '' } })]);
    const list = { chains: [{ chainId: 'x1', latestAt: 5 }], more: true, next: '5.x1' };
    server.answers['chain.list'] = list;
    expect(await jsapi.getChains('a2', { before: '7.k' })).toEqual(list);
    expect(server.heard('chain.list')).toEqual([{ profileId: 'a2', before: '7.k', limit: 50 }]);
  });

  it('custom messages go out and come in', async () => {
    const { jsapi, server } = await connected();
    const lines = watch(jsapi);
    server.answers['custom.message'] = {};
    await jsapi.sendCustomMessage({ from: 'a', to: 'b', content: 'typing' });
    expect(server.heard('custom.message')).toEqual([{ from: 'a', to: ['b'], content: 'typing' }]);
    server.tell('custom.message', { from: 'b', receiver: 'a', content: 'typing', ts: 4 });
    expect(lines).toEqual(['custom:received {"from":"b","receiver":"a","content":"typing","ts":4}']);
  });
});
