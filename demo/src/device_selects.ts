import type { CrosspointClient } from '@crosspoint/client';
import { h } from './dom';
import { icon, type IconName } from './icons';

const kKinds: Record<MediaDeviceKind, { label: string; icon: IconName }> = {
  audioinput: { label: 'Microphone', icon: 'mic' },
  videoinput: { label: 'Camera', icon: 'camera' },
  audiooutput: { label: 'Speaker', icon: 'speaker' },
};

/** Three drop-down lists of devices that follow what is plugged in. */
export class DeviceSelects {
  readonly element = h('div', { class: 'devices' });
  private readonly selects = new Map<MediaDeviceKind, HTMLSelectElement>();
  private off = () => {};

  /** @param chosen is told what the user picks. */
  constructor(
    private readonly client: CrosspointClient,
    chosen: (kind: MediaDeviceKind, deviceId: string) => void,
  ) {
    for (const kind of Object.keys(kKinds) as MediaDeviceKind[]) {
      const select = h('select', { 'aria-label': kKinds[kind].label });
      select.addEventListener('change', () => chosen(kind, select.value));
      this.selects.set(kind, select);
      this.element.append(h('label', { class: 'device' }, icon(kKinds[kind].icon), select));
    }
    try {
      this.off = client.onDevicesChanged((devices) => this.fill(devices));
    } catch {
      // Pages without HTTPS have no devices to choose from.
    }
  }

  /** Reads the devices again, as after a permission was given, and marks those that are in use. */
  async refresh(stream: MediaStream | undefined): Promise<void> {
    const devices = await this.client.getMediaDevices().catch(() => []);
    this.fill(devices);
    for (const track of stream?.getTracks() ?? []) {
      const select = this.selects.get(track.kind === 'audio' ? 'audioinput' : 'videoinput');
      const { deviceId } = track.getSettings();
      if (select && deviceId) select.value = deviceId;
    }
  }

  /** Stops following. */
  close(): void {
    this.off();
  }

  value(kind: MediaDeviceKind): string | undefined {
    return this.selects.get(kind)?.value || undefined;
  }

  private fill(devices: MediaDeviceInfo[]): void {
    for (const [kind, select] of this.selects) {
      const before = select.value;
      // Before the user has allowed anything, browsers list devices without a name or id.
      const listed = devices.filter((device) => device.kind === kind && device.deviceId !== '');
      select.replaceChildren(
        ...listed.map(({ deviceId, label }) => h('option', { value: deviceId }, label || deviceId)),
      );
      if (listed.some(({ deviceId }) => deviceId === before)) select.value = before;
      select.disabled = listed.length === 0;
      if (listed.length === 0) select.append(h('option', {}, `No ${kKinds[kind].label.toLowerCase()}`));
      // Not every browser lets a page choose the speaker.
      if (kind === 'audiooutput') select.parentElement!.hidden = listed.length === 0;
    }
  }
}
