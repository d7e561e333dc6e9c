import type { Call } from '@crosspoint/client';
import { ToggleButton } from '../buttons';
import { announce, h } from '../dom';
import { icon, type IconName } from '../icons';
import type { Actions } from './actions';
import type { Standing } from './standing';

/** What the controls tell the stage. */
export interface ControlsListener {
  left(): void;
  addPerson(): void;
  people(): void;
}

/** The bar below a call, and its keys. */
export class StageControls {
  readonly element: HTMLElement;
  private readonly mic: ToggleButton;
  private readonly camera: ToggleButton;
  private readonly hold: ToggleButton;
  private readonly add: HTMLButtonElement;
  private readonly people: HTMLButtonElement;
  private readonly hangup: HTMLButtonElement;
  private standing: Standing = 'current';
  private changing = false;

  private readonly keyPressed = (event: KeyboardEvent) => this.onKey(event);

  constructor(
    private readonly call: Call,
    private readonly actions: Actions,
    listener: ControlsListener,
  ) {
    const mic = { on: ['mic', 'Mute'], off: ['micOff', 'Unmute'], shortcut: 'M' } as const;
    this.mic = new ToggleButton(looks(mic), () => this.switch('audio'));
    const camera = { on: ['camera', 'Turn camera off'], off: ['cameraOff', 'Turn camera on'], shortcut: 'V' } as const;
    this.camera = new ToggleButton(looks(camera), () => this.switch('video'));
    const hold = { on: ['pause', 'Hold'], off: ['play', 'Resume'], shortcut: 'H' } as const;
    this.hold = new ToggleButton(looks(hold), () => this.toggleHold());
    this.add = round('Add person', 'addPerson', () => listener.addPerson());
    this.people = round('People in this call', 'people', () => listener.people());
    this.people.setAttribute('aria-expanded', 'false');
    this.hangup = round('Hang up', 'leave', () => actions.hangup(call), 'leave');
    const chat = round('Messages', 'chat', () => listener.left());
    this.element = h(
      'footer',
      { class: 'controls', role: 'toolbar', 'aria-label': 'Controls of the call' },
      ...[this.mic.element, this.camera.element, this.hold.element, this.add, this.people, chat, this.hangup],
    );
    document.addEventListener('keydown', this.keyPressed);
  }

  update(standing: Standing): void {
    this.standing = standing;
    const { me } = this.call;
    const active = standing === 'current' || standing === 'held';
    for (const button of [this.mic.element, this.camera.element, this.hold.element, this.add, this.hangup])
      button.hidden = !active;
    this.mic.set(me?.media.audio ?? false);
    this.camera.set(me?.media.video ?? false);
    this.hold.set(standing !== 'held', false);
    for (const button of [this.mic.element, this.camera.element])
      button.disabled = this.changing || standing === 'held';
    // Before an answer there is nothing to hold.
    this.hold.element.disabled = this.call.state !== 'active';
    this.add.disabled = this.call.state === 'opening';
  }

  setPeopleOpen(open: boolean): void {
    this.people.setAttribute('aria-expanded', String(open));
    this.people.classList.toggle('active', open);
  }

  close(): void {
    document.removeEventListener('keydown', this.keyPressed);
  }

  private switch(kind: 'audio' | 'video'): void {
    const on = !this.call.me?.media[kind];
    this.changing = true;
    this.update(this.standing);
    void this.actions.update(this.call, { [kind]: on }).finally(() => {
      this.changing = false;
      this.update(this.standing);
      const what = kind === 'audio' ? 'Microphone' : 'Camera';
      announce(`${what} ${this.call.me?.media[kind] ? 'on' : 'off'}`);
    });
  }

  private toggleHold(): void {
    if (this.standing === 'held') this.actions.resume(this.call);
    else this.actions.hold(this.call);
  }

  private onKey(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    const elsewhere = this.element.closest('[hidden]') !== null || document.querySelector('dialog[open]') !== null;
    if (typing || elsewhere || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const press = (button: HTMLButtonElement) => {
      if (!button.hidden && !button.disabled) button.click();
    };
    if (event.key.toLowerCase() === 'm') press(this.mic.element);
    if (event.key.toLowerCase() === 'v') press(this.camera.element);
    if (event.key.toLowerCase() === 'h') press(this.hold.element);
  }
}

type Look = readonly [IconName, string];

function looks({ on, off, shortcut }: { on: Look; off: Look; shortcut: string }) {
  return { on: [...on] as [IconName, string], off: [...off] as [IconName, string], shortcut };
}

function round(text: string, symbol: IconName, action: () => void, look = ''): HTMLButtonElement {
  return h(
    'button',
    { class: `round ${look}`, type: 'button', 'aria-label': text, 'data-tip': text, onclick: action },
    icon(symbol),
  );
}
