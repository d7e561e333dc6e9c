import yaml from '../../../spec/asyncapi.yaml?raw';
import { AsyncApi } from './async_api.js';

/** spec/asyncapi.yaml as it stands. */
export const kDocument = yaml;

/** The same, to hold frames against. */
export const asyncApi = new AsyncApi(yaml);
