import { isIn, isUndecided, ownParticipant, type Change, type Viewer } from './call_view.js';
import type { CallState, CallView, EndReason, MediaKinds, MediaState, ParticipantView } from './messages.js';

/** Why a call is over, for all or for this user (jsapi section 14). */
export type OverReason = EndReason | 'ignored' | 'timeout' | 'failed' | 'merged';

/** What `call:updated` tells. */
export interface CallChanges {
  /** Whose media have changed. */
  profileId: string;
  media?: MediaKinds;
  mediaState?: MediaState;
  options?: MediaKinds;
}

/** Events of a call that its mirror makes, and what each tells beside the call (7.4). */
export interface MirrorEvents {
  state: [state: CallState | 'opening'];
  ringing: [profileId: string, connectionId: string];
  init_timeout: [profileId: string];
  ringing_timeout: [profileId: string];
  accepted: [acceptedBy: string, fromConnection: string];
  rejected: [rejectedBy: string];
  busy: [profileId: string];
  ignored: [];
  hangup: [profileId: string];
  reconnecting: [profileId: string];
  reconnected: [profileId: string];
  dropped: [profileId: string];
  hold: [profileId: string];
  resumed: [profileId: string];
  activated: [profileId: string, connectionId: string];
  invited: [profileIds: string[], invitedBy: string | undefined];
  removed: [profileId: string];
  updated: [changes: CallChanges];
  end: [reason: OverReason];
}

/** One event to come. */
export type News = { [Name in keyof MirrorEvents]: { name: Name; args: MirrorEvents[Name] } }[keyof MirrorEvents];

/** One event. */
export function news<Name extends keyof MirrorEvents>(name: Name, ...args: MirrorEvents[Name]): News {
  return { name, args } as unknown as News;
}

/** What a change is to an application, beside the end of the call. */
export function newsOfChange(change: Change): News[] {
  switch (change.type) {
    case 'call.ringing':
      return [news('ringing', change.body.profileId, change.body.connectionId)];
    case 'call.init_timeout':
      return [news('init_timeout', change.body.profileId)];
    case 'call.ringing_timeout':
      return [news('ringing_timeout', change.body.profileId)];
    case 'call.accept':
      return [news('accepted', change.body.profileId, change.body.connectionId)];
    case 'call.reject':
      return [news('rejected', change.body.profileId)];
    case 'call.busy':
      return [news('busy', change.body.profileId)];
    case 'call.ignore':
      return [news('ignored')];
    case 'call.hangup':
      return [news('hangup', change.body.profileId)];
    case 'call.reconnecting':
      return [news('reconnecting', change.body.profileId)];
    case 'call.reconnected':
      return [news('reconnected', change.body.profileId)];
    case 'call.drop':
      return [news('dropped', change.body.profileId)];
    case 'call.hold':
      return [news('hold', change.body.profileId)];
    case 'call.resume':
      return [news('resumed', change.body.profileId)];
    case 'call.activate':
      return [news('activated', change.body.profileId, change.body.connectionId)];
    case 'call.invite':
      return [
        news(
          'invited',
          change.body.participants.map(({ id }) => id),
          change.body.invitedBy,
        ),
      ];
    case 'call.remove':
      return [news('removed', change.body.profileId)];
    case 'call.update': {
      const { profileId, media, mediaState, options } = change.body;
      return [news('updated', { profileId, media, mediaState, options })];
    }
    case 'call.pending':
    case 'call.media':
    case 'call.end':
      return [];
  }
}

/** Why the call is over for the viewer alone, if this change made it so (`call:end` in 7.4). */
export function overForViewer(view: CallView, change: Change, viewer: Viewer): OverReason | undefined {
  if (change.type === 'call.ignore') return 'ignored';
  const { profileId } = change.body as { profileId?: string };
  if (profileId === undefined || profileId !== ownParticipant(view, viewer)?.id) return undefined;
  return kOverBy[change.type];
}

const kOverBy: { [Type in Change['type']]?: OverReason } = {
  'call.reject': 'rejected',
  'call.busy': 'busy',
  'call.ringing_timeout': 'timeout',
  'call.init_timeout': 'unreachable',
  'call.hangup': 'hangup',
  'call.drop': 'lost',
  'call.remove': 'removed',
};

// What a participant has come to, where only the states before and after are known.
function newsOfOutcome({ id, state, activeConnectionId = '' }: ParticipantView, before: ParticipantView): News[] {
  switch (state) {
    case 'active':
      return [before.state === 'reconnecting' ? news('reconnected', id) : news('accepted', id, activeConnectionId)];
    case 'reconnecting': {
      const answered = isIn(before.state) ? [] : [news('accepted', id, activeConnectionId)];
      return [...answered, news('reconnecting', id)];
    }
    case 'rejected':
      return [news('rejected', id)];
    case 'busy':
      return [news('busy', id)];
    case 'unreachable':
      return [news('init_timeout', id)];
    case 'timeout':
      return [news('ringing_timeout', id)];
    case 'left':
      return [news('hangup', id)];
    case 'lost':
      return [news('dropped', id)];
    case 'removed':
      return [news('removed', id)];
    case 'inviting':
    case 'ringing':
    case 'cancelled':
      return [];
  }
}

function newsOfParticipant(after: ParticipantView, before: ParticipantView): News[] {
  const rings = after.ringingConnectionIds.filter((id) => !before.ringingConnectionIds.includes(id));
  const again = isUndecided(after.state) && !isUndecided(before.state);
  const moved = isIn(after.state) && isIn(before.state) && after.activeConnectionId !== before.activeConnectionId;
  const media = after.media.audio !== before.media.audio || after.media.video !== before.media.video;
  const { id, mediaState } = after;
  return [
    ...(again ? [news('invited', [id], undefined)] : []),
    ...rings.map((connectionId) => news('ringing', id, connectionId)),
    ...(after.state !== before.state ? newsOfOutcome(after, before) : []),
    ...(moved ? [news('activated', id, after.activeConnectionId ?? '')] : []),
    ...(after.held !== before.held ? [news(after.held ? 'hold' : 'resumed', id)] : []),
    ...(media || mediaState !== before.mediaState
      ? [news('updated', { profileId: id, ...(media && { media: after.media }), mediaState })]
      : []),
  ];
}

/** What happened between two views of one call, where the messages between them are not to be had (SEQ-5). */
export function newsBetween(before: CallView, after: CallView): News[] {
  // Who was in or undecided has left with the call; that is no event of its own.
  if (after.state === 'ended') return [];
  return after.participants.flatMap((participant) => {
    const known = before.participants.find(({ id }) => id === participant.id);
    return known ? newsOfParticipant(participant, known) : [news('invited', [participant.id], undefined)];
  });
}
