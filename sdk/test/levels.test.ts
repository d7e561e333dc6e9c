import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AudioLevel } from '../src/levels.js';
import { cameraStream } from './fake_media.js';
import { connected, stage } from './fake_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('audio levels', () => {
  it('come from own and others’ streams, and speaking outlasts a short pause', async () => {
    const { browser, server, client } = await connected();
    const heard: AudioLevel[] = [];
    const off = client.watchAudioLevels((level) => heard.push(level));
    await client.publish(cameraStream('own').asStream);
    await server.offer({ far: 'a' });
    browser.peers[1]!.remoteLevel = 0.4;
    await vi.advanceTimersByTimeAsync(100);
    expect(heard).toEqual([{ endpointId: 'far', level: 0.4, speaking: true }]);
    browser.probes[0]!.level = 0.2;
    browser.peers[1]!.remoteLevel = 0;
    await vi.advanceTimersByTimeAsync(100);
    expect(heard.slice(1)).toEqual([
      { endpointId: 'own', level: 0.2, speaking: true },
      { endpointId: 'far', level: 0, speaking: true },
    ]);
    await vi.advanceTimersByTimeAsync(600);
    expect(heard.at(-1)).toEqual({ endpointId: 'far', level: 0, speaking: false });
    off();
    expect(browser.probes[0]?.open).toBe(false);
  });

  it('go on when a listener throws', async () => {
    const { browser, client } = await connected();
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await client.publish(cameraStream('own').asStream);
    const heard: number[] = [];
    client.watchAudioLevels(({ level }) => {
      heard.push(level);
      throw new Error('of the application');
    });
    await vi.advanceTimersByTimeAsync(100);
    browser.probes[0]!.level = 0.2;
    await vi.advanceTimersByTimeAsync(100);
    browser.probes[0]!.level = 0.4;
    await vi.advanceTimersByTimeAsync(100);
    expect(heard).toEqual([0.2, 0.4]);
    expect(complaint).toHaveBeenCalledTimes(2);
    complaint.mockRestore();
  });

  it('cost nothing while nobody watches', async () => {
    const { browser, client } = await connected();
    await client.publish(cameraStream('own').asStream);
    const timers = vi.getTimerCount();
    const off = client.watchAudioLevels(() => undefined);
    expect(vi.getTimerCount()).toBe(timers + 1);
    off();
    expect(vi.getTimerCount()).toBe(timers);
    expect(browser.probes).toEqual([]);
  });

  it('of one publication go to its handler until it is unpublished', async () => {
    const { browser, server, client } = await connected();
    const handler = vi.fn();
    await client.publish(cameraStream('own').asStream, { audioLevelHandler: handler });
    await server.offer({ far: 'a' });
    browser.peers[1]!.remoteLevel = 0.9;
    await vi.advanceTimersByTimeAsync(100);
    expect(handler).not.toHaveBeenCalled();
    browser.probes[0]!.level = 0.3;
    await vi.advanceTimersByTimeAsync(100);
    expect(handler).toHaveBeenCalledExactlyOnceWith({ endpointId: 'own', level: 0.3, speaking: true });
    const timers = vi.getTimerCount();
    await client.unpublish();
    expect(vi.getTimerCount()).toBe(timers - 1);
    expect(browser.probes[0]?.open).toBe(false);
  });

  it('of a preview are measured without any connection', async () => {
    const { browser, client } = stage();
    const handler = vi.fn();
    const off = client.watchAudioLevel(cameraStream('preview').asStream, handler);
    await vi.advanceTimersByTimeAsync(100);
    browser.probes[0]!.level = 0.5;
    await vi.advanceTimersByTimeAsync(100);
    expect(handler).toHaveBeenCalledExactlyOnceWith({ endpointId: 'preview', level: 0.5, speaking: true });
    off();
    expect(vi.getTimerCount()).toBe(0);
    expect(browser.probes[0]?.open).toBe(false);
  });

  it('follow the microphone that was switched to', async () => {
    const { browser, client } = await connected();
    await client.publish(cameraStream('own').asStream);
    client.watchAudioLevels(() => undefined);
    await vi.advanceTimersByTimeAsync(100);
    await client.switchMicrophone('headset');
    await vi.advanceTimersByTimeAsync(100);
    expect(browser.probes.map(({ open }) => open)).toEqual([false, true]);
  });
});
