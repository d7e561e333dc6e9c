import type { Call } from '@crosspoint/client';

/**
 * What a live call is to this device: it rings here; this device is in it; it holds it; another device of the user is
 * in it; or it goes on without this user, who may still join.
 */
export type Standing = 'incoming' | 'current' | 'held' | 'elsewhere' | 'aside';

export function standingOf(call: Call): Standing {
  const { me, role, connectionState } = call;
  if (role.startsWith('active')) return me?.held ? 'held' : 'current';
  if (role === 'receiver') return ['invited', 'ringing'].includes(connectionState) ? 'incoming' : 'aside';
  return me && ['active', 'reconnecting'].includes(me.state) ? 'elsewhere' : 'aside';
}

/** The profiles of the others, without those who are out for good. */
export function othersIn(call: Call): string[] {
  const others = call.participants.filter(({ isMe }) => !isMe);
  const present = others.filter(({ state }) => ['inviting', 'ringing', 'active', 'reconnecting'].includes(state));
  return (present.length > 0 ? present : others).map(({ id }) => id);
}
