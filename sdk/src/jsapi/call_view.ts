import type {
  CallView,
  LegState,
  LegView,
  MediaKinds,
  ParticipantState,
  ParticipantView,
  Role,
  ServerBodies,
} from './messages.js';

/** Messages of a call that tell of one change (jsapi section 8.2); the others hold the whole state. */
export type ChangeType = {
  [Type in keyof ServerBodies]: ServerBodies[Type] extends { callId: string; rev: number } ? Type : never;
}[Exclude<keyof ServerBodies, 'call.init' | 'call.state'>];

/** One change. */
export type Change = { [Type in ChangeType]: { type: Type; body: ServerBodies[Type] } }[ChangeType];

/** Who is looking: this connection and the profiles of its user. */
export interface Viewer {
  readonly connectionId: string;
  readonly profileIds: readonly string[];
}

/** Whether a participant has not decided yet (jsapi section 9.2). */
export function isUndecided(state: ParticipantState): boolean {
  return state === 'inviting' || state === 'ringing';
}

/** Whether a participant is in (9.2). */
export function isIn(state: ParticipantState): boolean {
  return state === 'active' || state === 'reconnecting';
}

/** The viewer's own participant; of several own profiles, the one that takes part (PRO-4). */
export function ownParticipant(view: CallView, viewer: Viewer): ParticipantView | undefined {
  const own = view.participants.filter(({ id }) => viewer.profileIds.includes(id));
  return own.find(({ connections }) => connections !== undefined) ?? own[0];
}

/** The viewer's own leg: what this connection is in the call. */
export function ownLeg(view: CallView, viewer: Viewer): LegView | undefined {
  return ownParticipant(view, viewer)?.connections?.find(({ id }) => id === viewer.connectionId);
}

/** The same view with another leg of the viewer's participant, or with that leg in another state. */
export function withLeg(view: CallView, viewer: Viewer, leg: LegView): CallView {
  const me = ownParticipant(view, viewer);
  return me ? withParticipant(view, { ...me, connections: setLeg(me.connections, leg) }) : view;
}

function withParticipant(view: CallView, participant: ParticipantView): CallView {
  return { ...view, participants: view.participants.map((one) => (one.id === participant.id ? participant : one)) };
}

function setLeg(legs: LegView[] = [], leg: LegView): LegView[] {
  return legs.some(({ id }) => id === leg.id) ? legs.map((one) => (one.id === leg.id ? leg : one)) : [...legs, leg];
}

// An initiator that was invited again is a receiver in all but its own legs' past.
function isInitiators(participant: ParticipantView, leg?: LegView): boolean {
  const role = leg?.role ?? participant.connections?.[0]?.role;
  return role ? role.endsWith('initiator') : participant.role === 'initiator';
}

function activeRole(participant: ParticipantView, leg?: LegView): Role {
  return isInitiators(participant, leg) ? 'active initiator' : 'active receiver';
}

// "To park" (9.2).
function parked(participant: ParticipantView, except?: string): LegView[] | undefined {
  return participant.connections?.map((leg) => {
    if (leg.id === except) return leg;
    if (!isInitiators(participant, leg)) return { ...leg, role: 'passive receiver', state: 'passive' };
    return { ...leg, role: 'passive initiator', state: leg.state === 'invited' ? 'invited' : 'pending' };
  });
}

function inState(participant: ParticipantView, connectionId: string, state: LegState): LegView[] | undefined {
  return participant.connections?.map((leg) => (leg.id === connectionId ? { ...leg, state } : leg));
}

// Optional members are left out rather than undefined, as on the wire.
function without<T extends object, Key extends keyof T>(whole: T, key: Key): Omit<T, Key> {
  const { [key]: _, ...rest } = whole;
  return rest;
}

function comesIn(participant: ParticipantView, connectionId: string, media: MediaKinds): ParticipantView {
  const leg = participant.connections?.find(({ id }) => id === connectionId);
  const legs = parked(participant, connectionId);
  const active: LegView = { id: connectionId, role: activeRole(participant, leg), state: 'active' };
  return {
    ...participant,
    ...{ state: 'active', media, mediaState: 'none', activeConnectionId: connectionId, ringingConnectionIds: [] },
    ...(legs && { connections: setLeg(legs, active) }),
  };
}

function goesOut(participant: ParticipantView, state: ParticipantState): ParticipantView {
  const legs = parked(participant);
  return {
    ...without(participant, 'activeConnectionId'),
    ...{ state, mediaState: 'none', ringingConnectionIds: [] },
    ...(legs && { connections: legs }),
  };
}

function rings(participant: ParticipantView, connectionId: string): ParticipantView {
  const known = participant.ringingConnectionIds;
  const legs = inState(participant, connectionId, 'ringing');
  return {
    ...participant,
    state: 'ringing',
    ringingConnectionIds: known.includes(connectionId) ? known : [...known, connectionId],
    ...(legs && { connections: legs }),
  };
}

