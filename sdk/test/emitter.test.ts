import { describe, expect, it, vi } from 'vitest';
import { Emitter, Signals } from '../src/emitter.js';

interface Events {
  ring: number;
  hang: string;
}

describe('Emitter', () => {
  it('calls listeners in order until they are removed', () => {
    const emitter = new Emitter<Events>();
    const heard: string[] = [];
    const off = emitter.on('ring', (n) => heard.push(`a${n}`));
    emitter.on('ring', (n) => heard.push(`b${n}`));
    emitter.emit('ring', 1);
    off();
    off();
    emitter.emit('ring', 2);
    expect(heard).toEqual(['a1', 'b1', 'b2']);
  });

  it('calls a once listener once', () => {
    const emitter = new Emitter<Events>();
    const heard = vi.fn();
    emitter.once('hang', heard);
    emitter.emit('hang', 'up');
    emitter.emit('hang', 'again');
    expect(heard).toHaveBeenCalledExactlyOnceWith('up');
    expect(emitter.count()).toBe(0);
  });

  it('goes on after a listener that throws', () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const emitter = new Emitter<Events>();
    const heard = vi.fn();
    emitter.on('ring', () => {
      throw new Error('broken listener');
    });
    emitter.on('ring', heard);
    emitter.emit('ring', 3);
    expect(heard).toHaveBeenCalledWith(3);
    expect(report).toHaveBeenCalledOnce();
    report.mockRestore();
  });
});

describe('Signals', () => {
  it('gives listeners as many arguments as the event has, and none to those that are gone', () => {
    const signals = new Signals<{ moved: [from: string, to: number]; quiet: [] }>();
    const heard = vi.fn();
    const once = vi.fn();
    signals.on('moved', heard);
    signals.on('quiet', heard);
    signals.once('moved', once);
    signals.emit('moved', 'a', 1);
    signals.emit('quiet');
    signals.off('quiet', heard);
    signals.emit('quiet');
    signals.emit('moved', 'b', 2);
    expect(heard.mock.calls).toEqual([['a', 1], [], ['b', 2]]);
    expect(once).toHaveBeenCalledExactlyOnceWith('a', 1);
    expect(signals.count()).toBe(1);
  });
});
