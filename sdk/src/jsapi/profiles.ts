import type { OwnProfile } from './messages.js';

/** The user's own profiles: an array that finds by id too. */
export class ProfileList extends Array<OwnProfile> {
  // What `filter` and `map` make is a plain array.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** The one at this place, from 0. */
  getAt(index: number): OwnProfile | undefined {
    return this[index];
  }

  /** The one with this id. */
  get(id: string): OwnProfile | undefined {
    return this.find((profile) => profile.id === id);
  }

  /** Replaces the profile of the same id. */
  update(profile: OwnProfile): void {
    const index = this.findIndex(({ id }) => id === profile.id);
    if (index >= 0) this[index] = profile;
  }
}

/** A list of these. */
export function profileList(profiles: OwnProfile[]): ProfileList {
  const list = new ProfileList();
  list.push(...profiles);
  return list;
}
