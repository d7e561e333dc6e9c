/** Why there is no, or not all, media. */
export type MediaProblem = 'denied' | 'missing' | 'busy' | 'insecure';

const kProblems: Record<string, MediaProblem> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/** What to tell people about a problem: what it is, and what they can do. */
export const kProblemTexts: Record<MediaProblem, [string, string]> = {
  denied: [
    'Microphone and camera are blocked',
    'Allow them in the address bar of your browser and try again, or join just to listen.',
  ],
  missing: ['No microphone or camera found', 'Plug one in and try again, or join just to listen.'],
  busy: ['Microphone or camera is in use', 'Close the other program and try again, or join just to listen.'],
  insecure: ['No microphone or camera on this address', 'The page must be opened over HTTPS or on localhost.'],
};

const kVideo: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 } };

/** One's own microphone and camera: started before joining, handed to the room afterwards. */
export class LocalMedia {
  stream: MediaStream | undefined;
  problem: MediaProblem | undefined;
  micOn = true;
  cameraOn = true;
  private attempt = 0;

  /** Starts what there is of both: with both refused or missing, `problem` says why. Never rejects. */
  async start(microphone?: string, camera?: string): Promise<void> {
    this.stop();
    this.problem = undefined;
    const { attempt } = this;
    if (!navigator.mediaDevices) {
      this.problem = 'insecure';
      return;
    }
    const audio = microphone ? { deviceId: { ideal: microphone } } : true;
    const video = camera ? { ...kVideo, deviceId: { ideal: camera } } : kVideo;
    // One missing or blocked device should not keep the other one out.
    for (const constraints of [{ audio, video }, { audio }, { video }]) {
      if (await this.capture(constraints, attempt)) return;
    }
  }

  stop(): void {
    this.attempt += 1;
    stopAll(this.stream);
    this.stream = undefined;
  }

  get microphone(): MediaStreamTrack | undefined {
    return this.stream?.getAudioTracks()[0];
  }

  get camera(): MediaStreamTrack | undefined {
    return this.stream?.getVideoTracks()[0];
  }

  setMic(on: boolean): void {
    this.micOn = on;
    if (this.microphone) this.microphone.enabled = on;
  }

  setCamera(on: boolean): void {
    this.cameraOn = on;
    if (this.camera) this.camera.enabled = on;
  }

  // True when there is nothing left to try.
  private async capture(constraints: MediaStreamConstraints, attempt: number): Promise<boolean> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(constraints);
      if (attempt !== this.attempt) {
        // The user has chosen another device, or left, while this one was starting.
        stopAll(stream);
        return true;
      }
      this.stream = stream;
    } catch (error) {
      if (attempt !== this.attempt) return true;
      this.problem ??= kProblems[(error as Error).name] ?? 'missing';
      return false;
    }
    this.problem = undefined;
    this.setMic(this.micOn);
    this.setCamera(this.cameraOn);
    return true;
  }
}

function stopAll(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
