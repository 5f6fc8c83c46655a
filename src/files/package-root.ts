import { fileURLToPath } from 'node:url';

/**
 * The folder of the package, with `firmware/` and `templates/` in it. This file lies two levels below it, in src as
 * in dist.
 */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));
