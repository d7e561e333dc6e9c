import { describe, expect, it } from 'vitest';
import {
  legStateOf,
  receive,
  roleOf,
  type CallMessage,
  type Mirror,
  type Received,
} from '../../src/jsapi/call_mirror.js';
import type { Viewer } from '../../src/jsapi/call_view.js';
import type { CallView, ServerBodies } from '../../src/jsapi/messages.js';
import { asyncApi } from './asyncapi.js';
import { head, initiator, legs, person, view } from './call_fixtures.js';

const kC1: Viewer = { connectionId: 'c1', profileIds: ['a'] };
const kC2: Viewer = { connectionId: 'c2', profileIds: ['a'] };
const kC3: Viewer = { connectionId: 'c3', profileIds: ['b'] };
const kC4: Viewer = { connectionId: 'c4', profileIds: ['b'] };

const kMedia = { audio: true, video: true };

/** A message as the server sends it, held to the description. */
function said<Type extends CallMessage['type']>(type: Type, body: ServerBodies[Type]): CallMessage {
  expect(asyncApi.problems('toClient', { type, seq: 1, body } as { type: string })).toEqual([]);
  return { type, body } as unknown as CallMessage;
}

function init(call: CallView, rev = 1, changes: Partial<ServerBodies['call.init']> = {}): CallMessage {
  return said('call.init', { ...head(rev, 0), call: { ...call, rev }, connectionId: call.connectionId, ...changes });
}

function play(viewer: Viewer, messages: CallMessage[], start?: Mirror): Received & { mirror: Mirror } {
  let sum: Received = { mirror: start, news: [] };
  for (const message of messages) {
    const { news, ...next } = receive(sum.mirror, message, viewer);
    sum = { ...next, news: [...sum.news, ...news] };
  }
  return sum as Received & { mirror: Mirror };
}

function told({ news }: Received): string[] {
  return news.map(({ name, args }) =>
    [name, ...args]
      .map((one) => JSON.stringify(one))
      .join(' ')
      .replaceAll('"', ''),
  );
}

const kRinging = said('call.ringing', { ...head(2), profileId: 'b', connectionId: 'c3' });
const kAccept = said('call.accept', { ...head(3), profileId: 'b', connectionId: 'c3', media: kMedia });

describe('the roles of the seed (7.2)', () => {
  it('RCV-1: follow from who has opened the call, and where', () => {
    const roles = [kC1, kC2, kC3, kC4].map((viewer) => roleOf(play(viewer, [init(view())]).mirror, viewer));
    expect(roles).toEqual(['active initiator', 'passive initiator', 'receiver', 'receiver']);
  });

  it('RCV-1: are what the server says they are', () => {
    const { mirror } = play(kC4, [init(view(), 1, { role: 'passive receiver' })]);
    expect(roleOf(mirror, kC4)).toBe('passive receiver');
  });

  it('A8: c3 answers, so c3 is active, c4 passive, and nobody else changes', () => {
    const after = (viewer: Viewer) => play(viewer, [init(view()), kRinging, kAccept]).mirror;
    const roles = [kC1, kC2, kC3, kC4].map((viewer) => roleOf(after(viewer), viewer));
    expect(roles).toEqual(['active initiator', 'passive initiator', 'active receiver', 'passive receiver']);
    expect([kC1, kC2, kC3, kC4].map((viewer) => legStateOf(after(viewer), viewer))).toEqual([
      ...['active', 'invited', 'active', 'passive'],
    ]);
  });

  it('stay `receiver` where a leg must not ring (9.2)', () => {
    const { mirror } = play(kC4, [init(view(), 1, { silent: true })]);
    expect([roleOf(mirror, kC4), legStateOf(mirror, kC4)]).toEqual(['receiver', 'passive']);
  });

  it('move with a handoff (HAND-1)', () => {
    const moved = said('call.activate', { ...head(4), profileId: 'a', connectionId: 'c2', from: 'c1' });
    const after = (viewer: Viewer) => play(viewer, [init(view()), kRinging, kAccept, moved]).mirror;
    expect([kC1, kC2].map((viewer) => roleOf(after(viewer), viewer))).toEqual([
      ...['passive initiator', 'active initiator'],
    ]);
    expect(legStateOf(after(kC1), kC1)).toBe('pending');
  });
});

