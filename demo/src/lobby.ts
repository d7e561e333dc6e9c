import type { CrosspointClient } from '@crosspoint/client';
import { kLongestName, kRoomPattern } from './api';
import { ToggleButton } from './buttons';
import { DeviceSelects } from './device_selects';
import { brandRow } from './brand';
import { h } from './dom';
import { icon } from './icons';
import { kProblemTexts, type LocalMedia } from './media';

const kAdjectives = ['calm', 'bright', 'quiet', 'brave', 'swift', 'gentle', 'merry', 'clever'];
const kNouns = ['otter', 'falcon', 'maple', 'harbor', 'comet', 'lynx', 'meadow', 'river'];

function randomRoom(): string {
  const pick = (words: string[]) => words[Math.floor(Math.random() * words.length)];
  return `${pick(kAdjectives)}-${pick(kNouns)}-${10 + Math.floor(Math.random() * 90)}`;
}

/** The start page: a look at oneself, a name, a room. */
export class Lobby {
  readonly element: HTMLElement;
  private readonly video = h('video', { class: 'mirrored', autoplay: true, playsinline: true });
  private readonly notice = h('div', { class: 'preview-notice' });
  private readonly meter = h('span', { class: 'meter-fill' });
  private readonly mic: ToggleButton;
  private readonly camera: ToggleButton;
  private readonly devices: DeviceSelects;
  private readonly name: HTMLInputElement;
  private readonly room: HTMLInputElement;
  private readonly error = h('p', { class: 'field-error', role: 'alert', hidden: true });
  private readonly submit = h('button', { class: 'button primary wide', type: 'submit' }, 'Join room');
  private offLevel = () => {};

  constructor(
    private readonly client: CrosspointClient,
    private readonly media: LocalMedia,
    initial: { room: string; name: string },
    private readonly join: (room: string, name: string) => Promise<void>,
  ) {
    this.video.muted = true;
    this.mic = new ToggleButton({ on: ['mic', 'Mute microphone'], off: ['micOff', 'Unmute microphone'] }, () => {
      media.setMic(!media.micOn);
      this.refresh();
    });
    this.camera = new ToggleButton({ on: ['camera', 'Turn camera off'], off: ['cameraOff', 'Turn camera on'] }, () => {
      media.setCamera(!media.cameraOn);
      this.refresh();
    });
    this.devices = new DeviceSelects(client, (kind, id) => void this.choose(kind, id));
    this.name = h('input', { value: initial.name, maxlength: kLongestName, required: true, autocomplete: 'nickname' });
    this.room = h('input', {
      value: initial.room || randomRoom(),
      pattern: kRoomPattern,
      maxlength: 64,
      required: true,
      title: 'Letters, digits, - and _; at most 64',
      autocapitalize: 'none',
      spellcheck: 'false',
    });
    this.element = this.page(initial.room !== '');
    void this.start();
  }

  private page(invited: boolean): HTMLElement {
    const form = h(
      'form',
      { class: 'join' },
      h('h1', {}, invited ? 'Ready to join?' : 'Meet in a room'),
      h(
        'p',
        { class: 'muted' },
        invited ? 'You were invited to a room. Tell the others your name.' : 'Name a room, join, and share its link.',
      ),
      h('label', { class: 'field' }, h('span', {}, 'Your name'), this.name),
      h('label', { class: 'field' }, h('span', {}, 'Room'), this.room),
      this.error,
      this.submit,
      h(
        'p',
        { class: 'hint' },
        h('kbd', {}, 'M'),
        ' mutes and ',
        h('kbd', {}, 'V'),
        ' turns the camera off in the room.',
      ),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.enter();
    });
    const preview = h(
      'section',
      { class: 'preview', 'aria-label': 'Camera and microphone' },
      h(
        'div',
        { class: 'preview-frame' },
        this.video,
        this.notice,
        h('div', { class: 'preview-controls' }, this.mic.element, this.camera.element),
      ),
      h('div', { class: 'meter', 'aria-hidden': 'true' }, icon('mic'), h('span', { class: 'meter-track' }, this.meter)),
    );
    const brand = brandRow('Call people', '/people.html');
    return h(
      'main',
      { class: 'lobby' },
      h('div', { class: 'card lobby-card' }, brand, preview, form, this.devices.element),
    );
  }

  private async start(microphone?: string, camera?: string): Promise<void> {
    this.say('Starting camera…', 'Your browser may ask for permission.');
    // Media that came after joining would run without anybody knowing.
    this.submit.disabled = true;
    await this.media.start(microphone, camera);
    if (!this.element.isConnected) return;
    await this.devices.refresh(this.media.stream);
    this.submit.disabled = false;
    this.refresh();
    this.measure();
  }

  private async choose(kind: MediaDeviceKind, deviceId: string): Promise<void> {
    if (kind === 'audiooutput') return this.client.setSpeaker(deviceId);
    return this.start(this.devices.value('audioinput'), this.devices.value('videoinput'));
  }

  private measure(): void {
    this.offLevel();
    this.offLevel = () => {};
    const show = (level: number) => (this.meter.style.transform = `scaleX(${Math.min(1, Math.sqrt(level))})`);
    show(0);
    if (!this.media.stream || !this.media.microphone) return;
    this.offLevel = this.client.watchAudioLevel(this.media.stream, ({ level }) => show(level));
  }

  private refresh(): void {
    const { media } = this;
    this.mic.set(media.micOn);
    this.camera.set(media.cameraOn);
    this.mic.disable(media.microphone ? undefined : 'No microphone');
    this.camera.disable(media.camera ? undefined : 'No camera');
    if (this.video.srcObject !== (media.stream ?? null)) this.video.srcObject = media.stream ?? null;
    this.mic.element.parentElement!.hidden = media.problem !== undefined;
    this.submit.textContent = media.stream ? 'Join room' : 'Join to listen';
    if (media.problem) return this.say(...kProblemTexts[media.problem], media.problem !== 'insecure');
    if (!media.camera) return this.say('No camera', 'The others will hear you.');
    if (!media.cameraOn) return this.say('Camera is off', '');
    this.notice.replaceChildren();
    this.notice.hidden = true;
  }

  private say(title: string, text: string, retry = false): void {
    const again = h('button', { class: 'button small', type: 'button', onclick: () => void this.start() }, 'Try again');
    this.notice.replaceChildren(h('strong', {}, title), h('span', {}, text), retry ? again : '');
    this.notice.hidden = false;
  }

  private async enter(): Promise<void> {
    this.submit.disabled = true;
    this.submit.textContent = 'Joining…';
    this.error.hidden = true;
    try {
      await this.join(this.room.value, this.name.value.trim());
      this.offLevel();
      this.devices.close();
    } catch (problem) {
      this.error.textContent = (problem as Error).message;
      this.error.hidden = false;
      this.submit.disabled = false;
      this.refresh();
    }
  }
}
