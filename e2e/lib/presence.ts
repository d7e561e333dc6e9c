import type { CallbackReceiver } from './callbacks.js';
import { RawDevice } from './device.js';

/** A device that comes and goes, without media. */
export async function connectAndLeave(websocketUrl: string, token: string): Promise<void> {
  const device = await RawDevice.open(websocketUrl, token);
  await device.prefer();
  device.notify('leave');
  device.close();
  await device.closed();
}

/** The events of one participant, in the order in which the receiver took them. */
export function story(receiver: CallbackReceiver, participantId: string): string[] {
  return receiver.events.filter((event) => event.participantId === participantId).map((event) => event.event);
}
