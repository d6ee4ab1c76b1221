#!/usr/bin/env bash
# The real servers, with exactly the arguments and the environment of our manifests: see suite.ts.
#
#   npm run e2e -- minio [--only napoli|grown] [--broken parity|policy|port]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

[ "$(id -u)" = 0 ] || { echo 'minio: run it as root: each server has a network and a file system of its own' >&2; exit 1; }
command -v ip >/dev/null || { echo 'minio: the command ip (iproute2) is needed' >&2; exit 1; }
start=$SECONDS
MINIO=$("$here/../cluster/build.sh" tool minio)
MC=$("$here/../cluster/build.sh" tool mc)
PYTHON=$("$here/install.sh" python)
PROVIDER=$("$here/install.sh" provider)
export MINIO MC PYTHON PROVIDER
echo "  $((SECONDS - start)) s  server, client, Python and OpenID provider, built where missing"

# A run that was killed leaves its folder; nobody holds its lock any more. Networks and mounts went with the run's namespaces.
remove() { rm -rf --one-file-system "$1"; }
for folder in "${TMPDIR:-/tmp}"/minio-suite.*; do
  if [ -d "$folder" ] && flock --nonblock "$folder" true; then remove "$folder"; fi
done
WORK=$(mktemp -d -t minio-suite.XXXXXXXX)
export WORK
exec 8<"$WORK"
flock 8
# What is mounted there is gone when the namespaces are: only then may the folder be removed.
trap 'remove "$WORK"' EXIT
trap 'kill -KILL "$suite"; wait "$suite" || true; exit 130' INT TERM
# Nothing of it can outlive the suite, or be seen outside: processes, addresses, mounts.
unshare --net --mount --pid --fork --kill-child --propagation private \
  bash -c 'mount -t proc proc /proc && exec "$@"' minio node --import tsx "$here/suite.ts" "$@" &
suite=$!
wait "$suite"
