import type { Browser } from './browser.js';
import { CrosspointError, type ErrorCode } from './errors.js';

const kCaptureErrors: Record<string, [ErrorCode, string]> = {
  NotAllowedError: ['permissionDenied', 'The microphone, camera or screen is not allowed'],
  SecurityError: ['permissionDenied', "The page's policy forbids the microphone or camera"],
  NotFoundError: ['deviceNotFound', 'There is no such microphone or camera'],
  OverconstrainedError: ['deviceNotFound', 'No microphone or camera is as wanted'],
  NotReadableError: ['deviceBusy', 'The microphone or camera is in use by another program'],
  AbortError: ['deviceBusy', 'The microphone or camera could not be started'],
};

function captureError(error: unknown): CrosspointError {
  if (error instanceof CrosspointError) return error;
  const { name = '', message = String(error) } = error as { name?: string; message?: string };
  const [code, text] = kCaptureErrors[name] ?? ['unsupported', message];
  return new CrosspointError(code, text);
}

async function captured(start: () => Promise<MediaStream>): Promise<MediaStream> {
  try {
    return await start();
  } catch (error) {
    throw captureError(error);
  }
}

/** The microphones, cameras, speakers and screens of this computer. */
export class Devices {
  constructor(private readonly browser: Browser) {}

  /** Devices of one kind, or all. Browsers give their names only after the user has allowed one. */
  async list(kind?: MediaDeviceKind): Promise<MediaDeviceInfo[]> {
    const devices = await this.browser.mediaDevices().enumerateDevices();
    return kind ? devices.filter((device) => device.kind === kind) : devices;
  }

  /** Starts microphone and camera; rejects with a {@link CrosspointError} that says why not. */
  capture(constraints: MediaStreamConstraints): Promise<MediaStream> {
    return captured(() => this.browser.mediaDevices().getUserMedia(constraints));
  }

  /** Asks the user for a screen, a window or a tab. */
  captureScreen(options: DisplayMediaStreamOptions): Promise<MediaStream> {
    return captured(() => this.browser.mediaDevices().getDisplayMedia(options));
  }

  /**
   * Starts the device that takes the place of `old`, with the same wishes. Phones run one camera at a time: where the
   * new one is busy because of the old one, the old one is stopped first.
   */
  async captureInstead(old: MediaStreamTrack, deviceId: string): Promise<MediaStreamTrack> {
    const constraints = { [old.kind]: { ...old.getConstraints(), deviceId: { exact: deviceId } } };
    const stream = await this.capture(constraints).catch((error: CrosspointError) => {
      if (error.code !== 'deviceBusy') throw error;
      old.stop();
      return this.capture(constraints);
    });
    const track = stream.getTracks()[0];
    if (!track) throw new CrosspointError('deviceNotFound', 'The device gave nothing');
    return track;
  }
}
