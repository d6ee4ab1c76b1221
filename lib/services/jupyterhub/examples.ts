import { endpoint, externalPostgresql, externalS3 } from '../../endpoints';
import { type ExampleContext, examplesOf } from '../../kubernetes';
import { accelerator, hostTarget, secret, sharedVolume } from '../../site';
import { choice, environment, option, size } from './choices';
import { JupyterHub } from './jupyterhub';
import { cilogon, dummy, github, ldap, native, oidc } from './login';
import type { JupyterHubProps } from './props';
import { hubService } from './services';

/** Something that is no service of the library, and needs everything that an endpoint may ask of a notebook. */
const scanner = ({ otherNamespace }: ExampleContext) =>
  endpoint({
    name: 'scanner',
    variables: { SCANNER: '192.0.2.90' },
    mounts: { '/etc/scanner': { volume: 'scanner', files: { 'settings.json': '{}\n' } } },
    reach: [hostTarget('192.0.2.90', 443)],
    rights: [
      { rules: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get'] }] },
      { namespace: otherNamespace, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] },
    ],
  });

const environments = ({ core, users, shared, accelerators: [, , small] }: ExampleContext) => [
  environment('python', { title: 'Python', env: { TEMPLATE: '{braces}', TOKEN: secret('notebook-token') } }),
  environment('heavy', {
    description: 'Everything that is installed',
    image: 'registry.example.org/heavy:1.2',
    groups: ['analysis'],
    on: core,
    volumes: [sharedVolume('scratch', { at: '/scratch', from: { size: '1TiB', storageClass: shared }, writable: true })],
    uses: [endpoint({ name: 'catalogue', variables: { CATALOGUE: 'https://192.0.2.91' }, reach: [hostTarget('192.0.2.91', 443)] })],
    share: { servers: 3, oversubscribe: true },
    sizes: [size('huge', { cpu: 16, memory: '64GiB', on: [core, users], cull: { after: '30m' } })],
  }),
  environment('slice', {
    accelerator: small,
    share: { servers: 4, accelerators: 4 },
    cull: { after: '15m' },
    sizes: [size('with', { cpu: 2, memory: '8GiB' }), size('without', { cpu: 1, memory: '2GiB', accelerator: 'none' })],
    options: [],
  }),
];

const options = ({ users }: ExampleContext) => [
  option('card', {
    title: 'Accelerator',
    choices: [
      choice('none'),
      choice('one', {
        groups: ['analysis'],
        image: 'registry.example.org/card:1',
        accelerator: accelerator('example.com/card', {
          labels: { 'example.com/card': 'yes' },
          taints: [{ key: 'example.com/card', effect: 'NoSchedule' }],
          env: { CARDS: 'all' },
          on: users,
          title: 'a card',
        }),
        cull: { after: '15m' },
      }),
      choice('more', {
        title: 'More cores',
        resources: { cpu: 4, cpuLimit: 8, memory: '8GiB', disk: '10GiB' },
        env: { CORES: '4' },
        volumes: [sharedVolume('results', { at: '/results', from: { claim: 'results' } })],
        on: users,
      }),
    ],
  }),
];

const small = { environments: [environment('python')], sizes: [size('only', { cpu: 1, memory: '2GiB' })] };