// Each message of 8.2: what it does to the view of an answered or unanswered call, and what it is to the application.
interface Row {
  message: CallMessage;
  answered?: boolean;
  news: string[];
  shows: (mirror: Mirror) => unknown;
  is: unknown;
}

const b = ({ view: { participants } }: Mirror) => participants.find(({ id }) => id === 'b')!;
const kAnswered = [kRinging, kAccept];

const kRows: Row[] = [
  {
    message: said('call.pending', { ...head(2), connectionId: 'c2' }),
    news: [],
    shows: ({ view: { participants } }) => participants[0]?.connections?.at(-1),
    is: { id: 'c2', role: 'passive initiator', state: 'pending' },
  },
  {
    message: kRinging,
    news: ['ringing b c3', 'state ringing'],
    shows: (mirror) => [b(mirror).state, b(mirror).ringingConnectionIds],
    is: ['ringing', ['c3']],
  },
  {
    message: said('call.init_timeout', { ...head(2), profileId: 'b' }),
    news: ['init_timeout b'],
    shows: (mirror) => b(mirror).state,
    is: 'unreachable',
  },
  {
    message: said('call.ringing_timeout', { ...head(2), profileId: 'b' }),
    news: ['ringing_timeout b'],
    shows: (mirror) => b(mirror).state,
    is: 'timeout',
  },
  {
    message: said('call.accept', {
      ...head(2),
      profileId: 'b',
      connectionId: 'c3',
      media: { audio: true, video: false },
    }),
    news: ['accepted b c3', 'state active'],
    shows: (mirror) => [b(mirror).state, b(mirror).activeConnectionId, b(mirror).media, mirror.view.answeredAt],
    is: ['active', 'c3', { audio: true, video: false }, 1002],
  },
  {
    message: said('call.reject', { ...head(2), profileId: 'b' }),
    news: ['rejected b'],
    shows: (mirror) => b(mirror).state,
    is: 'rejected',
  },
  {
    message: said('call.busy', { ...head(2), profileId: 'b' }),
    news: ['busy b'],
    shows: (mirror) => b(mirror).state,
    is: 'busy',
  },
  {
    message: said('call.hangup', { ...head(4), profileId: 'b', connectionId: 'c3' }),
    answered: true,
    news: ['hangup b'],
    shows: (mirror) => [b(mirror).state, 'activeConnectionId' in b(mirror)],
    is: ['left', false],
  },
  {
    message: said('call.reconnecting', { ...head(4), profileId: 'b', connectionId: 'c3' }),
    answered: true,
    news: ['reconnecting b'],
    shows: (mirror) => b(mirror).state,
    is: 'reconnecting',
  },
  {
    message: said('call.reconnected', { ...head(4), profileId: 'b', connectionId: 'c3' }),
    answered: true,
    news: ['reconnected b'],
    shows: (mirror) => b(mirror).state,
    is: 'active',
  },
  {
    message: said('call.drop', { ...head(4), profileId: 'b', connectionId: 'c3' }),
    answered: true,
    news: ['dropped b'],
    shows: (mirror) => b(mirror).state,
    is: 'lost',
  },
  {
    message: said('call.activate', { ...head(4), profileId: 'b', connectionId: 'c4', from: 'c3' }),
    answered: true,
    news: ['activated b c4'],
    shows: (mirror) => [b(mirror).state, b(mirror).activeConnectionId],
    is: ['active', 'c4'],
  },
  {
    message: said('call.hold', { ...head(4), profileId: 'b' }),
    answered: true,
    news: ['hold b'],
    shows: (mirror) => b(mirror).held,
    is: true,
  },
  {
    message: said('call.resume', { ...head(4), profileId: 'b' }),
    answered: true,
    news: ['resumed b'],
    shows: (mirror) => b(mirror).held,
    is: false,
  },
  {
    message: said('call.update', { ...head(4), profileId: 'b', mediaState: 'connected' }),
    answered: true,
    news: ['updated {profileId:b,mediaState:connected}'],
    shows: (mirror) => [b(mirror).mediaState, b(mirror).media],
    is: ['connected', kMedia],
  },
  {
    message: said('call.update', { ...head(4), profileId: 'a', options: { audio: true, video: false } }),
    answered: true,
    news: ['updated {profileId:a,options:{audio:true,video:false}}'],
    shows: (mirror) => mirror.view.options,
    is: { audio: true, video: false },
  },
  {
    message: said('call.invite', { ...head(4), participants: [person('c')], invitedBy: 'a' }),
    answered: true,
    news: ['invited [c] a'],
    shows: (mirror) => [mirror.view.to, mirror.view.participants.map(({ id }) => id)],
    is: [
      ['b', 'c'],
      ['a', 'b', 'c'],
    ],
  },
  {
    message: said('call.invite', { ...head(2), participants: [person('b')], again: true }),
    news: ['invited [b] '],
    shows: (mirror) => [mirror.view.to, b(mirror).state],
    is: [['b'], 'inviting'],
  },
  {
    message: said('call.remove', { ...head(4), profileId: 'b' }),
    answered: true,
    news: ['removed b'],
    shows: (mirror) => b(mirror).state,
    is: 'removed',
  },
  {
    message: said('call.end', { ...head(4), endReason: 'hangup', durationMs: 5 }),
    answered: true,
    news: ['state ended', 'end hangup'],
    shows: ({ view: { state, endReason, endedAt, participants } }) => [
      ...[state, endReason, endedAt],
      ...participants.map((one) => one.state),
    ],
    is: ['ended', 'hangup', 1004, 'left', 'left'],
  },
  {
    message: said('call.end', { ...head(2), endReason: 'cancelled' }),
    news: ['state ended', 'end cancelled'],
    shows: (mirror) => b(mirror).state,
    is: 'cancelled',
  },
];

