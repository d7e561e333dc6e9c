import { CrosspointError } from './errors.js';

/** A measuring point on the sound of a stream. */
export interface LevelProbe {
  /** Peak amplitude of the last moment: 0 is silence, 1 is full scale. */
  read(): number;
  close(): void;
}

/**
 * Everything this SDK wants from a browser. The rest of the SDK reaches for no global of the page, so that tests give
 * it another boundary, and what one browser does differently from the others stays in this file.
 */
export interface Browser {
  /** Origin of the page for sockets, such as `wss://example.org`; nothing outside pages of http and https. */
  socketOrigin(): string | undefined;
  createSocket(url: string, protocol?: string): WebSocket;
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  /** A random UUID, version 4. */
  uuid(): string;
  /** A random number from 0 up to 1. */
  random(): number;
  /** Milliseconds on a clock that only goes forwards. */
  now(): number;
  /** Storage that lasts as long as the tab; nothing where the browser forbids it. */
  tabStorage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined;
  /** A `<video>` element in the element with this id, which is given this size in pixels; nothing if there is none. */
  createVideo(containerId: string, size: { width?: number; height?: number }): HTMLVideoElement | undefined;
  /** The page's devices; throws `insecureContext` where the browser hides them. */
  mediaDevices(): MediaDevices;
  createLevelProbe(stream: MediaStream): LevelProbe;
  /** Each of these calls `listener` until the function it returns is called. */
  onOnline(listener: () => void): () => void;
  onPageHide(listener: () => void): () => void;
  onGesture(listener: () => void): () => void;
  onDeviceChange(listener: () => void): () => void;
}

function listen(target: EventTarget, names: string[], listener: () => void): () => void {
  // Capturing, because a page may stop a click from bubbling.
  for (const name of names) target.addEventListener(name, listener, true);
  return () => {
    for (const name of names) target.removeEventListener(name, listener, true);
  };
}

// Even to look at it throws where storage is blocked.
function tabStorage(): Storage | undefined {
  try {
    return typeof sessionStorage === 'undefined' ? undefined : sessionStorage;
  } catch {
    return undefined;
  }
}

function createVideo(id: string, { width, height }: { width?: number; height?: number }): HTMLVideoElement | undefined {
  const container = document.getElementById(id);
  if (!container) return undefined;
  const video = document.createElement('video');
  video.playsInline = true;
  video.autoplay = true;
  if (width !== undefined) video.width = width;
  if (height !== undefined) video.height = height;
  container.append(video);
  return video;
}

// crypto.randomUUID is missing on pages without HTTPS, where a listener may still subscribe.
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function mediaDevices(): MediaDevices {
  // Absent, against its type, on pages that are not secure contexts.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices) return devices;
  throw new CrosspointError('insecureContext', 'Microphone and camera need a page served over HTTPS or from localhost');
}

// Browsers allow few audio contexts, so all probes share one. It starts suspended until the page has had a gesture.
let sharedAudio: AudioContext | undefined;

function createLevelProbe(stream: MediaStream): LevelProbe {
  const audio = (sharedAudio ??= new AudioContext());
  if (audio.state === 'suspended') void audio.resume();
  const source = audio.createMediaStreamSource(stream);
  const analyser = audio.createAnalyser();
  analyser.fftSize = 2048;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read() {
      analyser.getFloatTimeDomainData(samples);
      return samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    },
    close: () => source.disconnect(),
  };
}

/** The browser that the page runs in. */
export const pageBrowser: Browser = {
  socketOrigin() {
    if (typeof location === 'undefined' || !location.protocol.startsWith('http')) return undefined;
    return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`;
  },
  createSocket: (url, protocol) => new WebSocket(url, protocol),
  createPeerConnection: (configuration) => new RTCPeerConnection(configuration),
  uuid,
  random: Math.random,
  now: () => performance.now(),
  tabStorage,
  createVideo,
  mediaDevices,
  createLevelProbe,
  onOnline: (listener) => listen(window, ['online'], listener),
  onPageHide: (listener) => listen(window, ['pagehide'], listener),
  // The events that count as activation for autoplay.
  onGesture: (listener) => listen(document, ['pointerup', 'keydown', 'touchend'], listener),
  onDeviceChange: (listener) => listen(mediaDevices(), ['devicechange'], listener),
};
