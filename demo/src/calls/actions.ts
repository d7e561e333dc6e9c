import type { Call, Jsapi, JsapiError, SomeMedia } from '@crosspoint/client';
import { toast } from '../dom';
import type { Book } from './book';
import type { Conversations } from './conversations';
import { ask } from './dialog';
import { standingOf } from './standing';
import { errorWords } from './words';

/** What the actions tell the page. */
export interface ActionsListener {
  changed(): void;
  /** This device is about to be in a call. */
  entering(call: Call): void;
}

const kDeviceErrors = ['media_denied', 'no_device'];

/** What the user can do about calls; whatever goes wrong is said. */
export class Actions {
  /** Why this device could not answer, by call. */
  readonly problems = new WeakMap<Call, JsapiError>();
  /** Calls that this user has ended here. */
  private readonly left = new WeakSet<Call>();

  constructor(
    private readonly jsapi: Jsapi,
    private readonly book: Book,
    private readonly conversations: Conversations,
    private readonly listener: ActionsListener,
  ) {}

  /** Calls somebody; a call that this device is in is held meanwhile. */
  open(contact: string, video: boolean): void {
    const chain = this.conversations.chainWith(contact);
    try {
      const call = this.jsapi.openCall(this.book.me.profileId, contact, chain, {
        audio: true,
        video,
        holdOthers: true,
      });
      call.on('end', () => this.explain(call, contact, video));
      this.listener.entering(call);
    } catch (error) {
      toast(errorWords(error));
    }
  }

  /** Answers, or joins a call that goes on. */
  accept(call: Call, media: Required<SomeMedia>): void {
    this.problems.delete(call);
    const accepted = call.accept({ ...media, holdOthers: true });
    this.listener.changed();
    accepted.then(
      () => this.listener.entering(call),
      (error: JsapiError) => this.notEntered(call, error),
    );
  }

  /** Takes a call over from another device. */
  activate(call: Call): void {
    const { audio = true, video = false } = call.me?.media ?? {};
    const activated = call.activate({ audio, video, holdOthers: true });
    this.listener.changed();
    activated.then(
      () => this.listener.entering(call),
      (error: JsapiError) => this.notEntered(call, error),
    );
  }

  /** Takes a call over, or joins it, without microphone and camera. */
  listenOnly(call: Call): void {
    const media = { audio: false, video: false };
    if (call.me?.state !== 'active' && call.me?.state !== 'reconnecting') return this.accept(call, media);
    void call.activate({ ...media, holdOthers: true }).then(
      () => this.listener.entering(call),
      (error: unknown) => toast(errorWords(error)),
    );
  }

  decline(call: Call): void {
    this.left.add(call);
    this.run(call.reject());
  }

  ignore(call: Call): void {
    this.left.add(call);
    this.run(call.ignore());
  }

  hangup(call: Call): void {
    this.left.add(call);
    this.run(call.hangup());
  }

  hold(call: Call): void {
    this.run(call.hold());
  }

  /** Goes on with a held call; the one that this device is in is held instead. */
  resume(call: Call): void {
    this.run(call.resume({ holdOthers: true }).then(() => this.listener.entering(call)));
  }

  /** Changes what this device sends. */
  update(call: Call, media: SomeMedia): Promise<void> {
    return this.run(call.update(media));
  }

  invite(call: Call, profileId: string): void {
    this.run(call.invite(profileId));
  }

  remove(call: Call, profileId: string): void {
    this.run(call.remove(profileId));
  }

  /** Whether this user has ended the call here, so that nobody has to say that it is over. */
  hasLeft(call: Call): boolean {
    return this.left.has(call);
  }

  private notEntered(call: Call, error: JsapiError): void {
    if (kDeviceErrors.includes(error.name)) this.withoutDevices(call, error);
    // That it was answered elsewhere, or is over, is told by events.
    else if (error.name !== 'call_ended' && error.name !== 'already_accepted') toast(errorWords(error));
    this.listener.changed();
  }

  private withoutDevices(call: Call, error: JsapiError): void {
    if (standingOf(call) === 'incoming') return void this.problems.set(call, error);
    ask('You are not in the call', errorWords(error), [
      { text: 'Listen only', icon: 'speaker', primary: true, chosen: () => this.listenOnly(call) },
    ]);
  }

  // Devices are opened while the others ring already (jsapi MED-3).
  private explain(call: Call, contact: string, video: boolean): void {
    const { error } = call;
    if (!error || !kDeviceErrors.includes(error.name)) return;
    this.left.add(call);
    const again = { text: 'Try again', primary: true, chosen: () => this.open(contact, video) };
    const voice = { text: 'Call without camera', chosen: () => this.open(contact, false) };
    ask(`${this.book.nameOf(contact)} was not called`, errorWords(error), video ? [again, voice] : [again]);
  }

  private run(action: Promise<void>): Promise<void> {
    return action
      .catch((error: JsapiError) => {
        if (error.name !== 'call_ended') toast(errorWords(error));
      })
      .finally(() => this.listener.changed());
  }
}
