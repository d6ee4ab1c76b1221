/** The model: plain values that describe a site, and their laws. */
export * from './accelerator';
export * from './address';
export * from './cloud-conf';
export * from './cluster';
export * from './define-pool';
export * from './define-site';
export * from './exposure';
export * from './gpu';
export * from './images';
export * from './name';
export * from './node-pool';
export * from './openstack';
export * from './quantity';
export * from './secret';
export * from './site';
export * from './storage';
export * from './target';
