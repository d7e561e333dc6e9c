import { hue, initials } from './avatar';
import { h } from './dom';
import { icon } from './icons';

/** What a tile shows. */
export interface TileContent {
  name: string;
  /** One's own picture: mirrored and without sound. */
  own?: boolean;
  /** A shared screen: shown whole, and larger than the others. */
  screen?: boolean;
  /** What shows it; one of its own unless given. */
  video?: HTMLVideoElement;
}

const kSampleWidth = 16;
const kSampleHeight = 9;
const kDark = 24;

// A camera that is switched off sends black pictures: there is no other sign of it that every kind of client gives.
const sampler = h('canvas', { width: kSampleWidth, height: kSampleHeight }).getContext('2d', {
  willReadFrequently: true,
});

function isBlack(video: HTMLVideoElement): boolean {
  if (!sampler || video.videoWidth === 0) return true;
  sampler.drawImage(video, 0, 0, kSampleWidth, kSampleHeight);
  const { data } = sampler.getImageData(0, 0, kSampleWidth, kSampleHeight);
  return data.every((value, index) => index % 4 === 3 || value < kDark);
}

/** One picture of the grid: somebody's camera, or their initials, or a shared screen. */
export class Tile {
  readonly video: HTMLVideoElement;
  readonly element: HTMLElement;
  private readonly label = h('span', { class: 'tile-name' });
  private readonly avatar = h('div', { class: 'avatar', 'aria-hidden': 'true' });
  private readonly note = h('span', { class: 'tile-note', hidden: true });
  private name = '';

  constructor(readonly content: TileContent) {
    this.video = content.video ?? h('video', { autoplay: true, playsinline: true });
    this.video.muted = content.own ?? false;
    this.element = h(
      'figure',
      { class: `tile blank${content.screen ? ' screen' : ''}${content.own ? ' own' : ''}` },
      this.video,
      this.avatar,
      h(
        'figcaption',
        {},
        h('span', { class: 'bars', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')),
        this.label,
        this.note,
      ),
    );
    if (content.own && !content.screen) this.video.classList.add('mirrored');
    this.rename(content.name);
  }

  rename(name: string): void {
    if (name === this.name) return;
    this.name = name;
    const text = this.content.screen ? `${name} – screen` : name;
    this.label.textContent = this.content.own ? `${name} (you)` : text;
    this.element.setAttribute('aria-label', this.label.textContent);
    this.avatar.textContent = initials(name);
    this.element.style.setProperty('--hue', String(hue(name)));
  }

  /** Marks or unmarks the tile as speaking. */
  setSpeaking(speaking: boolean): void {
    this.element.classList.toggle('speaking', speaking);
  }

  /** A few words behind the name, or none. */
  setNote(text: string): void {
    this.note.textContent = text;
    this.note.hidden = text === '';
  }

  /** Shows the microphone as muted. */
  setMuted(muted: boolean): void {
    const mark = this.element.querySelector('.icon-micOff');
    if (muted && !mark) this.label.before(icon('micOff'));
    else if (!muted) mark?.remove();
  }

  /** Shows the picture if there is one, and the initials otherwise. Called about once a second. */
  refresh(): void {
    const stream = this.video.srcObject as MediaStream | null;
    const live = stream?.getVideoTracks().some((track) => track.readyState === 'live' && track.enabled) ?? false;
    this.element.classList.toggle('blank', !live || (!this.content.screen && isBlack(this.video)));
  }
}
