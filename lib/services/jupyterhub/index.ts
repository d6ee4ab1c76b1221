export { type SharedVolume, type SharedVolumeProps, sharedVolume } from '../../site';
export {
  type ChoiceProps,
  choice,
  type Environment,
  type EnvironmentProps,
  environment,
  type Option,
  type OptionChoice,
  type OptionChoiceProps,
  type OptionProps,
  option,
  type ShareProps,
  type Size,
  type SizeProps,
  type SizeResources,
  size,
} from './choices';
export type { Database, PostgresDatabase } from './database';
export { JupyterHub } from './jupyterhub';
export {
  type Admission,
  type CILogonProps,
  cilogon,
  type DummyLogin,
  type DummyLoginProps,
  dummy,
  type GitHubLogin,
  type GitHubLoginProps,
  github,
  indigoIam,
  keycloak,
  type LdapLogin,
  type LdapLoginProps,
  type Login,
  ldap,
  type NativeLogin,
  type NativeLoginProps,
  native,
  type OidcLogin,
  type OidcLoginProps,
  oidc,
  type PresetProps,
  type StaticGroups,
} from './login';
export type {
  Account,
  AccountsProps,
  CullKernelsProps,
  CullProps,
  HomeProps,
  JupyterHubProps,
  PlaceholdersProps,
  SharedHomeProps,
  Texts,
} from './props';
export { jupyterHubService } from './service';
export { type HubMetricsProps, type HubService, type HubServiceProps, hubService, type Scope, type ScopeName } from './services';
