import type { Service } from '../../kubernetes';
import { CinderCsi } from './cinder-csi';
import { cinderCsi } from './description';
import type { CinderCsiProps } from './props';

declare module '../../kubernetes/service' {
  interface ImpliedProps {
    /** Props of the Cinder CSI driver, which is installed automatically if the site has `cinder()` classes. @default - the defaults of `CinderCsi` */
    readonly cinderCsi?: CinderCsiProps;
  }
}

/** Installed automatically in facilities whose site needs it. */
export const cinderCsiService: Service = {
  description: cinderCsi,
  examples: () => (require('./examples') as typeof import('./examples')).examples,
  implied: {
    id: 'cinder-csi',
    prop: 'cinderCsi',
    isNeeded: (site) => site.cloud !== undefined && site.storageClasses.some(({ kind }) => kind === 'cinder'),
    place: (scope, id, { cinderCsi }) => void new CinderCsi(scope, id, cinderCsi),
  },
};