describe('messages of 8.2 on the initiator', () => {
  const first = init(
    view({ participants: [initiator({ connections: legs(['c1', 'active initiator', 'active']) }), person('b')] }),
  );
  it.each(kRows.map((row) => ({ type: row.message.type, ...row })))('$type', ({ message, answered, ...row }) => {
    const start = play(kC1, [first, ...(answered ? kAnswered : [])]);
    const after = play(kC1, [message], start.mirror);
    expect(told(after)).toEqual(row.news);
    expect(row.shows(after.mirror)).toEqual(row.is);
    expect(after.mirror.view.rev).toBe(message.body.rev);
    // SEQ-8: the same once more is nothing.
    expect(play(kC1, [message], after.mirror)).toEqual({ mirror: after.mirror, news: [] });
  });

  it('covers all of them', () => {
    const whole = ['call.init', 'call.state', 'call.media', 'call.ignore'];
    const types = new Set(kRows.map(({ message }) => message.type as string));
    expect(types.size + whole.length).toBe(22);
  });

  it('call.media is for this connection alone', () => {
    const body = {
      ...{ ...head(4), mediaEpoch: 1, sessionId: 's', participantId: 'p', deviceToken: 't', url: '/' },
      publish: kMedia,
    };
    const start = play(kC1, [first, ...kAnswered]);
    const after = play(kC1, [said('call.media', body)], start.mirror);
    expect(after.media).toEqual(body);
    expect(told(after)).toEqual([]);
  });
});

