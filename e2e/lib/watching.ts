import type { AudioReport, MediaReport } from '../page/report.js';
import { until } from './until.js';

type Ask = () => Promise<MediaReport>;

/** Waits until so many more frames of the stream are decoded. */
export async function decodes(who: string, ask: Ask, streamId: string, frames: number, seconds: number): Promise<void> {
  const decoded = async () => (await ask()).video[streamId]?.framesDecoded ?? 0;
  let from = Infinity;
  await until(`${who} decodes ${frames} frames`, seconds, async () => {
    const now = await decoded();
    // A stream that takes the place of another counts from 0.
    from = Math.min(from, now);
    return now - from >= frames;
  });
}

/** Waits until sound is heard: the energy of the stream's audio grows and most samples are not made up. */
export async function hears(who: string, ask: Ask, streamId: string, seconds: number): Promise<void> {
  const audio = async (): Promise<AudioReport | undefined> => (await ask()).audio[streamId];
  const before = await audio();
  await until(`${who} hears something`, seconds, async () => {
    const now = await audio();
    if (!now) return false;
    const samples = now.totalSamples - (before?.totalSamples ?? 0);
    const concealed = now.concealedSamples - (before?.concealedSamples ?? 0);
    return now.energy > (before?.energy ?? 0) + 1e-5 && samples > 24_000 && concealed < samples / 2;
  });
}
