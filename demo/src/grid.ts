import { h } from './dom';
import type { Tile } from './tile';

const kGap = 12;

/** Number of columns and the width that make `count` tiles as large as a box allows. */
export function bestLayout(count: number, width: number, height: number): { columns: number; tileWidth: number } {
  // Upright boxes, as on phones, take nearly square tiles: wide ones would leave most of the height empty.
  const aspect = width < height ? 4 / 3 : 16 / 9;
  let best = { columns: 1, tileWidth: 0 };
  for (let columns = 1; columns <= count; ++columns) {
    const rows = Math.ceil(count / columns);
    const byWidth = (width - kGap * (columns - 1)) / columns;
    const byHeight = ((height - kGap * (rows - 1)) / rows) * aspect;
    const tileWidth = Math.floor(Math.min(byWidth, byHeight));
    if (tileWidth > best.tileWidth) best = { columns, tileWidth };
  }
  return best;
}

/** Everybody's tiles, as large as the page allows; shared screens get a stage of their own. */
export class Grid {
  readonly element: HTMLElement;
  private readonly stage = h('div', { class: 'stage' });
  private readonly people = h('div', { class: 'people' });
  private readonly tiles = new Map<string, Tile>();
  private readonly resized = new ResizeObserver(() => this.layOut());
  private readonly timer = setInterval(() => this.refresh(), 1_000);

  constructor() {
    this.element = h('div', { class: 'grid' }, this.stage, this.people);
    this.resized.observe(this.element);
  }

  add(id: string, tile: Tile): Tile {
    this.remove(id);
    this.tiles.set(id, tile);
    (tile.content.screen ? this.stage : this.people).append(tile.element);
    this.layOut();
    tile.video.addEventListener('loadeddata', () => tile.refresh());
    return tile;
  }

  get(id: string): Tile | undefined {
    return this.tiles.get(id);
  }

  remove(id: string): void {
    this.tiles.get(id)?.element.remove();
    this.tiles.delete(id);
    this.layOut();
  }

  /** Looks at each tile again: who has a picture now? */
  refresh(): void {
    for (const tile of this.tiles.values()) tile.refresh();
  }

  close(): void {
    clearInterval(this.timer);
    this.resized.disconnect();
  }

  private layOut(): void {
    const screens = [...this.tiles.values()].filter(({ content }) => content.screen).length;
    this.element.classList.toggle('presenting', screens > 0);
    const { columns, tileWidth } = bestLayout(
      this.tiles.size - screens,
      this.element.clientWidth,
      this.element.clientHeight,
    );
    this.people.style.setProperty('--columns', String(columns));
    this.people.style.setProperty('--tile-width', `${tileWidth}px`);
    this.people.classList.toggle('upright', this.element.clientWidth < this.element.clientHeight);
  }
}
