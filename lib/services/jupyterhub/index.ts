export { JupyterHub } from './jupyterhub';
export { type Admission, type DummyLogin, dummy, type Login, type OidcLogin, type OidcLoginProps, oidc } from './login';
export {
  type CullProps,
  type Environment,
  type EnvironmentProps,
  environment,
  type HomeProps,
  type JupyterHubProps,
  type Size,
  type SizeProps,
  size,
} from './props';
