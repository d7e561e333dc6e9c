export { Emitter, type Listener } from './emitter';
export { CrosspointError, type ErrorCode, type RefusalCode } from './errors';
