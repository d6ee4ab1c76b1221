# Starts the daemons of one role. condor_master becomes the first process: it stops gracefully on SIGTERM and reads its configuration on SIGHUP.
set -e
cd /var/lib/condor
mkdir -p log run lock spool execute fs
chmod 755 execute
# Volumes with fsGroup are setgid, and FS authentication refuses folders that inherit it.
chmod g-s,a=rwx,+t fs
if [ "$(id -u)" = 0 ]; then chown 64:64 log run lock spool execute; fi
# Daemons write files, not standard output.
(tail -q -n +1 -F log/MasterLog log/CollectorLog log/NegotiatorLog log/SchedLog log/StartLog 2>/dev/null &)
if [ -n "$RECONFIGURE" ]; then
  # The kubelet replaces files of a ConfigMap in a running pod. The daemons take the new ones without losing jobs.
  (
    before="$(cat /etc/condor/config.d/* /etc/condor/config.d/.mapfile 2>/dev/null | cksum)"
    while sleep 30; do
      now="$(cat /etc/condor/config.d/* /etc/condor/config.d/.mapfile 2>/dev/null | cksum)"
      if [ "$now" != "$before" ]; then
        before="$now"
        kill -HUP 1
      fi
    done
  ) &
fi
if [ -n "$WAIT_FOR_COLLECTOR" ]; then
  # Until a startd is registered with CCB, it advertises its own address: a schedd that may not connect to it would wait with the job.
  trap 'exit 0' TERM INT
  tries=0
  until timeout 5 condor_ping -type COLLECTOR READ > /dev/null 2>&1 || [ "$tries" -ge 20 ]; do
    tries=$((tries + 1))
    sleep 2 &
    wait $!
  done
  trap - TERM INT
fi
exec condor_master -f
