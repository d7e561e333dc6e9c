import { expect, test } from '../lib/fixtures.js';

const kText = 'text:received';

test('A4, A58: texts and a call in one chain reach every device, and are its history', async ({ stage }) => {
  const server = await stage.server();
  const ann = await stage.person(server, 'ann', 'ann');
  const tablet = await stage.person(server, 'tablet', 'ann');
  const bob = await stage.person(server, 'bob', 'bob');

  const first = await ann.write(['bob'], 'Lunch?');
  expect(first.chainId).toBe(first.id);
  for (const device of [tablet, bob]) {
    const { args } = await device.hasNews(kText);
    expect(args).toEqual([{ id: first.id, sender: 'ann', text: 'Lunch?', version: 1 }]);
  }
  const second = await bob.write(['ann'], 'When?', first.chainId);
  for (const device of [ann, tablet])
    await device.hasNews(kText, ({ args: [text] }) => (text as { id: string }).id === second.id);

  const call = await bob.call(['ann'], { audio: true }, first.chainId);
  await ann.isCalled();
  expect((await bob.sees(call)).chainId).toBe(first.chainId);
  await ann.does('reject', call);
  await bob.hasNews('call:end', ({ args }) => args[1] === 'rejected');

  await ann.rewrite(first.chainId, first.id, 'Lunch at noon?');
  for (const device of [ann, tablet, bob])
    expect((await device.hasNews('text:edited')).args).toEqual([
      { id: first.id, sender: 'ann', text: 'Lunch at noon?', version: 2 },
    ]);
  await bob.rewrite(first.chainId, second.id);
  for (const device of [ann, tablet, bob]) expect((await device.hasNews('text:removed')).args).toEqual([second.id]);

  for (const device of [ann, tablet, bob])
    expect(await device.history(first.chainId)).toEqual([
      { kind: 'text', id: first.id, sender: 'ann', text: 'Lunch at noon?', version: 2 },
      { kind: 'text', id: second.id, sender: 'bob', text: '', version: 2 },
      { kind: 'call', id: call, endReason: 'rejected' },
    ]);
  const told = async (device: typeof ann) => (await device.news()).filter(({ name }) => name === kText).length;
  expect(await Promise.all([ann, tablet, bob].map(told))).toEqual([1, 2, 1]);
});

test('A23: who was not there is told of texts and missed calls once, each device for itself', async ({ stage }) => {
  const server = await stage.server();
  const ann = await stage.person(server, 'ann', 'ann');
  await stage.credentials(server, 'bob');
  await ann.write(['bob'], 'Are you there?');
  const call = await ann.call(['bob'], { audio: true });
  await ann.does('hangup', call);
  await ann.seesThat('it is over', call, ({ endReason }) => endReason === 'cancelled');
  for (const name of ['phone', 'laptop']) {
    const bob = await stage.person(server, name, 'bob');
    await bob.hasNews(kText);
    await bob.hasNews('call:missed');
    const texts = (await bob.news()).filter(({ name }) => name === kText || name.startsWith('call:'));
    expect(texts.map(({ name }) => name)).toEqual([kText, 'call:missed']);
  }
});
