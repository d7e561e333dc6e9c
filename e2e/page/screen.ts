/** What somebody who looks at the video would notice. Times are Unix ms. */
export interface FramesShown {
  count: number;
  firstAt: number;
  lastAt: number;
  /** Longest time without a new frame since the last reset, the time since the last frame included. */
  longestGapMs: number;
}

/** Shows remote streams in <video> elements, which also plays their audio, and notes when frames appear. */
export class Screen {
  private readonly shown = new Map<string, { element: HTMLVideoElement; frames: FramesShown }>();

  show(id: string, stream: MediaStream): void {
    this.remove(id);
    const element = document.createElement('video');
    element.autoplay = true;
    element.playsInline = true;
    element.width = 320;
    element.srcObject = stream;
    document.body.append(element);
    this.watch(id, element);
  }

  /** Notes the frames of an element that somebody else shows and takes away. */
  watch(id: string, element: HTMLVideoElement): void {
    const frames: FramesShown = { count: 0, firstAt: 0, lastAt: 0, longestGapMs: 0 };
    this.shown.set(id, { element, frames });
    const onFrame = () => {
      const now = Date.now();
      if (frames.count === 0) frames.firstAt = now;
      else frames.longestGapMs = Math.max(frames.longestGapMs, now - frames.lastAt);
      frames.count += 1;
      frames.lastAt = now;
      element.requestVideoFrameCallback(onFrame);
    };
    element.requestVideoFrameCallback(onFrame);
  }

  remove(id: string): void {
    const entry = this.shown.get(id);
    if (!entry) return;
    entry.element.srcObject = null;
    entry.element.remove();
    this.shown.delete(id);
  }

  frames(id: string): FramesShown | undefined {
    const frames = this.shown.get(id)?.frames;
    if (!frames || frames.count === 0) return frames;
    return { ...frames, longestGapMs: Math.max(frames.longestGapMs, Date.now() - frames.lastAt) };
  }

  /** Width and height of what is shown; zeros when there is no picture. */
  pictureSize(id: string): [number, number] {
    const { videoWidth = 0, videoHeight = 0 } = this.shown.get(id)?.element ?? {};
    return [videoWidth, videoHeight];
  }

  resetGaps(): void {
    for (const { frames } of this.shown.values()) {
      frames.longestGapMs = 0;
      frames.lastAt = Date.now();
    }
  }
}
