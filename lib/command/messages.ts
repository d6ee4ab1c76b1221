import { type Finding, nearest, quote } from '../errors';

export const siteUnknown = (given: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_SITE',
  given: quote(given),
  allowed: known.join(', '),
  fix: nearest(given, known) ? `did you mean '${nearest(given, known)}'?` : 'use the name of a site of this app',
});

export const siteTwice = (name: string): Finding => ({
  code: 'DUPLICATE_SITE',
  given: `two facilities for site ${quote(name)}`,
  allowed: 'one facility a site: its name is that of the output folders',
  fix: 'rename one of the sites, or put the services of both into one facility',
});

export const secretsInGit = (folder: string): Finding => ({
  code: 'INSECURE_SECRETS_FOLDER',
  given: `folder ${quote(folder)}, which Git would keep`,
  allowed: 'a folder outside of any repository, or one that .gitignore names',
  fix: `add '${folder.startsWith('/') ? 'secrets' : folder.split('/')[0]}/' to .gitignore, or write elsewhere with --out`,
});

export const opensslMissing = (): Finding => ({
  code: 'MISSING_OPENSSL',
  given: 'no command `openssl`',
  allowed: 'openssl 1.1.1 or later, which makes the first certificates',
  fix: 'install it, or bring certificates with --set SECRET/tls.crt=FILE and --set SECRET/tls.key=FILE',
});

export const folderNotEmpty = (folder: string): Finding => ({
  code: 'CONFLICTING_FOLDER',
  given: `folder ${quote(folder)}, which holds something`,
  allowed: 'a folder that is empty or not there yet',
  fix: 'name another folder',
});

export const committedUnreadable = (file: string, why: string): Finding => ({
  code: 'INVALID_COMMITTED_FILE',
  given: `${file}: ${why}`,
  allowed: 'the manifests as they were written, to compare the new ones with',
  fix: 'restore the file from Git',
});

export const digestInvalid = (given: string): Finding => ({
  code: 'INVALID_DIGEST',
  given,
  allowed: 'an image and its digest on each line: ghcr.io/example/tool:1.4.2 sha256:<64 hexadecimal digits>',
  fix: 'correct or remove the line',
});

export const digestToolFailed = (command: string, said: string): Finding => ({
  code: 'MISSING_DIGEST',
  given: `no digest from \`${command}\`${said === '' ? '' : `: ${said}`}`,
  allowed: 'a command that prints sha256:<64 hexadecimal digits> and exits with 0',
  fix: "check the command by hand, e.g. --with 'crane digest {}' or --with 'skopeo inspect --format {{.Digest}} docker://{}'",
});
