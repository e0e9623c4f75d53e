#!/bin/busybox sh
# Process 1 of the system that the kernel checks run in: mounts, loads modules, runs the checks phase by phase, powers off.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tracefs tracefs /sys/kernel/tracing
mount -t debugfs debugfs /sys/kernel/debug
mount -t securityfs securityfs /sys/kernel/security
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /work
ifconfig lo 127.0.0.1 up
for word in $(cat /proc/cmdline); do
	case $word in kernel=*) kernel=${word#kernel=} ;; results=*) results=/dev/${word#results=} ;; only=*) export ONLY=${word#only=} ;; esac
done
for module in /modules/"$kernel"/*.ko; do insmod "$module"; done
stty -F "$results" raw
exec 3>"$results"
echo "{\"kind\":\"begin\",\"release\":\"$(uname -r)\"}" >&3
cd /app
runner=/app/dist/runner.mjs
node --no-warnings $runner 'whole'
without-batch /bin/node --no-warnings $runner 'no batch reads'
# nothing to be found where libbpf looks for the kernel's types
unshare -m sh -c "mount -t tmpfs tmpfs /sys/kernel/btf && node --no-warnings $runner 'no BTF'"
# from here on for good
echo integrity >/sys/kernel/security/lockdown && node --no-warnings $runner 'lockdown=integrity'
echo confidentiality >/sys/kernel/security/lockdown && node --no-warnings $runner 'lockdown=confidentiality'
echo '{"kind":"end"}' >&3
poweroff -f