export const examples = examplesOf<JupyterHubProps>(
  JupyterHub,
  {
    id: 'jupyterhub',
    on: 'provisioned',
    order: 2,
    props: (context) => ({
      site: context.site,
      namespace: 'notebooks',
      patch: [
        { object: 'Service/jupyterhub-hub', operations: [{ op: 'add', path: '/metadata/annotations', value: { team: 'analysis' } }] },
      ],
      on: context.core,
      notebooksOn: context.users,
      host: 'jupyter.example.org',
      tls: { secret: 'wildcard-tls' },
      login: oidc({
        issuer: context.issuer,
        client: 'hub',
        clientSecret: secret('iam-client', 'secret'),
        title: 'IAM',
        scopes: ['openid', 'email'],
        allowedGroups: ['analysis'],
        allowedUsers: ['alice'],
        admins: ['root'],
        adminGroups: ['admins'],
        groupsClaim: 'wlcg.groups',
        usernameClaim: 'email',
        keepTokens: true,
      }),
      environments: environments(context),
      options: options(context),
      volumes: [sharedVolume('software', { at: '/software', from: { claim: 'software' }, subPath: 'stable' })],
      namedServers: 2,
      pullImages: true,
      placeholders: { count: 2, size: { cpu: 1, memory: '2GiB', accelerator: context.accelerators[2] } },
      services: [
        hubService('booking', {
          scopes: ['list:users', 'read:servers!group=analysis'],
          token: secret('booking', 'token'),
          from: context.monitoring,
        }),
        hubService('accounting', { scopes: ['list:users'] }),
      ],
      metrics: { from: context.monitoring, access: 'token' },
      texts: { announcement: 'Down on Monday', login: 'Welcome', spawn: 'Choose', home: 'Yours', size: 'How large' },
      sizes: [
        size('small', { cpu: '500m', cpuLimit: 2, memory: '2GiB' }),
        size('large', {
          title: 'Large',
          cpu: 8,
          memory: '32GiB',
          disk: '20GiB',
          groups: ['analysis'],
          image: 'registry.example.org/large:1',
          env: { SIZE: 'large' },
          volumes: [sharedVolume('scratch-large', { at: '/large', from: { claim: 'large' } })],
        }),
      ],
      home: { size: '20GiB', storageClass: context.volumes, deleteWithUser: true },
      accounts: {
        uid: 1001,
        gid: 1002,
        supplementalGroups: [2000],
        users: { alice: { uid: 3001 } },
        groups: { analysis: { gid: 7000, supplementalGroups: [7001] } },
      },
      uses: [...context.endpoints, scanner(context)],
      env: { LATEX: '\\frac{a}{b}', KEY: secret('notebook-key') },
      internet: false,
      reach: [{ peer: { kind: 'addresses', cidrs: ['192.0.2.77/32'] }, port: 27000 }],
      activeServers: 10,
      concurrentStarts: 8,
      startTimeout: '3m',
      cull: { after: '2h', every: '5m', oldest: '7d', kernels: { after: '30m', every: '1m', connected: true } },
      database: { size: '3GiB', storageClass: context.volumes },
      hub: { cpu: 1, memory: '2GiB' },
      proxy: { cpu: 2, memory: '1GiB' },
      settings: { JupyterHub: { admin_access: false } },
    }),
  },
  {
    id: 'hub',
    on: 'existing',
    order: 2,
    props: ({ core, endpoints }) => ({
      ...small,
      on: core,
      host: 'hub.example.org',
      login: dummy({ allowAll: true }),
      home: 'none',
      internet: false,
      reach: [{ peer: { kind: 'addresses', cidrs: ['192.0.2.77/32'] }, port: 27000 }],
      cull: 'never',
      uses: endpoints,
    }),
  },
  {
    id: 'teaching',
    on: 'existing',
    props: ({ core }) => ({
      on: core,
      host: 'teaching.example.org',
      login: native({
        allowAll: true,
        admins: ['root'],
        groups: { course: ['ada'] },
        openSignup: true,
        passwordLength: 10,
        failedLogins: 3,
      }),
      environments: [environment('python')],
      sizes: [size('only', { cpu: 1, memory: '2GiB', groups: ['course'] })],
      home: { shared: { size: '100GiB' }, subPath: 'teaching/{username}' },
      database: {
        url: secret('teaching-db', 'url'),
        reach: { peer: { kind: 'pods', namespace: 'db', labels: { app: 'postgres' } }, port: 5432 },
        upgrade: false,
      },
      metrics: { from: { kind: 'pods', namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'prometheus' } }, access: 'open' },
      activeServers: 2,
    }),
  },
  {
    id: 'outreach',
    on: 'existing',
    props: ({ core }) => ({
      ...small,
      on: core,
      host: 'outreach.example.org',
      login: github({ client: 'outreach', allowedOrganizations: ['lab'], allowedGroups: ['lab:students'] }),
      activeServers: 2,
    }),
  },
  {
    id: 'institute',
    on: 'existing',
    props: ({ core }) => ({
      ...small,
      on: core,
      host: 'institute.example.org',
      login: github({
        client: 'institute',
        clientSecret: secret('institute', 'secret'),
        url: 'https://git.example.org',
        cidrs: ['203.0.113.32/28'],
        allowedUsers: ['ada'],
        adminGroups: ['lab:staff'],
      }),
      activeServers: 2,
    }),
  },
  {
    id: 'directory',
    on: 'existing',
    props: ({ core }) => ({
      ...small,
      on: core,
      host: 'directory.example.org',
      login: ldap({
        server: 'ldap.example.org',
        port: 636,
        cidrs: ['203.0.113.48/28'],
        tls: 'on-connect',
        userNames: ['uid={username},ou=people,dc=example,dc=org'],
        allowedGroups: ['cn=analysis,ou=groups,dc=example,dc=org'],
        searchBase: 'ou=people,dc=example,dc=org',
        userAttribute: 'uid',
        groups: { course: ['ada'] },
      }),
      database: externalPostgresql({ host: '192.0.2.92', database: 'hub', user: 'hub', password: secret('directory-db', 'password') }),
      activeServers: 2,
    }),
  },
  {
    id: 'federation',
    on: 'existing',
    props: ({ core }) => ({
      ...small,
      on: core,
      host: 'federation.example.org',
      login: cilogon({
        client: 'federation',
        institutions: ['https://idp.example.edu/shibboleth'],
        cidrs: ['203.0.113.64/28'],
        allowedGroups: ['analysis'],
      }),
      uses: [
        externalS3({
          url: 'https://s3.example.org',
          accessKey: secret('s3', 'access'),
          secretKey: secret('s3', 'secret'),
          cidrs: ['192.0.2.128/25'],
        }),
      ],
      activeServers: 2,
    }),
  },
  {
    id: 'hub',
    on: 'newest',
    order: 2,
    props: ({ core, endpoints }) => ({
      ...small,
      on: core,
      host: 'hub.example.org',
      login: dummy({ allowAll: true }),
      home: 'none',
      placeholders: { count: 1, size: { cpu: 1, memory: '2GiB', on: core } },
      uses: endpoints,
    }),
  },
);
