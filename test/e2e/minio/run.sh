#!/usr/bin/env bash
# Runs the real servers with the arguments and environment of the generated manifests: see suite.ts.
#
#   npm run e2e -- minio [--only napoli|grown] [--broken parity|policy|port]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

[ "$(id -u)" = 0 ] || { echo 'minio: run it as root: each server has its own network and mount namespace' >&2; exit 1; }
command -v ip >/dev/null || { echo 'minio: the command ip is missing: install iproute2' >&2; exit 1; }
start=$SECONDS
MINIO=$("$here/../cluster/build.sh" tool minio)
MC=$("$here/../cluster/build.sh" tool mc)
PYTHON=$("$here/install.sh" python)
PROVIDER=$("$here/install.sh" provider)
export MINIO MC PYTHON PROVIDER
echo "  $((SECONDS - start)) s  server, client, Python and OpenID provider, built if missing"

# Removes folders of killed runs: their lock is free. Their networks and mounts were removed with their namespaces.
remove() { rm -rf --one-file-system "$1"; }
for folder in "${TMPDIR:-/tmp}"/minio-suite.*; do
  if [ -d "$folder" ] && flock --nonblock "$folder" true; then remove "$folder"; fi
done
WORK=$(mktemp -d -t minio-suite.XXXXXXXX)
exec 8<"$WORK"
flock 8
# The folder must only be removed after the namespaces, and with them the mounts in the folder, are gone.
trap 'remove "$WORK"' EXIT
trap 'kill -KILL "${parts[@]}"; wait || true; exit 130' INT TERM

# part NAME ARGUMENTS...: in namespaces of its own: processes, addresses and mounts end with it, and are not visible to others.
part() {
  mkdir "$WORK/$1"
  WORK=$WORK/$1 unshare --net --mount --pid --fork --kill-child --propagation private \
    bash -c 'mount -t proc proc /proc && exec "$@"' minio node --import tsx "$here/suite.ts" "${@:2}" &
  parts+=($!)
}
parts=()
if [ $# -gt 0 ]; then
  part given "$@"
else
  part napoli --only napoli
  part grown --only grown
fi
failed=0
for pid in "${parts[@]}"; do wait "$pid" || failed=1; done
exit "$failed"
