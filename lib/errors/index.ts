/** Every message the library can give, one file a room, and the way messages are collected and printed. */
export * from './check-props';
export * from './cluster';
export * from './command';
export * from './dask';
export * from './facility';
export * from './gpu';
export * from './infrastructure';
export * from './jupyterhub';
export * from './kubernetes';
export * from './minio';
export * from './nvidia';
export * from './problem';
export * from './props';
export * from './services';
export * from './site';
