import { news, newsBetween, newsOfChange, overForViewer, type News, type OverReason } from './call_news.js';
import { changed, isIn, isUndecided, ownLeg, ownParticipant, withLeg, type Change, type Viewer } from './call_view.js';
import type { CallMediaNews, CallView, LegState, Role, ServerBodies } from './messages.js';

/** A message that holds the whole state of a call. */
export type Whole = { [Type in 'call.init' | 'call.state']: { type: Type; body: ServerBodies[Type] } }[
  'call.init' | 'call.state'];

/** Any message of a call. */
export type CallMessage = Whole | Change;

/** What one connection knows of a call: a value, changed by {@link receive} alone. */
export interface Mirror {
  readonly view: CallView;
  /** This user ignores the call (9.2). */
  readonly ignored: boolean;
  /** Why it is over for this user, as long as it is. */
  readonly over?: OverReason;
  /** Messages that came after one that is missing (SEQ-5). */
  readonly held: readonly CallMessage[];
  /** Whether the whole state was asked for. */
  readonly syncing: boolean;
}

/** What a message makes of a mirror. */
export interface Received {
  /** Nothing for a call that is not known and still has to be asked for. */
  mirror: Mirror | undefined;
  /** Events in their order (SEQ-8). */
  news: News[];
  /** The last revision that was applied, if `call.sync` is to be sent. */
  sync?: number;
  /** Media to join, if any came (MED-2). */
  media?: CallMediaNews;
}

/** Whether a message belongs to a call. */
export function isCallMessage(message: { type: string; body: object }): message is CallMessage {
  return 'callId' in message.body && 'rev' in message.body;
}

function isWhole(message: CallMessage): message is Whole {
  return message.type === 'call.init' || message.type === 'call.state';
}

/** RCV-1, unless the server says the role. */
export function roleIn({ type, body }: Whole, viewer: Viewer): Role {
  if (body.role) return body.role;
  if (!viewer.profileIds.includes(body.call.from)) return 'receiver';
  const opener = type === 'call.init' ? body.connectionId : body.call.connectionId;
  return opener === viewer.connectionId ? 'active initiator' : 'passive initiator';
}

function legStateIn(whole: Whole, role: Role): LegState {
  if (role.startsWith('active')) return 'active';
  if (role === 'passive initiator') return 'invited';
  const rings = role === 'receiver' && whole.type === 'call.init' && !whole.body.silent;
  return rings ? 'invited' : 'passive';
}

/** The view that a message holds, with the viewer's own leg in it. */
function viewIn(whole: Whole, viewer: Viewer): CallView {
  const role = roleIn(whole, viewer);
  const { rev, call } = whole.body;
  const state = ownLeg(call, viewer)?.state ?? legStateIn(whole, role);
  return withLeg({ ...call, rev }, viewer, { id: viewer.connectionId, role, state });
}

function overIn(view: CallView, role: Role, viewer: Viewer): OverReason | undefined {
  if (view.state === 'ended') return view.endReason;
  switch (ownParticipant(view, viewer)?.state) {
    case 'inviting':
    case 'ringing':
      return role === 'passive receiver' ? 'ignored' : undefined;
    case 'rejected':
      return 'rejected';
    case 'busy':
      return 'busy';
    case 'unreachable':
      return 'unreachable';
    case 'timeout':
      return 'timeout';
    case 'left':
      return 'hangup';
    case 'lost':
      return 'lost';
    case 'removed':
      return 'removed';
    default:
      return undefined;
  }
}

function replaced(before: Mirror | undefined, whole: Whole, viewer: Viewer): Received {
  if (before && whole.body.rev < before.view.rev) return { mirror: before, news: [] };
  const view = viewIn(whole, viewer);
  const over = overIn(view, roleIn(whole, viewer), viewer);
  const mirror: Mirror = {
    ...{ view, held: [], syncing: false },
    ignored: over === 'ignored',
    ...(over && { over }),
  };
  if (!before) return { mirror, news: [] };
  const all = [...newsBetween(before.view, view), ...stateNews(before.view, view)];
  if (over && !before.over) all.push(news('end', over));
  return before.held.reduce<Received>((sum, message) => followed(sum, message, viewer), { mirror, news: all });
}

function stateNews(before: CallView, after: CallView): News[] {
  return before.state === after.state ? [] : [news('state', after.state)];
}

function followed(sum: Received, message: CallMessage, viewer: Viewer): Received {
  const next = receive(sum.mirror, message, viewer);
  return {
    mirror: next.mirror,
    news: [...sum.news, ...next.news],
    sync: sum.sync ?? next.sync,
    media: next.media ?? sum.media,
  };
}

function advanced(before: Mirror, change: Change, viewer: Viewer): Received {
  const view = changed(before.view, change, viewer);
  const state = ownParticipant(view, viewer)?.state ?? 'removed';
  const ignored = isUndecided(state) && (before.ignored || change.type === 'call.ignore');
  const reason = change.type === 'call.end' ? change.body.endReason : overForViewer(view, change, viewer);
  // Back: answered after all, or invited again.
  const back = isIn(state) || (isUndecided(state) && !ignored);
  const over = before.over ?? reason;
  const all = [...newsOfChange(change), ...stateNews(before.view, view)];
  if (reason && !before.over) all.push(news('end', reason));
  const mirror: Mirror = { view, ignored, held: before.held, syncing: before.syncing, ...(over && !back && { over }) };
  return { mirror, news: all, ...(change.type === 'call.media' && { media: change.body }) };
}

/** Applies a message of a call in the order of its revisions, or holds it (SEQ-5, SEQ-8). */
export function receive(before: Mirror | undefined, message: CallMessage, viewer: Viewer): Received {
  if (isWhole(message)) return replaced(before, message, viewer);
  const applied = before?.view.rev ?? 0;
  if (message.body.rev <= applied) return { mirror: before, news: [] };
  if (before && !before.syncing && message.body.prev === applied) return advanced(before, message, viewer);
  if (!before) return { mirror: undefined, news: [], sync: 0 };
  const mirror = { ...before, syncing: true, held: [...before.held, message] };
  return { mirror, news: [], ...(!before.syncing && { sync: applied }) };
}

/** The seed's role of this connection (7.2). */
export function roleOf({ view }: Mirror, viewer: Viewer): Role {
  return ownLeg(view, viewer)?.role ?? 'receiver';
}

/** The state of this connection's leg (7.2). */
export function legStateOf({ view }: Mirror, viewer: Viewer): LegState {
  return ownLeg(view, viewer)?.state ?? 'passive';
}

/** The same with the own leg pending, which the server is told next (RCV-3). */
export function pending(mirror: Mirror, viewer: Viewer): Mirror {
  const leg = { id: viewer.connectionId, role: 'passive initiator', state: 'pending' } as const;
  return { ...mirror, view: withLeg(mirror.view, viewer, leg) };
}

/** Ends a call of which the server says nothing any more. */
export function endedBy(mirror: Mirror, reason: ServerBodies['call.end']['endReason'], viewer: Viewer): Received {
  const { id, rev, endedAt = 0 } = mirror.view;
  const body = { callId: id, rev: rev + 1, prev: rev, ts: endedAt, endReason: reason };
  return receive({ ...mirror, held: [], syncing: false }, { type: 'call.end', body }, viewer);
}
