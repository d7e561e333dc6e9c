import { beforeEach, describe, expect, it } from 'vitest';
import { CommandQueue } from '../../src/jsapi/commands.js';
import { Incoming } from '../../src/jsapi/incoming.js';
import { Link, type LinkEffect, type LinkOptions } from '../../src/jsapi/link.js';
import type { Welcome } from '../../src/jsapi/messages.js';
import { reconnectDelay } from '../../src/jsapi/transport.js';

const kLocalId = '6f1c2f9e-8a44-4c1b-9b0e-1f2a3b4c5d6e';
const kInit = { localId: kLocalId, from: 'a', to: ['b'], options: { audio: true, video: false } };

/** A link whose effects are kept, and whose clock is a number. */
class Bench {
  now = 0;
  out: LinkEffect[] = [];
  link: Link;
  seq = 0;

  constructor(options: Partial<LinkOptions> = {}) {
    this.link = new Link({ appId: 'app', token: 't', renewable: false, ...options });
  }

  /** What was sent since the last look, as one line each. */
  sent(): string[] {
    const frames = this.out.filter((one) => one.kind === 'send').map(({ text }) => JSON.parse(text));
    this.out = this.out.filter(({ kind }) => kind !== 'send');
    return frames.map(({ type, seq, ack }) => `${type}${seq ? ` ${seq}` : ''}${ack ? ` ack ${ack}` : ''}`);
  }

  /** Effects of a kind since the last look. */
  take<Kind extends LinkEffect['kind']>(kind: Kind): Extract<LinkEffect, { kind: Kind }>[] {
    const taken = this.out.filter((one): one is Extract<LinkEffect, { kind: Kind }> => one.kind === kind);
    this.out = this.out.filter((one) => one.kind !== kind);
    return taken;
  }

  text(frame: object): void {
    this.link.handleText(this.now, JSON.stringify(frame), this.out);
  }

  tell(type: string, body: object, seq = ++this.seq): void {
    this.seq = seq;
    this.text({ type, seq, body });
  }

  welcome(changes: Partial<Welcome> = {}): void {
    const body = { connectionId: 'c1', resumeToken: 'r1', pingMs: 15_000, expiresInMs: 3_600_000, recv: 0 };
    this.text({ type: 'welcome', body: { ...body, resumed: false, fresh: false, limits: {}, ...changes } });
  }

  open(changes: Partial<Welcome> = {}): void {
    this.link.handleOpen(this.now, this.out);
    this.welcome(changes);
    if (!changes.resumed || changes.fresh) this.seq = 0;
    this.tell('sync.done', { useq: 'u1' });
  }

  hello(): any {
    const last = this.out.filter((one) => one.kind === 'send').at(-1);
    return JSON.parse(last?.text ?? '{}').body;
  }

  request(type: any, body: object = { callId: 'm7' }): number {
    return this.link.request(this.now, type, body as never, this.out);
  }

  at(now: number): void {
    this.now = now;
    this.link.handleTimeout(now, this.out);
  }
}

let bench: Bench;
beforeEach(() => void (bench = new Bench()));

describe('the handshake (2.2)', () => {
  it('CON-1: `hello` is the first frame, and nothing else goes before `welcome`', () => {
    bench.request('call.ringing');
    bench.link.handleOpen(0, bench.out);
    expect(bench.hello()).toEqual({ version: 1, appId: 'app', token: 't' });
    expect(bench.sent()).toEqual(['hello']);
    bench.welcome();
    expect(bench.sent()).toEqual(['call.ringing 1']);
  });

  it('a server that does not answer is as dead as one that falls silent', () => {
    bench.link.handleOpen(0, bench.out);
    bench.at(9_999);
    expect(bench.take('drop')).toEqual([]);
    bench.at(10_000);
    expect(bench.take('drop')).toEqual([{ kind: 'drop', code: 4408 }]);
  });

  it('a version that the server does not speak is final; being too busy is not', () => {
    bench.link.handleOpen(0, bench.out);
    bench.text({ type: 'error', body: { code: 5030, name: 'unavailable', message: '' } });
    expect(bench.link.isFinal(4500)).toBe(false);
    bench.text({ type: 'error', body: { code: 4003, name: 'unsupported_version', message: '' } });
    expect([bench.link.isFinal(4400), bench.link.refusal?.name]).toEqual([true, 'unsupported_version']);
  });

  it('CON-6: after a page reload it asks for its connection, and for everything anew', () => {
    bench = new Bench({ resume: { connectionId: 'c1', token: 'r0' }, since: 'u9' });
    bench.link.handleOpen(0, bench.out);
    expect(bench.hello()).toMatchObject({ resume: { connectionId: 'c1', token: 'r0', recv: null }, since: 'u9' });
  });
});

