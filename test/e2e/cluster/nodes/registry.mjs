// A registry that only gives: `node registry.mjs FOLDER NAMES ADDRESS` serves the images of FOLDER at port 5000 for every registry's
// name. What a name means in NAMES goes first. containerd says in the query which registry it means.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [folder, names, address] = process.argv.slice(2);
const route = /^\/v2\/(?<repository>[a-z0-9._/-]+)\/(?<kind>manifests|blobs)\/(?<reference>[\w.:-]+)$/;
const isDigest = (text) => /^sha256:[0-9a-f]{64}$/.test(text);

const file = (digest) => join(folder, 'blobs', digest.replace(':', '/'));
function named(host, repository, tag) {
  const files = [names, join(folder, 'names')].map((it) => join(it, host, `${repository}:${tag}`));
  return readFileSync(files.find(existsSync) ?? '', 'utf8').trim();
}

createServer((request, response) => {
  const url = new URL(request.url, 'http://registry');
  const asked = route.exec(url.pathname)?.groups;
  const refuse = (status) => response.writeHead(status).end();
  if (url.pathname === '/v2/') return refuse(200);
  if (!asked || asked.repository.includes('..')) return refuse(404);
  try {
    const host = url.searchParams.get('ns') ?? 'docker.io';
    const digest = isDigest(asked.reference) ? asked.reference : named(host, asked.repository, asked.reference);
    const type = asked.kind === 'manifests' ? 'application/vnd.oci.image.manifest.v1+json' : 'application/octet-stream';
    const { size } = statSync(file(digest));
    response.writeHead(200, { 'content-type': type, 'content-length': size, 'docker-content-digest': digest });
    if (request.method === 'HEAD') return response.end();
    createReadStream(file(digest)).pipe(response);
  } catch {
    refuse(404);
  }
}).listen(5000, address);
