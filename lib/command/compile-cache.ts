import * as nodeModule from 'node:module';

/**
 * Keeps what V8 has compiled between runs, on Node 22.1 and later: modules that are loaded after this one then load in about half of
 * the time. `NODE_DISABLE_COMPILE_CACHE=1` turns it off, `NODE_COMPILE_CACHE` names the folder.
 *
 * @see https://nodejs.org/api/module.html#moduleenablecompilecachecachedir
 */
(nodeModule as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();
