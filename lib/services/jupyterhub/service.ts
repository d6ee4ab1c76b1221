import { oidcIssuer } from '../../endpoints';
import type { Service } from '../../kubernetes';
import { environment, size } from './choices';
import { jupyterHub } from './description';
import { JupyterHub } from './jupyterhub';
import { oidc } from './login';

export const jupyterHubService: Service = {
  description: jupyterHub,
  example: (scope, { core, users }) =>
    new JupyterHub(scope, 'jupyterhub', {
      on: core,
      notebooksOn: users,
      host: 'jupyter.example.org',
      login: oidc({ issuer: oidcIssuer('https://iam.example.org/'), client: 'jupyterhub', allowedGroups: ['analysis'] }),
      environments: [environment('python')],
      sizes: [size('small', { cpu: 1, memory: '2GiB' })],
    }),
};
