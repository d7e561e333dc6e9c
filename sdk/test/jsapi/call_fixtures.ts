import type { CallView, LegView, ParticipantView } from '../../src/jsapi/messages.js';

/** A participant. */
export function person(id: string, changes: Partial<ParticipantView> = {}): ParticipantView {
  return {
    ...{ id, kind: 'user', role: 'receiver', state: 'inviting', media: { audio: true, video: true } },
    ...{ mediaState: 'none', held: false, ringingConnectionIds: [], ...changes },
  } as ParticipantView;
}

/** The initiator `a`, in on c1. */
export function initiator(changes: Partial<ParticipantView> = {}): ParticipantView {
  return person('a', { role: 'initiator', state: 'active', activeConnectionId: 'c1', ...changes });
}

/** The seed's example: `a` (c1, c2) calls `b` (c3, c4). */
export function view(changes: Partial<CallView> = {}): CallView {
  return {
    ...{ id: 'm7', chainId: 'm7', from: 'a', to: ['b'], connectionId: 'c1', state: 'init', rev: 1, createdAt: 1000 },
    ...{ options: { audio: true, video: true }, participants: [initiator(), person('b')], ...changes },
  } as CallView;
}

/** Own legs in order: id, role, state. */
export function legs(...all: [id: string, role: LegView['role'], state: LegView['state']][]): LegView[] {
  return all.map(([id, role, state]) => ({ id, role, state }));
}

/** What every message of the call has. */
export function head(rev: number, prev = rev - 1, callId = 'm7') {
  return { callId, rev, prev, ts: 1000 + rev };
}
