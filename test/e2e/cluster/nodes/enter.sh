#!/usr/bin/env bash
# enter.sh FOLDER COMMAND...: runs COMMAND in the machine of FOLDER, which machine.sh created.
set -euo pipefail
folder=$1
shift
# A process takes its cgroup along when it enters the namespaces; pods that it starts would land outside the node's.
if [ -e "$folder/cgroups" ]; then
  while read -r _ group; do echo $$ >"$group/cgroup.procs"; done <"$folder/cgroups"
fi
exec nsenter -t "$(<"$folder/pid")" -n -m -p -C -u -i -- env -C / "$@"