describe('sequences (3)', () => {
  beforeEach(() => {
    bench.open();
    bench.sent();
  });

  it('SEQ-1: what was processed already is dropped and acknowledged again', () => {
    bench.tell('call.hold', {}, 2);
    bench.tell('call.hold', {}, 2);
    expect(bench.take('message')).toHaveLength(1);
    bench.at(200);
    expect(bench.sent()).toEqual(['ack ack 2']);
  });

  it('SEQ-2: a gap costs the transport', () => {
    bench.tell('call.hold', {}, 3);
    expect(bench.take('drop')).toEqual([{ kind: 'drop', code: 4400 }]);
    expect(bench.take('message')).toEqual([]);
  });

  it('an acknowledgement rides on any frame, and goes alone after 200 ms or 32 messages', () => {
    bench.tell('call.hold', {});
    bench.request('call.hold');
    expect(bench.sent()).toEqual(['call.hold 1 ack 2']);
    expect(bench.link.nextTimeout()).toBe(15_000);
    for (let count = 0; count < 32; ++count) bench.tell('call.hold', {});
    bench.at(0);
    expect(bench.sent()).toEqual(['ack ack 34']);
  });

  it('what is no message costs the transport', () => {
    for (const text of ['', '{', '7', 'null', '{"type":1}']) bench.link.handleText(0, text, bench.out);
    expect(bench.take('drop')).toHaveLength(5);
  });

  it('a reply settles the command of its number, whatever the order', () => {
    const [first, second] = [bench.request('call.hold'), bench.request('call.sync', { callId: 'm7', rev: 1 })];
    bench.tell('reply', { re: 2, ok: true, result: {} });
    bench.tell('reply', { re: 1, ok: false, error: { code: 4094, name: 'not_active', message: '' } });
    bench.tell('reply', { re: 1, ok: true, result: {} });
    expect(bench.take('settled')).toEqual([{ kind: 'settled', ticket: second, result: {} }]);
    expect(bench.take('refused')).toMatchObject([{ ticket: first, error: { name: 'not_active', code: 4094 } }]);
  });

  it('CON-5: pings every `pingMs`, answers pings, and gives a silent server up', () => {
    bench.text({ type: 'ping' });
    expect(bench.sent()).toEqual(['pong ack 1']);
    bench.at(15_000);
    expect(bench.sent()).toEqual(['ping ack 1']);
    bench.text({ type: 'pong' });
    bench.at(30_000);
    expect(bench.sent()).toEqual(['ping ack 1']);
    bench.at(39_999);
    expect(bench.take('drop')).toEqual([]);
    bench.at(40_000);
    expect(bench.take('drop')).toEqual([{ kind: 'drop', code: 4408 }]);
  });
});

describe('resumption (3.3)', () => {
  beforeEach(() => {
    bench.open();
    bench.request('call.hold');
    bench.request('call.update', { callId: 'm7', media: { audio: true, video: true } });
    bench.sent();
    bench.link.handleLost(1006, bench.out);
  });

  it('SEQ-1: what the server has not seen is sent again under its number, then what is new', () => {
    bench.request('call.resume');
    bench.link.handleOpen(0, bench.out);
    expect(bench.hello().resume).toEqual({ connectionId: 'c1', token: 'r1', recv: 1 });
    bench.sent();
    bench.welcome({ resumed: true, recv: 1 });
    expect(bench.sent()).toEqual(['call.update 2 ack 1', 'call.resume 3 ack 1']);
    bench.tell('call.hold', {}, 2);
    expect(bench.take('message')).toMatchObject([{ live: false }]);
    bench.tell('sync.done', { useq: 'u2' }, 3);
    expect(bench.take('synced').at(-1)).toMatchObject({ how: 'resumed' });
  });

  it('CON-6: fresh, everything without a reply is numbered anew', () => {
    bench.link.handleOpen(0, bench.out);
    bench.sent();
    bench.welcome({ resumed: true, fresh: true });
    expect(bench.sent()).toEqual(['call.hold 1', 'call.update 2']);
    bench.tell('sync.done', { useq: 'u2' }, 1);
    expect(bench.take('synced').at(-1)).toMatchObject({ how: 'fresh' });
  });

  it('RES-1: as a new connection too, less what the snapshot makes moot', () => {
    const moot = ['call.ringing', 'call.pending'].map((type) => bench.request(type));
    bench.link.handleOpen(0, bench.out);
    bench.sent();
    bench.welcome({ connectionId: 'c9' });
    expect(bench.sent()).toEqual(['call.hold 1', 'call.update 2']);
    expect(bench.take('refused').map(({ ticket }) => ticket)).toEqual(moot);
  });

  it('tokens are for one resume: the next hello has the next', () => {
    bench.link.handleOpen(0, bench.out);
    bench.welcome({ resumed: true, resumeToken: 'r2' });
    bench.link.handleLost(1012, bench.out);
    bench.link.handleOpen(0, bench.out);
    expect(bench.hello().resume.token).toBe('r2');
  });

  it.each([
    [4409, true],
    [4413, true],
    [4401, true],
    ...[1006, 1012, 4400, 4408, 4429, 4500].map((code): [number, boolean] => [code, false]),
  ])('close code %i is final: %s', (code, final) => {
    expect(bench.link.isFinal(code)).toBe(final);
  });
});

