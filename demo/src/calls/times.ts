const kTime = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const kDate = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const kWholeDate = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' });
const kDay = 24 * 60 * 60 * 1000;

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** The time of a day. */
export function timeOfDay(at: number): string {
  return kTime.format(at);
}

/** The time of today, or the date. */
export function shortTime(at: number): string {
  return startOfDay(at) === startOfDay(Date.now()) ? timeOfDay(at) : kDate.format(at);
}

/** The day of something, for a heading. */
export function dayOf(at: number): string {
  const today = startOfDay(Date.now());
  if (startOfDay(at) === today) return 'Today';
  if (startOfDay(at) === startOfDay(today - kDay / 2)) return 'Yesterday';
  return kWholeDate.format(at);
}
