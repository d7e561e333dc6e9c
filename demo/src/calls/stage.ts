import type { Call, Participant } from '@crosspoint/client';
import { h, refill } from '../dom';
import { Grid } from '../grid';
import { Tile } from '../tile';
import type { Actions } from './actions';
import type { Book } from './book';
import { pickPerson } from './dialog';
import { participantList } from './participant_list';
import { roleChip } from './role_chip';
import { StageControls } from './stage_controls';
import { othersIn, standingOf, type Standing } from './standing';
import { callWords, capitalized, kindWords, kParticipantWords } from './words';

const kPresent = ['inviting', 'ringing', 'active', 'reconnecting'];
const kRenders = 'renders';

/** What the stage tells the page. */
export interface StageListener {
  /** Back to the conversation; the call goes on. */
  left(): void;
}

/** One call, as the connection that `here` tells has it: everybody's picture, what this device is in it, and what can be done. */
export class Stage {
  readonly element: HTMLElement;
  private readonly grid = new Grid();
  private readonly head = h('header', { class: 'stage-head' });
  private readonly cover = h('div', { class: 'stage-cover', role: 'status' });
  private readonly people = h('aside', { class: 'stage-people card', 'aria-label': 'In this call', hidden: true });
  private readonly controls: StageControls;
  private readonly tiles = new Map<string, Tile>();

  constructor(
    readonly call: Call,
    private readonly here: () => string | undefined,
    private readonly book: Book,
    private readonly actions: Actions,
    listener: StageListener,
  ) {
    this.controls = new StageControls(call, actions, {
      left: listener.left,
      addPerson: () => this.addPerson(),
      people: () => this.togglePeople(),
    });
    this.element = h(
      'section',
      { class: 'stage-view', 'aria-label': `Call with ${book.namesOf(othersIn(call))}` },
      this.head,
      h('div', { class: 'stage-body' }, this.grid.element, this.cover, this.people),
      this.controls.element,
    );
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      if (this.people.hidden) listener.left();
      else this.togglePeople();
    });
  }

  update(): void {
    const { call } = this;
    const standing = standingOf(call);
    const key = [
      othersIn(call),
      callWords(call),
      call.answeredAt,
      call.role,
      call.connectionState,
      call.options,
      standing,
    ];
    refill(this.head, key, () => this.headParts(standing));
    refill(this.cover, [standing, call.pendingAction, this.book.namesOf(this.holders())], () =>
      this.coverParts(standing),
    );
    this.cover.hidden = this.cover.childElementCount === 0;
    this.cover.parentElement?.classList.toggle('covered', standing !== 'current');
    this.updateTiles(standing);
    this.updatePeople();
    this.controls.update(standing);
  }

  /** Moves the focus to its beginning, for those who cannot see the change. */
  focus(): void {
    this.head.querySelector('h1')?.focus({ preventScroll: true });
  }

  /** Takes it from the page, for good. */
  close(): void {
    this.controls.close();
    this.grid.close();
    this.element.remove();
  }

  private headParts(standing: Standing): HTMLElement[] {
    const { call } = this;
    const words = callWords(call) || (standing === 'held' ? 'On hold' : '');
    return [
      h('h1', { tabindex: -1, 'data-key': 'title' }, this.book.namesOf(othersIn(call))),
      h(
        'span',
        { class: 'muted stage-state' },
        words || capitalized(kindWords(call.options)),
        call.answeredAt ? h('span', { class: 'call-clock', 'data-since': call.answeredAt }) : null,
      ),
      h('span', { class: 'spacer' }),
      roleChip(call),
    ];
  }

  private coverParts(standing: Standing): HTMLElement[] {
    const { call, actions } = this;
    const card = (title: string, text: string, button: string, action: () => void) => [
      h('strong', {}, title),
      h('span', { class: 'muted' }, text),
      h('button', { class: 'button primary', type: 'button', onclick: action, 'data-key': 'cover' }, button),
    ];
    if (call.pendingAction) return [h('span', { class: 'spinner' }), h('span', {}, 'One moment…')];
    switch (standing) {
      case 'held':
        return card('On hold', 'Nobody hears or sees you.', 'Resume', () => actions.resume(call));
      case 'elsewhere':
        return card(
          'On another of your devices',
          'The others stay; they will only see that you have moved.',
          'Move the call here',
          () => actions.activate(call),
        );
      case 'aside':
        return card('You are not in this call', 'It goes on without you.', 'Join', () =>
          actions.accept(call, { audio: true, video: false }),
        );
      case 'current':
      case 'incoming': {
        const holders = this.holders();
        const has = holders.length > 1 ? 'have' : 'has';
        return holders.length > 0 ? [h('span', {}, `${this.book.namesOf(holders)} ${has} put the call on hold`)] : [];
      }
    }
  }

  private holders(): string[] {
    return this.call.participants.filter(({ held, isMe }) => held && !isMe).map(({ id }) => id);
  }

  private updateTiles(standing: Standing): void {
    const active = standing === 'current' || standing === 'held';
    const shown = this.call.participants.filter(({ state, isMe }) => (isMe ? active : kPresent.includes(state)));
    for (const id of [...this.tiles.keys()]) {
      if (shown.some((participant) => participant.id === id)) continue;
      this.grid.remove(id);
      this.tiles.delete(id);
    }
    for (const participant of shown)
      this.updateTile(participant, this.tiles.get(participant.id) ?? this.newTile(participant));
  }

  private newTile(participant: Participant): Tile {
    const video = participant.render({ containerId: kRenders });
    const tile = new Tile({ name: this.book.nameOf(participant.id), own: participant.isMe, video });
    this.tiles.set(participant.id, tile);
    return this.grid.add(participant.id, tile);
  }

  private updateTile({ id, state, media, held, isMe, mediaState }: Participant, tile: Tile): void {
    tile.rename(this.book.nameOf(id));
    const isIn = state === 'active' || state === 'reconnecting';
    tile.setMuted(isIn && this.call.state === 'active' && !media.audio);
    const waits =
      state === 'active' && ['connecting', 'reconnecting'].includes(mediaState) && this.call.state === 'active';
    const word = held ? 'on hold' : waits ? 'connecting…' : '';
    tile.setNote(state === 'active' ? word : kParticipantWords[state].toLowerCase());
    tile.element.classList.toggle('waiting', !isIn && !isMe);
    tile.refresh();
  }

  private updatePeople(): void {
    const { call, here } = this;
    const key = call.participants.map(({ id, state, held, media, connections }) => [
      id,
      state,
      held,
      media,
      connections,
    ]);
    refill(this.people, key, () => participantList(call, here(), this.book, this.actions));
  }

  private togglePeople(): void {
    this.people.hidden = !this.people.hidden;
    this.controls.setPeopleOpen(!this.people.hidden);
  }

  private addPerson(): void {
    const here = this.call.participants.filter(({ state }) => kPresent.includes(state)).map(({ id }) => id);
    const others = this.book.others.filter(({ profileId }) => !here.includes(profileId));
    pickPerson('Add to the call', others, ({ profileId }) => this.actions.invite(this.call, profileId));
  }
}
