import { expect } from '@playwright/test';
import type { Stage } from './fixtures.js';
import { People } from './people.js';
import type { Person } from './person.js';
import type { Server } from './server.js';
import { pause, until } from './until.js';

/** Kills the server so many milliseconds after what a story has begun, and starts it again. */
export interface Moment {
  afterMs: number;
}

/** A story in which the server is killed once. Returns how many seconds after the kill everything was as it should be. */
export type KilledStory = (stage: Stage, moment: Moment) => Promise<number>;

class Scene {
  private killedAt = 0;

  private constructor(
    readonly server: Server,
    readonly ann: Person,
    readonly bob: Person,
    /** Bob's other device. */
    readonly tablet: Person,
    private readonly moment: Moment,
  ) {}

  static async begin(stage: Stage, moment: Moment): Promise<Scene> {
    const server = await stage.server();
    const ann = await stage.person(server, 'ann', 'ann');
    const bob = await stage.person(server, 'bob', 'bob');
    const tablet = await stage.person(server, 'tablet', 'bob');
    return new Scene(server, ann, bob, tablet, moment);
  }

  async ring(): Promise<string> {
    const call = await this.ann.call(['bob']);
    await this.ann.seesThat('both ring', call, ({ participants }) => {
      return participants.bob!.ringingConnectionIds.length === 2;
    });
    return call;
  }

  async talk(): Promise<string> {
    const call = await this.ring();
    await this.bob.does('accept', call);
    await this.seeEachOther(call, this.bob);
    return call;
  }

  /** Ann, and Bob on this device. */
  async seeEachOther(call: string, bob: Person): Promise<void> {
    const ways = [
      [this.ann, bob],
      [bob, this.ann],
    ] as const;
    await Promise.all(ways.map(([one, other]) => one.decodes(call, other.profile, 10, 30)));
  }

  async kill(): Promise<void> {
    await pause(this.moment.afterMs);
    this.killedAt = Date.now();
    await this.server.kill();
    await this.server.run();
  }

  async everybodyIsBack(): Promise<void> {
    for (const one of [this.ann, this.bob, this.tablet])
      await one.hasNews('reconnected', ({ at }) => at > this.killedAt, 20);
  }

  get secondsSinceKill(): number {
    return (Date.now() - this.killedAt) / 1000;
  }

  /** Nobody was told that the call is over, or that anybody left it. */
  async nobodyLeft(call: string): Promise<void> {
    const bad = ['end', 'hangup', 'dropped', 'rejected', 'failed', 'ringing_timeout', 'init_timeout'];
    for (const one of [this.ann, this.bob, this.tablet])
      expect((await one.story(call)).filter((news) => bad.includes(news.split(' ')[0]!))).toEqual([]);
  }

  async received(person: Person): Promise<number> {
    return (await person.news()).filter(({ name }) => name === 'call:received').length;
  }
}

async function ringing(stage: Stage, moment: Moment): Promise<number> {
  const scene = await Scene.begin(stage, moment);
  const { ann, bob, tablet } = scene;
  const call = await scene.ring();
  await scene.kill();
  await scene.everybodyIsBack();
  for (const one of [ann, bob, tablet]) await one.seesThat('it rings', call, ({ state }) => state === 'ringing');
  const seconds = scene.secondsSinceKill;
  // It goes on ringing; it does not ring again.
  for (const one of [bob, tablet]) expect(await scene.received(one)).toBe(1);
  await bob.does('accept', call);
  await scene.seeEachOther(call, bob);
  await tablet.seesThat('it was answered elsewhere', call, ({ role }) => role === 'passive receiver');
  await scene.nobodyLeft(call);
  return seconds;
}

async function answered(stage: Stage, moment: Moment): Promise<number> {
  const scene = await Scene.begin(stage, moment);
  const { ann, bob } = scene;
  const call = await scene.talk();
  await scene.kill();
  await scene.everybodyIsBack();
  await scene.seeEachOther(call, bob);
  const seconds = scene.secondsSinceKill;
  await scene.nobodyLeft(call);
  for (const one of [ann, bob])
    await one.seesThat('both are in', call, ({ participants: { ann: her, bob: him } }) => {
      return (
        `${her!.state} ${her!.mediaState} ${him!.state} ${him!.mediaState}` === 'active connected active connected'
      );
    });
  await ann.does('hangup', call);
  await bob.hasNews('call:end', ({ args }) => args[1] === 'hangup');
  return seconds;
}

async function crossing(stage: Stage, moment: Moment): Promise<number> {
  const scene = await Scene.begin(stage, moment);
  const { ann, bob, server } = scene;
  const opened = Promise.all([ann.call(['bob']).catch(() => ''), bob.call(['ann']).catch(() => '')]);
  await scene.kill();
  await scene.everybodyIsBack();
  await opened;
  const [call] = await until('there is one call, and both are in it', 20, async () => {
    const calls = await new People(server).calls();
    return calls.length === 1 && calls.every(({ state }) => state === 'active') && calls;
  });
  await scene.seeEachOther(call!.id, bob);
  const seconds = scene.secondsSinceKill;
  for (const one of [ann, bob]) {
    expect((await one.sees(call!.id)).role).toMatch(/^active/);
    expect((await one.news()).filter(({ name }) => name === 'call:missed')).toEqual([]);
  }
  return seconds;
}

