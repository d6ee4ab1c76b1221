/** Endpoints: what services offer to others, and what a client needs in order to use it. */
export * from './binding';
export * from './conflicts';
export * from './endpoint';
export * from './http';
export { endpointForeign } from './messages';
export * from './oidc';
export * from './postgresql';
export * from './prefixed';
export * from './s3';