describe('what makes a call over for this user (7.4)', () => {
  const start = () => play(kC3, [init(view()), kRinging]).mirror;
  it.each([
    ['rejected', said('call.reject', { ...head(3), profileId: 'b', connectionId: 'c4' })],
    ['busy', said('call.busy', { ...head(3), profileId: 'b', connectionId: 'c4' })],
    ['ignored', said('call.ignore', { ...head(3), connectionId: 'c4' })],
    ['timeout', said('call.ringing_timeout', { ...head(3), profileId: 'b' })],
    ['unreachable', said('call.init_timeout', { ...head(3), profileId: 'b' })],
    ['removed', said('call.remove', { ...head(3), profileId: 'b' })],
  ])('%s, once', (reason, message) => {
    const after = play(kC3, [message, said('call.end', { ...head(4), endReason: 'no_answer' })], start());
    expect(told(after).filter((line) => line.startsWith('end'))).toEqual([`end ${reason}`]);
    expect(after.mirror.view.endReason).toBe('no_answer');
    expect(roleOf(after.mirror, kC3)).toBe('passive receiver');
  });

  it('A27: an ignored call may still be answered, and is not over then', () => {
    const ignore = said('call.ignore', { ...head(3), connectionId: 'c4' });
    const accept = said('call.accept', { ...head(4), profileId: 'b', connectionId: 'c4', media: kMedia });
    const ignored = play(kC3, [ignore], start());
    expect([ignored.mirror.ignored, ignored.mirror.over, legStateOf(ignored.mirror, kC3)]).toEqual([
      ...[true, 'ignored', 'passive'],
    ]);
    const after = play(kC3, [accept], ignored.mirror);
    expect([after.mirror.ignored, after.mirror.over]).toEqual([false, undefined]);
    expect(b(after.mirror).state).toBe('active');
  });

  it('GRP-5: ends with a new invitation', () => {
    const out = play(kC3, [said('call.reject', { ...head(3), profileId: 'b' })], start()).mirror;
    const again = said('call.invite', { ...head(4), participants: [person('b')], invitedBy: 'a' });
    const { mirror } = play(kC3, [again, init(view({ state: 'ringing' }), 5, { role: 'receiver' })], out);
    expect([mirror.over, roleOf(mirror, kC3), legStateOf(mirror, kC3)]).toEqual([undefined, 'receiver', 'invited']);
  });

  it('GRP-5: an initiator who is invited again is a receiver, also one who is busy', () => {
    const left = play(
      kC2,
      [said('call.hangup', { ...head(3), profileId: 'a', connectionId: 'c1' })],
      play(kC2, [init(view({ state: 'ringing' }), 2)]).mirror,
    ).mirror;
    expect(roleOf(left, kC2)).toBe('passive initiator');
    const again = play(
      kC2,
      [said('call.invite', { ...head(4), participants: [person('a', { role: 'initiator' })], invitedBy: 'b' })],
      left,
    ).mirror;
    expect([roleOf(again, kC2), legStateOf(again, kC2)]).toEqual(['receiver', 'passive']);
    const busy = play(kC2, [said('call.busy', { ...head(5), profileId: 'a' })], again).mirror;
    expect([roleOf(busy, kC2), legStateOf(busy, kC2)]).toEqual(['passive receiver', 'passive']);
  });
});

