import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cameraStream } from './fake_media.js';
import { connected, outcome, settle, stage } from './fake_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('devices', () => {
  it('are listed by kind', async () => {
    const { client } = stage();
    const ids = async (list: Promise<MediaDeviceInfo[]>) => (await list).map(({ deviceId }) => deviceId);
    expect(await ids(client.getMediaDevices())).toEqual(['mic', 'cam', 'speaker']);
    expect(await ids(client.getAudioInputs())).toEqual(['mic']);
    expect(await ids(client.getAudioOutputs())).toEqual(['speaker']);
    expect(await ids(client.getVideoInputs())).toEqual(['cam']);
  });

  it('are told when they change, until nobody listens', async () => {
    const { browser, client } = stage();
    const heard = vi.fn();
    const off = client.onDevicesChanged(heard);
    browser.fire('device');
    await settle();
    off();
    browser.fire('device');
    await settle();
    expect(heard).toHaveBeenCalledOnce();
    expect(browser.listenerCount).toBe(0);
  });

  it('are switched without an offer, keeping the mute', async () => {
    const { browser, server, client } = await connected();
    const media = cameraStream('S');
    await client.publish(media.asStream);
    const offers = server.heard('offerSdp').length;
    const [oldMic] = media.getAudioTracks();
    client.setMicEnabled(false);
    await client.switchMicrophone('headset');
    const [mic] = media.getAudioTracks();
    expect(mic).not.toBe(oldMic);
    expect(mic?.enabled).toBe(false);
    expect(oldMic).toMatchObject({ readyState: 'ended', listeners: 0 });
    expect(browser.devices.constraints).toEqual([{ audio: { width: 1280, deviceId: { exact: 'headset' } } }]);
    expect(browser.peers[0]?.transceivers[0]?.sender.track).toBe(mic);
    expect(server.heard('offerSdp')).toHaveLength(offers);
  });

  it('are switched on phones too, which run one camera at a time', async () => {
    const { browser, client } = await connected();
    const media = cameraStream('S');
    await client.publish(media.asStream);
    browser.devices.failures = ['NotReadableError'];
    await client.switchCamera('back');
    expect(browser.devices.constraints).toHaveLength(2);
    expect(browser.peers[0]?.transceivers[1]?.sender.track).toBe(media.getVideoTracks()[0]);
  });

  it('are not left running when the stream has gone meanwhile', async () => {
    const { browser, client } = await connected();
    await client.publish();
    const switching = outcome(client.switchCamera('back'));
    await client.disconnect();
    await settle();
    expect(switching.error).toMatchObject({ code: 'unsupported' });
    const states = browser.devices.captured.flatMap((stream) => stream.getTracks().map(({ readyState }) => readyState));
    expect(states).toEqual(['ended', 'ended', 'ended']);
  });

  it('stay when the other one cannot be had', async () => {
    const { browser, client } = await connected();
    const media = cameraStream('S');
    await client.publish(media.asStream);
    browser.devices.failures = ['OverconstrainedError'];
    await expect(client.switchCamera('gone')).rejects.toMatchObject({ code: 'deviceNotFound' });
    expect(media.getVideoTracks().map(({ readyState }) => readyState)).toEqual(['live']);
    await expect(client.switchCamera('any', 'unknown')).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('that are pulled out are told', async () => {
    const { client } = await connected();
    const ended = vi.fn();
    client.on('localTrackEnded', ended);
    const media = cameraStream('S');
    const stream = await client.publish(media.asStream);
    media.getAudioTracks()[0]?.end();
    await settle();
    expect(ended).toHaveBeenCalledExactlyOnceWith({ stream, kind: 'audio' });
  });
});
