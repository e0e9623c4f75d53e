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
	case $word in kernel=*) kernel=${word#kernel=} ;; results=*) results=/dev/${word#results=} ;; only=*) export ONLY=${word#only=} ;; phases=*) phases=${word#phases=} ;; esac
done
# of the kernel's types a copy, for where it is without
mkdir -p /boot && cp /sys/kernel/btf/vmlinux /boot/types
for module in /modules/"$kernel"/*.ko; do insmod "$module"; done
stty -F "$results" raw
exec 3>"$results"
echo "{\"kind\":\"begin\",\"release\":\"$(uname -r)\"}" >&3
cd /app
run() { node --no-warnings /app/dist/runner.mjs "$1"; }
for phase in $(echo "$phases" | tr , ' '); do
	case $phase in
	no-batch-reads) without-batch /bin/node --no-warnings /app/dist/runner.mjs 'no batch reads' ;;
	# nothing to be found where libbpf looks for the kernel's types
	no-BTF) unshare -m sh -c "mount -t tmpfs tmpfs /sys/kernel/btf && node --no-warnings /app/dist/runner.mjs 'no BTF'" ;;
	# for good: it comes last
	lockdown=*) echo "${phase#*=}" >/sys/kernel/security/lockdown && run "$phase" ;;
	*) run "$phase" ;;
	esac
done
echo '{"kind":"end"}' >&3
poweroff -f
