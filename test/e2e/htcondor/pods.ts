/** Commands of HTCondor in pods. */
import type { Cluster } from '../cluster/props';
import type { Context } from '../cluster/suite';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A pod of the suite, as `namespace/name`. */
export type PodName = string;

export const MANAGER = 'htcondor/htcondor-manager-0';
export const ACCESS = 'htcondor/htcondor-access-ap-0';
export const EXECUTE = ['htcondor/htcondor-execute-all-0', 'htcondor/htcondor-execute-all-1'] as const;
export const VIRGO = 'htcondor/htcondor-execute-virgo-0';
export const SLICE = 'htcondor/htcondor-execute-slice-0';
export const PARTNER = {
  manager: 'partner/partner-manager-0',
  access: 'partner/partner-access-ap-0',
  execute: 'partner/partner-execute-all-0',
} as const;

export class Pods {
  constructor(
    readonly context: Context,
    private readonly cluster: Cluster = context.cluster,
  ) {}

  /** Runs a command in the container of the daemons. */
  async exec(pod: PodName, command: readonly string[], input = '', timeout = 60_000): Promise<Ran> {
    const [namespace = '', name = ''] = pod.split('/');
    const args = ['exec', '-i', '-n', namespace, name, '-c', 'condor', '--', ...command];
    return await this.cluster.run(args, { input, timeout, may: 'fail' });
  }

  /** Output of a shell script; throws if it fails. */
  async sh(pod: PodName, script: string, timeout = 60_000): Promise<string> {
    const { status, stdout, stderr } = await this.exec(pod, ['sh', '-c', script], '', timeout);
    if (status !== 0) throw new Error(`${pod}: ${script}: ${status}: ${stderr || stdout}`);
    return stdout.trim();
  }

  /** Runs a script as a user of the access point. */
  as(user: string, script: string, timeout = 60_000): Promise<string> {
    return this.sh(
      ACCESS,
      `cd /tmp && exec setpriv --reuid ${user} --regid ${user} --clear-groups env HOME=/tmp sh -c ${quoted(script)}`,
      timeout,
    );
  }

  /** Submits a job from the access point and returns its cluster id. */
  async submit(user: string, description: Readonly<Record<string, string | number>>, count = 1, options = ''): Promise<number> {
    const text = `${Object.entries(description)
      .map(([name, value]) => `${name} = ${value}`)
      .join('\n')}\nqueue ${count}\n`;
    const told = await this.as(user, `printf '%s' ${quoted(text)} | condor_submit ${options} -terse -`);
    const id = Number(/^(\d+)\./.exec(told)?.[1]);
    if (!Number.isInteger(id)) throw new Error(`condor_submit printed ${told}`);
    return id;
  }

  /** Attributes of the jobs of a cluster id, in the queue or in the history. */
  async jobs(cluster: number, ...attributes: readonly string[]): Promise<readonly (readonly string[])[]> {
    const list = attributes
      .map((name) => `-af:r ${name}`)
      .join(' ')
      .replaceAll('-af:r ', '');
    const told = await this.sh(ACCESS, `condor_q -allusers ${cluster} -af ${list}; condor_history ${cluster} -af ${list}`);
    return told
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' '));
  }

  /** Waits until all jobs of a cluster id have ended. */
  async ended(what: string, cluster: number, seconds = 90): Promise<void> {
    await this.context.eventually(
      what,
      async () => {
        const states = await this.sh(ACCESS, `condor_q -allusers ${cluster} -af JobStatus HoldReason NumJobStarts`);
        return states === '' || states;
      },
      seconds,
    );
  }
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
