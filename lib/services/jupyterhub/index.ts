export { JupyterHub } from './jupyterhub';
export { type Admission, dummy, type DummyLogin, type Login, oidc, type OidcLogin, type OidcLoginProps } from './login';
export {
  type CullProps,
  environment,
  type Environment,
  type EnvironmentProps,
  type HomeProps,
  type JupyterHubProps,
  size,
  type Size,
  type SizeProps,
} from './props';
