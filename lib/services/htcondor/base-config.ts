import { configText, type Entry, expression, quoted, settings, use } from './condor-config';
import type { AllowLists } from './roles';
import type { CondorSecurityProps } from './security-props';

/** Folder of everything that daemons write: a volume of the pod. */
export const LOCAL_DIR = '/var/lib/condor';

/** Folders of keys and tokens, in memory. */
export const KEYS = '/etc/condor/passwords.d';
export const TOKENS = '/etc/condor/tokens.d';
/** Folder of the host certificate, and of the map from authenticated names to identities. */
export const CERTIFICATES = '/etc/condor/certificates';
export const CONFIG = '/etc/condor/config.d';
/** With a leading dot: HTCondor reads every other file of the folder as configuration. */
export const MAPFILE = `${CONFIG}/.mapfile`;

/** What all daemons of a pool have in common. */
export interface PoolFacts {
  readonly domain: string;
  /** Host and port of each collector. */
  readonly collectors: readonly string[];
  readonly security: CondorSecurityProps;
  /** Knobs of the operator. */
  readonly config: Readonly<Record<string, string | number | boolean>>;
}

/** `condor_config`: the layout of the image, which is the same for all daemons. Everything else is in `config.d`. */
export function baseConfig(): string {
  return configText('Layout of the container; everything else is in config.d.', [
    ...settings({
      RELEASE_DIR: '/usr',
      BIN: '$(RELEASE_DIR)/bin',
      SBIN: '$(RELEASE_DIR)/sbin',
      LIB: '$(RELEASE_DIR)/lib/condor',
      LIBEXEC: '$(RELEASE_DIR)/libexec/condor',
      SHARE: '$(RELEASE_DIR)/share/condor',
      ETC: '/etc/condor',
      LOCAL_DIR,
      LOG: '$(LOCAL_DIR)/log',
      RUN: '$(LOCAL_DIR)/run',
      LOCK: '$(LOCAL_DIR)/lock',
      SPOOL: '$(LOCAL_DIR)/spool',
      EXECUTE: '$(LOCAL_DIR)/execute',
      LOCAL_CONFIG_FILE: '',
      LOCAL_CONFIG_DIR: CONFIG,
      ENABLE_KERNEL_TUNING: false,
      DISCARD_SESSION_KEYRING_ON_STARTUP: false,
      CREATE_CORE_FILES: false,
    }),
  ]);
}

/** `10-pool.conf`: names by which the daemons of a pool find and trust each other. */
export function poolConfig({ domain, collectors }: PoolFacts, port: number): string {
  const [first = ''] = collectors;
  return configText('The pool.', [
    ...settings({
      CONDOR_HOST: first.replace(/:\d+$/, ''),
      COLLECTOR_HOST: collectors,
      UID_DOMAIN: domain,
      // A literal: the default is the host name of a pod, and tokens would become invalid with it.
      TRUST_DOMAIN: domain,
      FILESYSTEM_DOMAIN: '$(FULL_HOSTNAME)',
      SHARED_PORT_PORT: port,
    }),
  ]);
}

/** What a role authenticates with, beside IDTOKENs. */
export interface Authentication {
  /** Id of the key that signs tokens; only where that key is. @default - none */
  readonly issuerKey?: string;
  /** Host certificate, which SSL and SCITOKENS need. @default - none */
  readonly certificate?: boolean | undefined;
  readonly scitokens?: boolean | undefined;
}

/** `20-security.conf`: who may do what. Nothing is open to hosts, and nothing to everybody. */
export function securityConfig({ security }: PoolFacts, allow: AllowLists, { issuerKey, certificate, scitokens }: Authentication): string {
  const methods = ['FS', 'IDTOKENS', ...(scitokens ? ['SCITOKENS'] : []), ...(certificate ? ['SSL'] : [])];
  return configText('Authentication, and the rights of each identity.', [
    use('security:recommended_v9_0'),
    ...settings({
      SEC_DEFAULT_AUTHENTICATION_METHODS: methods,
      // The template lets anyone read who can connect.
      SEC_READ_AUTHENTICATION: 'REQUIRED',
      ALLOW_READ: allow.READ,
      ALLOW_WRITE: allow.WRITE,
      ALLOW_ADMINISTRATOR: allow.ADMINISTRATOR,
      ALLOW_DAEMON: allow.DAEMON,
      ALLOW_NEGOTIATOR: allow.NEGOTIATOR,
      ALLOW_ADVERTISE_MASTER: allow.ADVERTISE_MASTER,
      ALLOW_ADVERTISE_SCHEDD: allow.ADVERTISE_SCHEDD,
      ALLOW_ADVERTISE_STARTD: allow.ADVERTISE_STARTD,
      ALLOW_CONFIG: [],
      SEC_PASSWORD_DIRECTORY: KEYS,
      SEC_TOKEN_ISSUER_KEY: issuerKey,
      SEC_TOKEN_SYSTEM_DIRECTORY: TOKENS,
      // Daemons that do not run as root read no other folder.
      SEC_TOKEN_DIRECTORY: TOKENS,
      FS_LOCAL_DIR: '$(LOCAL_DIR)/fs',
      ...revocation(security.revoked ?? []),
      ...(certificate
        ? {
            AUTH_SSL_SERVER_CERTFILE: `${CERTIFICATES}/tls.crt`,
            AUTH_SSL_SERVER_KEYFILE: `${CERTIFICATES}/tls.key`,
            AUTH_SSL_SERVER_CAFILE: `${CERTIFICATES}/ca.crt`,
            AUTH_SSL_CLIENT_CAFILE: `${CERTIFICATES}/ca.crt`,
          }
        : {}),
      ...(scitokens ? { CERTIFICATE_MAPFILE: MAPFILE } : {}),
      ...(scitokens && security.scitokens?.audience ? { SCITOKENS_SERVER_AUDIENCE: security.scitokens.audience } : {}),
    }),
  ]);
}

function revocation(revoked: readonly string[]) {
  if (revoked.length === 0) return {};
  return { SEC_TOKEN_REVOCATION_EXPR: expression(revoked.map((jti) => `jti =?= ${quoted(jti)}`).join(' || ')) };
}

/**
 * The map from a token's issuer and subject to an identity, one line for each user. Whoever has no line cannot log in.
 *
 * @see https://htcondor.readthedocs.io/en/25.0/admin-manual/security.html#the-unified-map-file-for-authentication
 */
export function mapfile({ domain, security: { scitokens } }: PoolFacts): string {
  const users = Object.entries(scitokens?.users ?? {});
  return users.map(([subject, user]) => `SCITOKENS ${pattern(`${scitokens?.issuer.issuer},${subject}`)} ${user}@${domain}\n`).join('');
}

/** A text that matches itself and nothing else, as a regular expression of a map file. */
function pattern(text: string): string {
  return `/^${text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$/`;
}

/** `90-local.conf`: the knobs of the operator. */
export function localConfig({ config }: PoolFacts): string | undefined {
  const entries: readonly Entry[] = Object.entries(config).map(([knob, value]) => ({ knob, value, type: 'text' }));
  return entries.length > 0 ? configText('Knobs of the operator.', entries) : undefined;
}