describe('SEQ-9: commands while there is no connection', () => {
  it.each(['call.init', 'call.accept'])('%s is dropped after 10 s if it was never sent', (type) => {
    const ticket = bench.request(type, type === 'call.init' ? kInit : { callId: 'm7' });
    expect(bench.link.nextTimeout()).toBe(10_000);
    bench.at(9_999);
    expect(bench.take('refused')).toEqual([]);
    bench.at(10_000);
    expect(bench.take('refused')).toMatchObject([{ ticket, error: { name: 'not_connected', code: 4600 } }]);
    bench.open();
    expect(bench.sent()).toEqual(['hello']);
  });

  it('call.init that may have been taken is not dropped, but sent again', () => {
    bench.open();
    bench.request('call.init', kInit);
    bench.link.handleLost(1006, bench.out);
    bench.at(3_600_000);
    expect(bench.take('refused')).toEqual([]);
    bench.sent();
    bench.open({ resumed: true, recv: 0 });
    expect(bench.sent()).toEqual(['hello', 'call.init 1 ack 1']);
  });

  it.each(['call.hangup', 'call.reject', 'call.ignore'])(
    '%s is kept, and written down, until it is answered',
    (type) => {
      const body = { callId: 'm7', ...(type === 'call.hangup' && { connectionId: 'c1' }) };
      bench.request(type, body);
      bench.at(3_600_000);
      expect(bench.take('refused')).toEqual([]);
      expect(bench.link.kept).toEqual([{ type, body }]);
      bench.open({ connectionId: 'c9' });
      expect(bench.sent()).toEqual(['hello', `${type} 1`]);
      bench.tell('reply', { re: 1, ok: true, result: {} });
      expect(bench.link.kept).toEqual([]);
    },
  );

  it('is done with once the call is known to have ended', () => {
    const ticket = bench.request('call.hangup');
    bench.request('call.hangup', { callId: 'other' });
    bench.link.forgetCall('m7', bench.out);
    expect(bench.take('settled')).toEqual([{ kind: 'settled', ticket, result: {} }]);
    expect(bench.link.kept).toHaveLength(1);
  });

  it('SEQ-2: its number is sent again all the same if the server has not seen it', () => {
    bench.open();
    const ticket = bench.request('call.hangup');
    bench.sent();
    bench.link.forgetCall('m7', bench.out);
    expect(bench.take('settled')).toEqual([{ kind: 'settled', ticket, result: {} }]);
    expect(bench.link.kept).toEqual([]);
    bench.link.handleLost(1006, bench.out);
    bench.open({ resumed: true, recv: 0 });
    bench.request('call.hold', { callId: 'other' });
    expect(bench.sent()).toEqual(['hello', 'call.hangup 1 ack 1', 'call.hold 2 ack 2']);
    bench.tell('reply', { re: 1, ok: false, error: { code: 4092, name: 'call_ended', message: '' } });
    expect([bench.take('settled'), bench.take('refused')]).toEqual([[], []]);
  });

  it('can be taken back as long as it was not sent', () => {
    const [early, sent] = [bench.request('call.init', kInit), bench.request('call.hold')];
    expect(bench.link.cancel(early)).toBe(true);
    bench.open();
    expect(bench.sent()).toEqual(['hello', 'call.hold 1']);
    expect(bench.link.cancel(sent)).toBe(false);
  });

  it('ends with the connection', () => {
    bench.open();
    const ticket = bench.request('call.hold');
    bench.sent();
    bench.link.end(bench.out);
    expect(bench.sent()).toEqual(['bye ack 1']);
    expect(bench.take('refused')).toMatchObject([{ ticket, error: { name: 'not_connected' } }]);
  });
});