function transport(participant: ParticipantView, connectionId: string, state: 'active' | 'reconnecting') {
  const legs = inState(participant, connectionId, state);
  return { ...participant, state, ...(legs && { connections: legs }) };
}

type ParticipantChange<Type extends ChangeType> = (
  participant: ParticipantView,
  body: ServerBodies[Type],
) => ParticipantView;

// What each message does to the participant that it names.
const kOfParticipant: { [Type in ChangeType]?: ParticipantChange<Type> } = {
  'call.ringing': (participant, { connectionId }) => rings(participant, connectionId),
  'call.init_timeout': (participant) => goesOut(participant, 'unreachable'),
  'call.ringing_timeout': (participant) => goesOut(participant, 'timeout'),
  'call.accept': (participant, { connectionId, media }) => comesIn(participant, connectionId, media),
  'call.reject': (participant) => goesOut(participant, 'rejected'),
  'call.busy': (participant) => goesOut(participant, 'busy'),
  'call.hangup': (participant) => goesOut(participant, 'left'),
  'call.reconnecting': (participant, { connectionId }) => transport(participant, connectionId, 'reconnecting'),
  'call.reconnected': (participant, { connectionId }) => transport(participant, connectionId, 'active'),
  'call.drop': (participant) => goesOut(participant, 'lost'),
  'call.activate': (participant, { connectionId }) => comesIn(participant, connectionId, participant.media),
  'call.hold': (participant) => ({ ...participant, held: true }),
  'call.resume': (participant) => ({ ...participant, held: false }),
  'call.update': (participant, { media = participant.media, mediaState = participant.mediaState }) => ({
    ...participant,
    media,
    mediaState,
  }),
  'call.remove': (participant) => goesOut(participant, 'removed'),
};

function ended(view: CallView, { endReason, replacedBy, ts }: ServerBodies['call.end']): CallView {
  const participants = view.participants.map((participant) => {
    if (isUndecided(participant.state)) return goesOut(participant, 'cancelled');
    return isIn(participant.state) ? goesOut(participant, 'left') : participant;
  });
  return { ...view, state: 'ended', endedAt: ts, endReason, ...(replacedBy && { replacedBy }), participants };
}

// Of a receiver whose legs have not got their `call.init` yet (GRP-5), be it the initiator.
function invitedAgain(participant: ParticipantView, anew: ParticipantView): ParticipantView {
  const legs = participant.connections?.map((leg): LegView => ({ ...leg, role: 'receiver', state: 'passive' }));
  return { ...participant, ...anew, ...(legs && { connections: legs }) };
}

function invited(view: CallView, { participants }: ServerBodies['call.invite']): CallView {
  const known = (id: string) => view.participants.some((one) => one.id === id);
  const added = participants.filter(({ id }) => !known(id));
  const merged = view.participants.map((one) => {
    const anew = participants.find(({ id }) => id === one.id);
    return anew ? invitedAgain(one, anew) : one;
  });
  return { ...view, to: [...view.to, ...added.map(({ id }) => id)], participants: [...merged, ...added] };
}

// What each message does to the call beyond that.
function ofCall(view: CallView, change: Change): CallView {
  switch (change.type) {
    case 'call.ringing':
      return view.state === 'init' ? { ...view, state: 'ringing' } : view;
    case 'call.accept':
      return view.state === 'active' ? view : { ...view, state: 'active', answeredAt: change.body.ts };
    case 'call.update':
      return { ...view, options: change.body.options ?? view.options };
    case 'call.invite':
      return invited(view, change.body);
    case 'call.end':
      return ended(view, change.body);
    default:
      return view;
  }
}

// What is told to the viewer's user alone.
function ofViewer(view: CallView, change: Change, viewer: Viewer): CallView {
  const me = ownParticipant(view, viewer);
  if (!me) return view;
  switch (change.type) {
    case 'call.pending':
      return withLeg(view, viewer, { id: change.body.connectionId, role: 'passive initiator', state: 'pending' });
    case 'call.ignore':
      return withParticipant(view, { ...me, connections: parked(me) ?? [] });
    case 'call.media':
      return withParticipant(view, { ...me, mediaState: 'connecting' });
    default:
      return view;
  }
}

/** The view after a change. */
export function changed(view: CallView, change: Change, viewer: Viewer): CallView {
  const { profileId } = change.body as { profileId?: string };
  const participant = view.participants.find(({ id }) => id === profileId);
  const apply = kOfParticipant[change.type] as ParticipantChange<ChangeType> | undefined;
  const next = participant && apply ? withParticipant(view, apply(participant, change.body)) : view;
  return { ...ofViewer(ofCall(next, change), change, viewer), rev: change.body.rev };
}
