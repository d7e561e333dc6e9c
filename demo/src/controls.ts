import { CrosspointError, type CrosspointClient, type TrackKind } from '@crosspoint/client';
import { ToggleButton } from './buttons';
import { DeviceSelects } from './device_selects';
import { announce, h, toast } from './dom';
import { icon } from './icons';
import type { LocalMedia } from './media';
import type { Tile } from './tile';

/** The bar at the bottom of a room, its keys, and the panel with the devices. */
export class Controls {
  readonly element: HTMLElement;
  private readonly mic: ToggleButton;
  private readonly camera: ToggleButton;
  private readonly screen: ToggleButton;
  private readonly settings: HTMLButtonElement;
  private readonly panel: HTMLElement;
  private readonly devices: DeviceSelects;
  private endpointId: string | undefined;

  private readonly keyPressed = (event: KeyboardEvent) => this.onKey(event);

  constructor(
    private readonly client: CrosspointClient,
    private readonly media: LocalMedia,
    private readonly own: Tile,
    leave: () => void,
  ) {
    this.mic = new ToggleButton({ on: ['mic', 'Mute'], off: ['micOff', 'Unmute'], shortcut: 'M' }, () => {
      this.toggleMic();
    });
    this.camera = new ToggleButton(
      { on: ['camera', 'Turn camera off'], off: ['cameraOff', 'Turn camera on'], shortcut: 'V' },
      () => this.toggleCamera(),
    );
    this.screen = new ToggleButton({ on: ['screen', 'Share screen'], off: ['screenOff', 'Stop sharing'] }, () => {
      void this.toggleScreen();
    });
    this.devices = new DeviceSelects(client, (kind, id) => void this.choose(kind, id));
    this.panel = h('div', { class: 'panel', hidden: true, role: 'group', 'aria-label': 'Devices' });
    this.panel.append(h('h2', {}, 'Devices'), this.devices.element);
    this.settings = h('button', { class: 'round', type: 'button', 'aria-label': 'Devices', 'aria-expanded': 'false' });
    this.settings.append(icon('settings'));
    this.settings.dataset['tip'] = 'Devices';
    this.settings.addEventListener('click', () => this.openPanel(this.panel.hidden));
    const leaving = h(
      'button',
      { class: 'round leave', type: 'button', 'aria-label': 'Leave', onclick: leave },
      icon('leave'),
    );
    leaving.dataset['tip'] = 'Leave';
    const buttons = [this.mic.element, this.camera.element, this.screen.element, this.settings, leaving];
    this.element = h(
      'footer',
      { class: 'controls', role: 'toolbar', 'aria-label': 'Controls' },
      this.panel,
      ...buttons,
    );
    document.addEventListener('keydown', this.keyPressed);
    this.show();
  }

  /** One's own stream is on its way to the others. */
  published(endpointId: string): void {
    this.endpointId = endpointId;
    this.show();
  }

  /** A device was pulled out, or the browser's own button stopped the screen. */
  trackEnded(kind: TrackKind): void {
    if (this.media.microphone?.readyState === 'ended' && kind === 'audio') toast('Your microphone was unplugged');
    if (this.media.camera?.readyState === 'ended' && kind === 'video') toast('Your camera was unplugged');
    this.show();
  }

  close(): void {
    document.removeEventListener('keydown', this.keyPressed);
    this.devices.close();
  }

  private toggleMic(): void {
    if (!this.media.microphone) return;
    this.media.setMic(!this.media.micOn);
    announce(this.media.micOn ? 'Microphone on' : 'Microphone muted');
    this.show();
  }

  private toggleCamera(): void {
    if (!this.media.camera) return;
    this.media.setCamera(!this.media.cameraOn);
    announce(this.media.cameraOn ? 'Camera on' : 'Camera off');
    this.show();
  }

  private async toggleScreen(): Promise<void> {
    try {
      if (this.client.sharingScreen) await this.client.stopScreen();
      else await this.client.shareScreen();
      announce(this.client.sharingScreen ? 'You are sharing your screen' : 'You stopped sharing your screen');
    } catch (error) {
      // Changing one's mind in the browser's dialog is no error.
      const cancelled = error instanceof CrosspointError && error.code === 'permissionDenied';
      if (!cancelled) toast(`The screen cannot be shared: ${(error as Error).message}`);
    }
    this.show();
  }

  private async choose(kind: MediaDeviceKind, deviceId: string): Promise<void> {
    try {
      if (kind === 'audiooutput') await this.client.setSpeaker(deviceId);
      else if (kind === 'audioinput') await this.client.switchMicrophone(deviceId, this.endpointId);
      else await this.client.switchCamera(deviceId, this.endpointId);
    } catch (error) {
      toast((error as Error).message);
      void this.devices.refresh(this.media.stream);
    }
  }

  private show(): void {
    const { media } = this;
    this.mic.set(media.micOn);
    this.camera.set(media.cameraOn);
    this.screen.set(!this.client.sharingScreen, false);
    this.mic.disable(media.microphone ? undefined : 'No microphone: you are listening');
    this.camera.disable(media.camera ? undefined : 'No camera');
    this.screen.element.hidden = !navigator.mediaDevices?.getDisplayMedia;
    this.own.setMuted(Boolean(media.microphone) && !media.micOn);
    this.own.refresh();
  }

  private openPanel(open: boolean): void {
    this.panel.hidden = !open;
    this.settings.setAttribute('aria-expanded', String(open));
    if (!open) return this.settings.focus();
    void this.devices.refresh(this.media.stream).then(() => this.panel.querySelector('select')?.focus());
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && !this.panel.hidden) this.openPanel(false);
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === 'm') this.toggleMic();
    if (event.key.toLowerCase() === 'v') this.toggleCamera();
  }
}
