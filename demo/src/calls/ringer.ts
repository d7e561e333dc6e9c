/** What a device may sound like: called, called while in a call, or calling. */
export type Sound = 'incoming' | 'waiting' | 'outgoing';

interface Note {
  /** In seconds, from the beginning of the sound. */
  at: number;
  length: number;
  /** In Hz, sounding together. */
  tones: number[];
}

const kSounds: Record<Sound, { repeat: number; loudness: number; notes: Note[] }> = {
  incoming: {
    repeat: 2.4,
    loudness: 0.16,
    notes: [659, 784, 988, 784, 988].map((tone, index) => ({
      at: index * 0.19,
      length: 0.26,
      tones: [tone, tone / 2],
    })),
  },
  waiting: {
    repeat: 4,
    loudness: 0.07,
    notes: [
      { at: 0, length: 0.16, tones: [587] },
      { at: 0.24, length: 0.16, tones: [587] },
    ],
  },
  outgoing: { repeat: 4, loudness: 0.06, notes: [{ at: 0, length: 1, tones: [425] }] },
};

const kFade = 0.02;

/** Rings, without any file of sounds. Browsers keep it silent before the first click or key on the page. */
export class Ringer {
  private context: AudioContext | undefined;
  private sound: Sound | undefined;
  private gain: GainNode | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** Sounds like this from now on, or not at all. */
  set(sound: Sound | undefined): void {
    if (sound === this.sound) return;
    this.sound = sound;
    clearInterval(this.timer);
    this.gain?.disconnect();
    if (!sound) return;
    this.context ??= new AudioContext();
    this.gain = this.context.createGain();
    this.gain.gain.value = kSounds[sound].loudness;
    this.gain.connect(this.context.destination);
    const play = () => this.play(kSounds[sound].notes);
    play();
    this.timer = setInterval(play, kSounds[sound].repeat * 1000);
  }

  private play(notes: Note[]): void {
    const { context, gain } = this;
    if (!context || !gain) return;
    void context.resume();
    // What is asked for while the browser keeps it silent would sound later, all at once.
    if (context.state !== 'running') return;
    for (const { at, length, tones } of notes) {
      const start = context.currentTime + at;
      const envelope = context.createGain();
      envelope.gain.setValueAtTime(0, start);
      envelope.gain.linearRampToValueAtTime(1, start + kFade);
      envelope.gain.setValueAtTime(1, start + length - kFade);
      envelope.gain.linearRampToValueAtTime(0, start + length);
      envelope.connect(gain);
      for (const tone of tones) {
        const oscillator = new OscillatorNode(context, { frequency: tone, type: 'sine' });
        oscillator.connect(envelope);
        oscillator.start(start);
        oscillator.stop(start + length);
      }
    }
  }
}