describe('SEQ-5: revisions', () => {
  const state = (rev: number, changes: Partial<CallView> = {}) =>
    said('call.state', { ...head(rev, 0), call: view({ rev, state: 'active', ...changes }), role: 'active initiator' });

  it('an old message is dropped', () => {
    const { mirror } = play(kC1, [init(view(), 5)]);
    expect(receive(mirror, kRinging, kC1)).toEqual({ mirror, news: [] });
  });

  it('a gap asks for the state once, holds what follows, and applies what the state has not', () => {
    const { mirror } = play(kC1, [init(view())]);
    const hold = said('call.hold', { ...head(4), profileId: 'b' });
    const gap = receive(mirror, hold, kC1);
    expect([gap.sync, gap.news, gap.mirror?.view]).toEqual([1, [], mirror.view]);
    const update = said('call.update', { ...head(5), profileId: 'b', mediaState: 'connected' });
    const reconnecting = said('call.reconnecting', { ...head(6), profileId: 'b', connectionId: 'c3' });
    const more = play(kC1, [update, reconnecting], gap.mirror);
    expect([more.sync, more.news]).toEqual([undefined, []]);
    const active = person('b', { state: 'active', activeConnectionId: 'c3', held: true });
    const caught = receive(more.mirror, state(4, { participants: [initiator(), active] }), kC1);
    expect(told(caught)).toEqual([
      ...['accepted b c3', 'hold b', 'state active'],
      ...['updated {profileId:b,mediaState:connected}', 'reconnecting b'],
    ]);
    expect(caught.mirror).toMatchObject({ held: [], syncing: false, view: { rev: 6 } });
  });

  it('a second gap behind the first asks again', () => {
    const { mirror } = play(kC1, [init(view())]);
    const late = [4, 9].map((rev) => said('call.hold', { ...head(rev), profileId: 'b' }));
    const waiting = play(kC1, late, mirror).mirror;
    const caught = receive(waiting, state(4), kC1);
    expect([caught.sync, caught.mirror?.syncing, caught.mirror?.held.length]).toEqual([4, true, 1]);
  });

  it('a state older than what is known changes nothing', () => {
    const { mirror } = play(kC1, [init(view(), 5)]);
    expect(receive(mirror, state(4), kC1)).toEqual({ mirror, news: [] });
  });

  it('a message of an unknown call asks for it', () => {
    expect(receive(undefined, kRinging, kC1)).toEqual({ mirror: undefined, news: [], sync: 0 });
  });

  it('private steps of others leave no gap: `prev` is what counts (SEQ-4)', () => {
    const { mirror } = play(kC1, [init(view())]);
    const skipped = said('call.ringing', { ...head(7, 1), profileId: 'b', connectionId: 'c3' });
    expect(told(receive(mirror, skipped, kC1))).toEqual(['ringing b c3', 'state ringing']);
  });

  it('every order of the same messages, each once or twice, ends in the same state', () => {
    const all = [kRinging, kAccept, said('call.hold', { ...head(4), profileId: 'b' })];
    const straight = play(kC1, [init(view()), ...all]).mirror;
    for (const order of permutations([...all, ...all])) {
      const { mirror } = play(kC1, [init(view()), ...order]);
      const { participants } = straight.view;
      const caught = receive(mirror, state(4, { ...straight.view, participants }), kC1).mirror;
      expect(caught?.view).toEqual(straight.view);
    }
  });
});

function permutations<T>(all: T[]): T[][] {
  if (all.length <= 1) return [all];
  const seen = new Set<T>();
  return all.flatMap((one, index) => {
    if (seen.has(one)) return [];
    seen.add(one);
    return permutations([...all.slice(0, index), ...all.slice(index + 1)]).map((rest) => [one, ...rest]);
  });
}

describe('a state in place of messages', () => {
  it.each([
    ['rejected', 'rejected b'],
    ['busy', 'busy b'],
    ['unreachable', 'init_timeout b'],
    ['timeout', 'ringing_timeout b'],
    ['left', 'hangup b'],
    ['lost', 'dropped b'],
    ['removed', 'removed b'],
  ] as const)('tells that somebody is %s', (outcome, line) => {
    const { mirror } = play(kC1, [init(view())]);
    const call = view({ rev: 9, participants: [initiator(), person('b', { state: outcome })] });
    const after = receive(mirror, said('call.state', { ...head(9, 0), call, role: 'active initiator' }), kC1);
    expect(told(after)).toEqual([line]);
  });

  it('tells of an end once, and of nothing else', () => {
    const { mirror } = play(kC1, [init(view()), ...kAnswered]);
    const left = [initiator({ state: 'left' }), person('b', { state: 'left' })];
    const call = view({ rev: 9, state: 'ended', endReason: 'hangup', participants: left });
    const after = receive(mirror, said('call.state', { ...head(9, 0), call, role: 'passive initiator' }), kC1);
    expect(told(after)).toEqual(['state ended', 'end hangup']);
  });
});
