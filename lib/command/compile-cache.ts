import * as nodeModule from 'node:module';

/**
 * Enables the compile cache of Node.js 22.1 and later: modules that are loaded after this one load in about half of the time.
 * `NODE_DISABLE_COMPILE_CACHE=1` disables it, `NODE_COMPILE_CACHE` sets its folder.
 *
 * @see https://nodejs.org/api/module.html#moduleenablecompilecachecachedir
 */
(nodeModule as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();
