import type { Service } from '../../kubernetes';
import { CinderCsi } from './cinder-csi';
import { cinderCsi } from './description';
import type { CinderCsiProps } from './props';

declare module '../../kubernetes/service' {
  interface ImpliedProps {
    /** Props of the storage driver, which a site with `cinder()` classes gets by itself. @default - as `CinderCsi` is by itself */
    readonly cinderCsi?: CinderCsiProps;
  }
}

/** Installed by the facility of every site that needs it. */
export const cinderCsiService: Service = {
  description: cinderCsi,
  implied: {
    id: 'cinder-csi',
    prop: 'cinderCsi',
    isNeeded: (site) => site.cloud !== undefined && site.storageClasses.some(({ kind }) => kind === 'cinder'),
    place: (scope, id, { cinderCsi }) => void new CinderCsi(scope, id, cinderCsi),
  },
};
