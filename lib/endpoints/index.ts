/** Endpoints: services that others connect to, and what a client needs to use them. */
export * from './binding';
export * from './conflicts';
export * from './endpoint';
export * from './http';
export { endpointForeign } from './messages';
export * from './oidc';
export * from './postgresql';
export * from './prefixed';
export * from './s3';
