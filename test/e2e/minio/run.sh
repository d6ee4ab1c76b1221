#!/usr/bin/env bash
# The real servers, with exactly the arguments and the environment of our manifests: see suite.ts.
#
#   npm run e2e -- minio [--only napoli|grown]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

[ "$(id -u)" = 0 ] || { echo 'minio: run it as root: each server has a network and a file system of its own' >&2; exit 1; }
command -v ip >/dev/null || { echo 'minio: the command ip (iproute2) is needed' >&2; exit 1; }
start=$SECONDS
MINIO=$("$here/../cluster/build.sh" tool minio)
MC=$("$here/../cluster/build.sh" tool mc)
PYTHON=$("$here/install.sh")
export MINIO MC PYTHON
echo "  $((SECONDS - start)) s  server, client and Python, built where missing"
WORK=$(mktemp -d)
export WORK
# What is mounted there is gone when the namespaces are: only then may the folder be removed.
trap 'rm -rf --one-file-system "$WORK"' EXIT
# Nothing of it can outlive the suite, or be seen outside: processes, addresses, mounts.
unshare --net --mount --pid --fork --kill-child --propagation private \
  bash -c 'mount -t proc proc /proc && exec "$@"' minio node --import tsx "$here/suite.ts" "$@"
