#!/usr/bin/env bash
# guard.sh FOLDER: waits for the end of its standard input, also after a crash, then removes all processes, cgroups and files of the cluster
# in FOLDER.
folder=$1
trap '' HUP INT TERM
cat >/dev/null

# Process ids are reused: only processes that still refer to the folder belong to the cluster.
ours() { grep -qaF "$folder" "/proc/$1/cmdline" 2>/dev/null; }

for pid in $(cat "$folder"/*/pid 2>/dev/null); do
  if ours "$pid"; then kill -KILL "$pid"; fi
done

remove_cgroups() {
  local group left=0
  while read -r _ group; do
    [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || left=1
  done < <(cat "$folder"/*/cgroups 2>/dev/null)
  return $left
}

# The last processes of a namespace need a moment to go, and hold their cgroup and their files until then.
for _ in $(seq 300); do
  if remove_cgroups && rm -rf "$folder" 2>/dev/null; then exit 0; fi
  sleep 0.1
done
echo "cannot remove everything of $folder" >&2
exit 1
