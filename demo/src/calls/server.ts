import { answer, post } from '../api';

/** What it takes to connect as somebody. */
export interface Ticket {
  token: string;
  appId: string;
  userId: string;
  profileId: string;
}

/** Somebody who can be called and written to. */
export interface Person {
  name: string;
  profileId: string;
}

/** Longest name of a person that the server takes. */
export const kLongestPerson = 30;

/** A token of the person with this name, who is made if there is none. Rejects with a message for people. */
export function signIn(name: string): Promise<Ticket> {
  return answer(post('/demo/people/tokens', { name }));
}

/** Everybody. */
export function listPeople(): Promise<Person[]> {
  return answer(fetch('/demo/people'));
}

/** Address of the socket of JSAPI. */
export function socketUrl(): string {
  return `${location.origin.replace(/^http/, 'ws')}/jsapi/v1`;
}
