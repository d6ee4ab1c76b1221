import { type Finding, nearest, quote } from '../errors';

export const siteUnknown = (given: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_SITE',
  given: `site ${quote(given)}`,
  allowed: known.join(', '),
  fix: nearest(given, known) ? `write '${nearest(given, known)}'` : 'use the name of a site of this app',
});

export const duplicateSite = (name: string): Finding => ({
  code: 'DUPLICATE_SITE',
  given: `two facilities for site ${quote(name)}`,
  allowed: 'one facility per site: output folders are named after the site',
  fix: 'rename one of the sites, or add all services to one facility',
});

/** @param inRepository its path relative to the root of the repository */
export const secretsInGit = (folder: string, inRepository: string | undefined): Finding => ({
  code: 'INSECURE_SECRETS_FOLDER',
  given: `folder ${quote(folder)}, which Git does not ignore`,
  allowed: 'a folder outside of any Git repository, or one in .gitignore',
  fix: `${inRepository ? `add '/${inRepository}/' to .gitignore in the root of the repository, or ` : ''}choose a folder outside of the repository with --out`,
});

export const opensslMissing = (): Finding => ({
  code: 'MISSING_OPENSSL',
  given: 'no command `openssl`',
  allowed: 'openssl 1.1.1 or later, which creates self-signed certificates',
  fix: 'install openssl, or pass certificates with --set SECRET/tls.crt=FILE and --set SECRET/tls.key=FILE',
});

export const folderNotEmpty = (folder: string): Finding => ({
  code: 'CONFLICTING_FOLDER',
  given: `folder ${quote(folder)}, which is not empty`,
  allowed: 'a folder that is empty or does not exist',
  fix: 'use another folder',
});

export const committedFileInvalid = (file: string, why: string): Finding => ({
  code: 'INVALID_COMMITTED_FILE',
  given: `${file}: ${why}`,
  allowed: 'valid YAML: new manifests are compared with the committed ones',
  fix: 'restore the file from Git',
});

export const digestInvalid = (given: string): Finding => ({
  code: 'INVALID_DIGEST',
  given,
  allowed: 'one image and its digest per line: ghcr.io/example/tool:1.4.2 sha256:<64 hexadecimal digits>',
  fix: 'write the line in this form, or remove it',
});

export const digestCommandFailed = (command: string, output: string): Finding => ({
  code: 'MISSING_DIGEST',
  given: `no digest from \`${command}\`${output === '' ? '' : `: ${output}`}`,
  allowed: 'a command that prints sha256:<64 hexadecimal digits> and exits with 0',
  fix: "run the command by hand and correct it, e.g. --with 'crane digest {}' or --with 'skopeo inspect --format {{.Digest}} docker://{}'",
});

export const codeUnknown = (given: string, alike: readonly string[]): Finding => ({
  code: 'UNKNOWN_ERROR_CODE',
  given: quote(given),
  allowed: alike.length > 0 ? `codes of the library, e.g. ${alike.join(', ')}` : 'codes of the library; docs/errors.md lists them',
  fix: alike[0]
    ? `run facility explain ${alike[0]}`
    : 'copy the code from the first line of the message; your own services document their own codes',
});