describe('tokens (CON-8)', () => {
  it('are asked for before the first hello where there is none', () => {
    bench = new Bench({ token: undefined, renewable: true });
    bench.link.handleOpen(0, bench.out);
    expect([bench.sent(), bench.take('token').length]).toEqual([[], 1]);
    bench.link.handleToken(5, 'new', bench.out);
    expect(bench.hello().token).toBe('new');
  });

  it('are extended in place when they expire', () => {
    bench = new Bench({ renewable: true });
    bench.open();
    bench.sent();
    bench.tell('auth.expiring', { expiresInMs: 60_000 });
    expect(bench.take('token')).toHaveLength(1);
    bench.link.handleToken(10, 'new', bench.out);
    expect(bench.sent()).toEqual(['auth.refresh 1 ack 2']);
    bench.tell('reply', { re: 1, ok: true, result: { expiresInMs: 1_000_000 } });
    expect(bench.link.tokenLife(0)).toBe(1_000_000);
    bench.link.handleToken(20, 'newer', bench.out);
    bench.tell('reply', { re: 2, ok: true, result: {} });
    expect(bench.link.tokenLife(0)).toBe(Infinity);
  });

  it('that have expired meanwhile are not sent', () => {
    bench = new Bench({ renewable: true });
    bench.open({ expiresInMs: 60_000 });
    bench.link.handleLost(1006, bench.out);
    bench.now = 60_000;
    bench.sent();
    bench.link.handleOpen(bench.now, bench.out);
    expect([bench.sent(), bench.take('token').length]).toEqual([[], 1]);
  });

  it('that are refused are renewed once, and a second refusal is final', () => {
    bench = new Bench({ renewable: true });
    bench.link.handleOpen(0, bench.out);
    expect(bench.link.isFinal(4401)).toBe(false);
    bench.link.handleLost(4401, bench.out);
    expect(bench.take('token')).toHaveLength(1);
    expect(bench.link.isFinal(4401)).toBe(true);
  });
});

describe('the delay before reconnecting (CON-5)', () => {
  it('is none at first, then 500 ms doubling to 30 s, each ± 50 %', () => {
    expect([1, 2, 3, 4, 8, 9, 50].map((attempt) => reconnectDelay(attempt, 0.5, 1006))).toEqual([
      ...[0, 500, 1000, 2000, 30_000, 30_000, 30_000],
    ]);
    expect([0, 0.999].map((random) => reconnectDelay(2, random, 1006))).toEqual([250, 750]);
  });

  it('has jitter from the first attempt on after a restart', () => {
    expect([0, 0.5, 1].map((random) => reconnectDelay(1, random, 1012))).toEqual([0, 250, 500]);
  });
});

describe('numbers', () => {
  it.each([0, 1, 127, 65_535])('follow from every start: %i', (start) => {
    const incoming = new Incoming();
    incoming.received = start;
    expect([start, start + 1, start + 1, start + 3].map((seq) => incoming.take(0, seq))).toEqual([
      ...['seen', 'next', 'seen', 'gap'],
    ]);
    expect(incoming.acknowledge()).toBe(start + 1);
  });

  it('of commands have no gap, whatever is taken back, settled or dropped', () => {
    const queue = new CommandQueue(100);
    const numbers = (): (number | undefined)[] => queue.takeUnsent().map(({ seq }) => seq);
    const first = queue.add(0, 'call.init', kInit);
    queue.add(0, 'call.hold', { callId: 'm7' });
    queue.cancel(first.ticket);
    expect(numbers()).toEqual([1]);
    queue.add(0, 'call.init', kInit);
    queue.expire(100);
    queue.add(100, 'call.resume', { callId: 'm7' });
    expect(numbers()).toEqual([2]);
    queue.settle(1);
    expect(queue.after(1).map(({ type }) => type)).toEqual(['call.resume']);
    queue.restart(false);
    expect(numbers()).toEqual([1]);
  });
});
