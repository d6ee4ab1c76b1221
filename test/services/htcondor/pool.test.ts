import { type HTCondorPoolProps, hostNetwork } from '../../../lib/services/htcondor';
import { condorSite, filesOf, find, knobsOf, objectsOf, podOf, poolIn, workers } from '../../fixtures/htcondor';
import { mayConnect, type Party } from '../../fixtures/network';
import { briefly, type Manifest } from '../../fixtures/site';

const party = (part: string, namespace = 'htcondor'): Party => ({
  name: part,
  namespace,
  labels: { 'app.kubernetes.io/instance': `htcondor-${part}` },
});
const outside = (address: string): Party => ({ name: 'outside', address });
const containerOf = (pod: Manifest['spec']) => pod.containers[0];

describe('a small pool', () => {
  const { facility, pool } = poolIn();
  const parts = ['manager', 'access-ap', 'execute-worker'] as const;

  test('is a manager, an access point and execute nodes, each with a name of its own in DNS', () => {
    expect(briefly(facility.problems())).toEqual([]);
    const sets = objectsOf(facility).filter(({ kind }) => kind === 'StatefulSet');
    expect(sets.map(({ metadata, spec }) => [metadata.name, spec.replicas, spec.serviceName])).toEqual([
      ['htcondor-manager', 1, 'htcondor-manager'],
      ['htcondor-access-ap', 1, 'htcondor-access-ap'],
      ['htcondor-execute-worker', 2, 'htcondor-execute-worker'],
    ]);
    expect(pool.endpoint.collectors).toEqual(['htcondor-manager-0.htcondor-manager.htcondor.svc.cluster.local:9618']);
    expect(facility.output().summaryNotes).toEqual([
      {
        service: 'htcondor',
        text: 'pool pool.example at htcondor-manager-0.htcondor-manager.htcondor.svc.cluster.local:9618; submit to ap@pool.example; worker: 2 × 2 cores and 4GiB',
      },
    ]);
  });

  test('one domain is UID_DOMAIN and TRUST_DOMAIN of every role, and one value the address of the collector', () => {
    for (const part of parts)
      expect(knobsOf(facility, part)).toMatchObject({
        UID_DOMAIN: 'pool.example',
        TRUST_DOMAIN: 'pool.example',
        CONDOR_HOST: 'htcondor-manager-0.htcondor-manager.htcondor.svc.cluster.local',
        COLLECTOR_HOST: pool.endpoint.collectors[0],
      });
  });

  test('the port is one value: configuration, containerPort, Service and NetworkPolicy', () => {
    for (const part of parts) {
      expect(knobsOf(facility, part).SHARED_PORT_PORT).toBe('9618');
      expect(containerOf(podOf(facility, part)).ports).toEqual([{ name: 'condor', containerPort: 9618, protocol: 'TCP' }]);
      expect(find(facility, 'Service', `htcondor-${part}`).spec.ports[0].port).toBe(9618);
    }
    const objects = objectsOf(facility);
    const open = parts.flatMap((from) =>
      parts.filter((to) => mayConnect(objects, party(from), party(to), 9618)).map((to) => `${from} ${to}`),
    );
    expect(open).toEqual([
      'manager manager',
      'manager access-ap',
      'access-ap manager',
      'access-ap execute-worker',
      'execute-worker manager',
      'execute-worker access-ap',
    ]);
    expect(mayConnect(objects, party('other'), party('manager'), 9618)).toBe(false);
    expect(mayConnect(objects, party('execute-worker'), outside('198.51.100.9'), 443)).toBe(false);
  });

  test('each role has the daemons of its own', () => {
    expect(parts.map((part) => knobsOf(facility, part).DAEMON_LIST)).toEqual([
      'MASTER, COLLECTOR, NEGOTIATOR',
      'MASTER, SCHEDD',
      'MASTER, STARTD',
    ]);
    expect(knobsOf(facility, 'access-ap').SCHEDD_NAME).toBe('ap@pool.example');
  });

  test('only the managers decide who is part of the pool, by identities without wildcards', () => {
    const { ALLOW_ADVERTISE_MASTER, ALLOW_ADVERTISE_SCHEDD, ALLOW_ADVERTISE_STARTD, ALLOW_DAEMON, ALLOW_WRITE } = knobsOf(
      facility,
      'manager',
    );
    expect({ ALLOW_ADVERTISE_MASTER, ALLOW_ADVERTISE_SCHEDD, ALLOW_ADVERTISE_STARTD, ALLOW_DAEMON, ALLOW_WRITE }).toEqual({
      ALLOW_ADVERTISE_MASTER: 'condor@pool.example, condor@password, ap-ap@pool.example, ep@pool.example',
      ALLOW_ADVERTISE_SCHEDD: 'ap-ap@pool.example',
      ALLOW_ADVERTISE_STARTD: 'ep@pool.example',
      ALLOW_DAEMON: 'condor@pool.example, condor@password',
      ALLOW_WRITE: 'condor@pool.example, condor@password',
    });
    for (const part of parts) {
      const knobs = knobsOf(facility, part);
      expect(knobs.SEC_READ_AUTHENTICATION).toBe('REQUIRED');
      expect(knobs.SEC_DEFAULT_AUTHENTICATION_METHODS).toBe('FS, IDTOKENS');
      for (const [knob, value] of Object.entries(knobs))
        if (knob.startsWith('ALLOW_')) expect([part, knob, /(?:^|[ ,])\*(?:$|[ ,/])|\*@\*/.test(value)]).toEqual([part, knob, false]);
    }
    expect(knobsOf(facility, 'access-ap').ALLOW_WRITE).toBe('*@pool.example, condor@password');
    expect(knobsOf(facility, 'execute-worker').ALLOW_WRITE).toBe('condor@pool.example, condor@password');
  });

  test('the signing key is in pods of the managers only; the others have their token', () => {
    const secrets = (part: string) =>
      podOf(facility, part).volumes.flatMap((volume: Manifest['spec']) =>
        volume.secret ? [volume.secret.secretName] : (volume.projected?.sources ?? []).map((one: Manifest['spec']) => one.secret.name),
      );
    expect(secrets('manager')).toEqual(['htcondor-signing-keys']);
    expect(secrets('access-ap')).toEqual(['htcondor-user-key', 'htcondor-token-access-ap']);
    expect(secrets('execute-worker')).toEqual(['htcondor-token-execute']);
  });

  test('keys and tokens are copied in memory by the user of the daemons, and mounted read-only', () => {
    const pod = podOf(facility, 'manager');
    expect(pod.initContainers[0].securityContext.runAsUser).toBe(64);
    expect(pod.volumes).toContainEqual({ name: 'signing-keys-copy', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } });
    expect(containerOf(pod).volumeMounts).toContainEqual({
      name: 'signing-keys-copy',
      mountPath: '/etc/condor/passwords.d',
      readOnly: true,
    });
    expect(pod.initContainers[0].volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath)).toEqual([
      '/secrets/passwords.d',
      '/copies/passwords.d',
    ]);
  });

  test('a slot is what the pod may use, less what the daemons need', () => {
    const { NUM_CPUS, MEMORY, SLOT_TYPE_1_PARTITIONABLE, RESERVED_DISK } = knobsOf(facility, 'execute-worker');
    expect({ NUM_CPUS, MEMORY, SLOT_TYPE_1_PARTITIONABLE, RESERVED_DISK }).toEqual({
      NUM_CPUS: '2',
      MEMORY: '3840',
      SLOT_TYPE_1_PARTITIONABLE: 'true',
      RESERVED_DISK: '256',
    });
    expect(containerOf(podOf(facility, 'execute-worker')).resources.limits).toEqual({
      cpu: '2',
      memory: '4Gi',
      'ephemeral-storage': '11Gi',
    });
    expect(podOf(facility, 'execute-worker').volumes).toContainEqual({ name: 'local', emptyDir: { sizeLimit: '11Gi' } });
  });

  test('one number gives all times of a drain', () => {
    expect(knobsOf(facility, 'execute-worker')).toMatchObject({
      MaxJobRetirementTime: '3660',
      MachineMaxVacateTime: '60',
      SHUTDOWN_GRACEFUL_TIMEOUT: '3720',
    });
    expect(podOf(facility, 'execute-worker').terminationGracePeriodSeconds).toBe(3780);
    expect(containerOf(podOf(facility, 'execute-worker')).lifecycle).toBeUndefined();
    expect(find(facility, 'PodDisruptionBudget', 'htcondor-execute-worker').spec.maxUnavailable).toBe(1);
    // Somebody must move the queue on purpose; a manager may go at any time.
    expect(find(facility, 'PodDisruptionBudget', 'htcondor-access-ap').spec.maxUnavailable).toBe(0);
    expect(podOf(facility, 'access-ap').terminationGracePeriodSeconds).toBe(60);
  });

  test('changed configuration restarts managers, reconfigures access points, drains execute nodes', () => {
    const changed = poolIn({ config: { ALL_DEBUG: 'D_FULLDEBUG' } }).facility;
    const set = (which: typeof facility, part: string) => find(which, 'StatefulSet', `htcondor-${part}`).spec;
    const hash = (which: typeof facility) => set(which, 'manager').template.metadata.annotations['analysis-facility.io/config-hash'];
    expect(hash(facility)).toMatch(/^[0-9a-f]{16}$/);
    expect(hash(changed)).not.toBe(hash(facility));
    expect(set(changed, 'access-ap')).toEqual(set(facility, 'access-ap'));
    expect(filesOf(changed, 'access-ap')).toHaveProperty(['90-local.conf'], '# Knobs of the operator.\nALL_DEBUG = D_FULLDEBUG\n');
    expect(containerOf(podOf(facility, 'access-ap')).env).toContainEqual({ name: 'RECONFIGURE', value: 'yes' });
    expect(set(changed, 'execute-worker').template).not.toEqual(set(facility, 'execute-worker').template);
    expect(set(changed, 'execute-worker').updateStrategy).toEqual({ type: 'RollingUpdate' });
  });

  test('probes ask the daemon of the role; only managers and access points can be restarted soon', () => {
    const ping = (part: string) => containerOf(podOf(facility, part)).readinessProbe.exec.command;
    expect(parts.map(ping)).toEqual([
      ['condor_ping', '-type', 'COLLECTOR', 'READ'],
      ['condor_ping', '-type', 'SCHEDD', 'READ'],
      ['condor_ping', '-type', 'STARTD', 'READ'],
    ]);
    for (const part of parts) {
      const { readinessProbe, livenessProbe, startupProbe } = containerOf(podOf(facility, part));
      // A collector that hangs does not answer at all.
      expect(readinessProbe.timeoutSeconds).toBeGreaterThanOrEqual(10);
      expect([livenessProbe.tcpSocket, startupProbe.tcpSocket]).toEqual([{ port: 'condor' }, { port: 'condor' }]);
    }
    const patience = (part: string) => {
      const { periodSeconds, failureThreshold } = containerOf(podOf(facility, part)).livenessProbe;
      return periodSeconds * failureThreshold;
    };
    expect(parts.map(patience)).toEqual([180, 600, 600]);
  });

  test('condor_master is the first process, in the shape of the hardened pod', () => {
    const { command, securityContext } = containerOf(podOf(facility, 'manager'));
    expect(command[2]).toMatch(/\nexec condor_master -f\n$/);
    expect(securityContext).toMatchObject({
      runAsUser: 64,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    expect(containerOf(podOf(facility, 'access-ap')).securityContext.runAsUser).toBe(1001);
    expect(containerOf(podOf(facility, 'execute-worker')).securityContext).toMatchObject({
      runAsUser: 0,
      capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SETGID', 'SETUID'] },
    });
    expect(podOf(facility, 'manager').enableServiceLinks).toBe(false);
  });

  test('the queue is on a volume that is protected, beside files of the users of the access point', () => {
    const pod = podOf(facility, 'access-ap');
    expect(containerOf(pod).volumeMounts).toContainEqual({ name: 'access-ap-spool', mountPath: '/var/lib/condor/spool' });
    expect(find(facility, 'PersistentVolumeClaim', 'htcondor-access-ap-spool')).toMatchObject({
      metadata: { labels: { 'analysis-facility.io/data': 'keep' } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
    });
    const accounts = objectsOf(facility).find(({ kind, data }) => kind === 'ConfigMap' && data.passwd);
    expect(accounts?.data.passwd.split('\n')).toContain('submit:x:1001:1001:submit:/tmp:/bin/sh');
    expect(accounts?.data.passwd.split('\n')).toContain('condor:x:64:64:condor:/var/lib/condor:/bin/sh');
  });
});

describe('Pod Security of the namespace', () => {
  const level = (props: Partial<HTCondorPoolProps>, site = condorSite()) =>
    find(poolIn(props, site).facility, 'Namespace', 'htcondor').metadata.labels['pod-security.kubernetes.io/enforce'];
  const worker = { on: workers, cpu: 2, memory: '4GiB' } as const;

  test('is as strict as the roles permit', () => {
    expect(level({ execute: { worker: { ...worker, isolation: 'pod' } } })).toBe('restricted');
    expect(level({ execute: { worker } })).toBe('baseline');
    expect(
      level({ execute: { worker: { ...worker, isolation: 'pod' } }, accessPoints: { ap: { users: { alice: 1001, bob: 1002 } } } }),
    ).toBe('baseline');
    expect(level({ manager: { addressing: hostNetwork() } })).toBe('privileged');
    expect(level({ execute: { worker: { ...worker, containers: 'apptainer' } } })).toBe('privileged');
  });
});
