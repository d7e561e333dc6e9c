import { describe, expect, it, vi } from 'vitest';
import { cameraStream } from './fake_media.js';
import { stage } from './fake_server.js';

class FakeElement {
  srcObject: unknown = null;
  sinkId = '';
  /** Name of the error that playing fails with. */
  failure = '';

  async play(): Promise<void> {
    if (this.failure) throw Object.assign(new Error(this.failure), { name: this.failure });
  }

  async setSinkId(id: string): Promise<void> {
    this.sinkId = id;
  }

  get asElement(): HTMLMediaElement {
    return this as unknown as HTMLMediaElement;
  }
}

function player() {
  const all = stage();
  const heard: string[] = [];
  all.client.on('playbackBlocked', () => heard.push('blocked'));
  all.client.on('playbackResumed', () => heard.push('resumed'));
  return { ...all, heard };
}

const soon = () => new Promise<void>((resolve) => setTimeout(resolve));

describe('attach', () => {
  it('plays a stream until it is detached', async () => {
    const { client, heard } = player();
    const element = new FakeElement();
    const stream = cameraStream('S').asStream;
    const detach = client.attach(stream, element.asElement);
    await soon();
    expect(element.srcObject).toBe(stream);
    detach();
    expect(element.srcObject).toBeNull();
    expect(heard).toEqual([]);
  });

  it('tells once that the browser plays nothing, and starts all on the next gesture', async () => {
    const { browser, client, heard } = player();
    const elements = [new FakeElement(), new FakeElement()];
    for (const element of elements) {
      element.failure = 'NotAllowedError';
      client.attach(cameraStream('S').asStream, element.asElement);
    }
    await soon();
    expect(heard).toEqual(['blocked']);
    browser.fire('gesture');
    await soon();
    expect(heard).toEqual(['blocked']);
    for (const element of elements) element.failure = '';
    browser.fire('gesture');
    await soon();
    expect(heard).toEqual(['blocked', 'resumed']);
    expect(browser.listenerCount).toBe(0);
  });

  it('can be resumed by the page', async () => {
    const { client, heard } = player();
    const element = new FakeElement();
    element.failure = 'NotAllowedError';
    client.attach(cameraStream('S').asStream, element.asElement);
    await soon();
    element.failure = '';
    await client.resumePlayback();
    expect(heard).toEqual(['blocked', 'resumed']);
  });

  it('keeps no listener for an element that was detached while blocked', async () => {
    const { browser, client, heard } = player();
    const element = new FakeElement();
    element.failure = 'NotAllowedError';
    const detach = client.attach(cameraStream('S').asStream, element.asElement);
    await soon();
    detach();
    expect(heard).toEqual(['blocked', 'resumed']);
    expect(browser.listenerCount).toBe(0);
  });

  it('takes other failures for what they are: something else is to be played', async () => {
    const { client, heard } = player();
    const element = new FakeElement();
    element.failure = 'AbortError';
    const report = vi.fn();
    client.on('playbackBlocked', report);
    client.attach(cameraStream('S').asStream, element.asElement);
    await soon();
    expect(heard).toEqual([]);
  });

  it('plays through the chosen speaker, now and later', async () => {
    const { client } = player();
    const [first, second] = [new FakeElement(), new FakeElement()];
    client.attach(cameraStream('S').asStream, first.asElement);
    await client.setSpeaker('headset');
    client.attach(cameraStream('T').asStream, second.asElement);
    await soon();
    expect([first.sinkId, second.sinkId]).toEqual(['headset', 'headset']);
  });
});