async function onHold(stage: Stage, moment: Moment): Promise<number> {
  const scene = await Scene.begin(stage, moment);
  const { ann, bob } = scene;
  const call = await scene.talk();
  await bob.does('hold', call);
  await scene.kill();
  await scene.everybodyIsBack();
  await ann.seesThat('Bob holds', call, ({ participants }) => {
    return participants.bob!.held && participants.bob!.state === 'active';
  });
  const seconds = scene.secondsSinceKill;
  await Promise.all([ann.seesNothingMore(call, 'bob'), bob.seesNothingMore(call, 'ann')]);
  await bob.does('resume', call);
  await scene.seeEachOther(call, bob);
  await scene.nobodyLeft(call);
  return seconds;
}

async function midHandoff(stage: Stage, moment: Moment): Promise<number> {
  const scene = await Scene.begin(stage, moment);
  const { bob, tablet } = scene;
  const call = await scene.talk();
  const moved = tablet.does('activate', call);
  await scene.kill();
  await scene.everybodyIsBack();
  await moved;
  await scene.seeEachOther(call, tablet);
  const seconds = scene.secondsSinceKill;
  await tablet.seesThat('it is active', call, ({ role }) => role === 'active receiver');
  await bob.seesThat('it is passive', call, ({ role, participants }) => {
    return role === 'passive receiver' && !participants.ann!.stream;
  });
  await scene.nobodyLeft(call);
  return seconds;
}

async function opening(stage: Stage, moment: Moment): Promise<number> {
  const scene = await Scene.begin(stage, moment);
  const { ann, bob } = scene;
  const opened = ann.call(['bob']);
  await scene.kill();
  await scene.everybodyIsBack();
  const call = await opened;
  await bob.hasNews('call:received', ({ args: [id] }) => id === call);
  const seconds = scene.secondsSinceKill;
  expect(await scene.received(bob)).toBe(1);
  await bob.does('accept', call);
  await scene.seeEachOther(call, bob);
  return seconds;
}

async function accepting(stage: Stage, moment: Moment): Promise<number> {
  const scene = await Scene.begin(stage, moment);
  const { bob, tablet } = scene;
  const call = await scene.ring();
  const accepted = bob.does('accept', call);
  await scene.kill();
  await scene.everybodyIsBack();
  await accepted;
  await scene.seeEachOther(call, bob);
  const seconds = scene.secondsSinceKill;
  await tablet.seesThat('it was answered elsewhere', call, ({ role }) => role === 'passive receiver');
  await scene.nobodyLeft(call);
  return seconds;
}

async function hangingUp(stage: Stage, moment: Moment): Promise<number> {
  const scene = await Scene.begin(stage, moment);
  const { ann, bob, tablet, server } = scene;
  const call = await scene.talk();
  const over = ann.does('hangup', call);
  await scene.kill();
  await scene.everybodyIsBack();
  await over;
  for (const one of [ann, bob, tablet]) await one.seesThat('it is over', call, ({ state }) => state === 'ended');
  const seconds = scene.secondsSinceKill;
  expect(await new People(server).calls()).toEqual([]);
  return seconds;
}

async function writing(stage: Stage, moment: Moment): Promise<number> {
  const scene = await Scene.begin(stage, moment);
  const { ann, bob, tablet } = scene;
  const { chainId } = await ann.write(['bob'], 'text 0');
  const texts = Array.from({ length: 30 }, (_, number) => `text ${number + 1}`);
  const written = Promise.all(texts.map((text) => ann.write(['bob'], text, chainId)));
  await scene.kill();
  await scene.everybodyIsBack();
  await written;
  const seconds = scene.secondsSinceKill;
  for (const one of [bob, tablet]) {
    await one.hasNews('text:received', ({ args: [text] }) => (text as { text: string }).text === texts.at(-1));
    const told = (await one.news()).filter(({ name }) => name === 'text:received');
    expect(told.map(({ args: [text] }) => (text as { text: string }).text)).toEqual(['text 0', ...texts]);
  }
  expect((await bob.history(chainId)).map(({ text }) => text)).toEqual(['text 0', ...texts]);
  return seconds;
}

/** By what goes on when the server is killed: the states that are promised. */
export const killedStories: Record<string, KilledStory> = {
  ringing,
  answered,
  crossing,
  'on hold': onHold,
  'mid-handoff': midHandoff,
};

/** More of them, in which somebody is in the middle of something. */
export const furtherKilledStories: Record<string, KilledStory> = {
  opening,
  accepting,
  'hanging up': hangingUp,
  writing,
};
