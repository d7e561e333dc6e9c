import { describe, expect, it, vi } from 'vitest';
import { Emitter } from '../src/emitter.js';

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
