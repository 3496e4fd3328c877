#!/bin/bash
# qemu.sh KERNELS OUT: as uml.sh, in Debian's stock kernel under qemu's own emulation of a processor (no KVM).
set -euo pipefail
# When the caller dies, so does this, and the guest with it.
[ -n "${DIES_WITH_CALLER:-}" ] || DIES_WITH_CALLER=1 exec setpriv --pdeathsig TERM "$0" "$@"
kernels=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)
stock=$kernels/gen
release=$(ls "$stock/lib/modules")
work=$out/initramfs
mkdir -p "$work"/{bin,proc,sys,dev,root,modules}
trap 'rm -rf "$work" "$out/initramfs.gz"' EXIT
cp "$(command -v busybox)" "$work/bin/busybox"
: > "$work/modules/order"
for module in virtio_pci 9pnet_virtio 9p virtio_mmio; do
  modprobe -d "$stock" -S "$release" --show-depends $module | awk '$1 == "insmod" { print $2 }' | while read -r file; do
    name=$(basename "$file")
    [ -e "$work/modules/$name" ] || { cp "$file" "$work/modules/"; echo "$name" >> "$work/modules/order"; }
  done
done
cat > "$work/init" <<INIT
#!/bin/busybox sh
box=/bin/busybox
\$box mount -t proc proc /proc
\$box mount -t sysfs sys /sys
while read name; do \$box insmod /modules/\$name; done < /modules/order
\$box mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro hostshare /root || \$box poweroff -f
\$box umount /proc /sys
exec \$box switch_root /root $here/guest-init.sh
INIT
chmod +x "$work/init"
(cd "$work" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1 > "$out/initramfs.gz")
# On a busy machine the kernel cannot measure the clock of the processor ("could not calculate TSC khz") and stands still for
# ever: it is told. A guest that is not at work after two minutes all the same is started again.
kilohertz=$(awk '/^cpu MHz/ { printf "%d", $4 * 1000; exit }' /proc/cpuinfo)
for attempt in 1 2 3 4 5; do
  setpriv --pdeathsig TERM timeout -k 5 "${LIMIT:-900}" qemu-system-x86_64 -M microvm,x-option-roms=off -accel tcg,thread=multi -cpu max -smp 1 -m 1024 \
    -nographic -nic none -no-reboot -kernel "$stock/boot/vmlinux" -initrd "$out/initramfs.gz" \
    -fsdev local,id=fs0,path=/,security_model=none,readonly=on,multidevs=remap -device virtio-9p-device,fsdev=fs0,mount_tag=hostshare \
    -fsdev "local,id=fs1,path=$out,security_model=none" -device virtio-9p-device,fsdev=fs1,mount_tag=outshare \
    -append "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nokaslr tsc_early_khz=${kilohertz:-2000000} tsc=reliable no_timer_check lab.kernels=$kernels lab.out=$out lab.runner=$here/../runner.py" </dev/null &
  guest=$!
  (
    for _ in $(seq "${BOOT:-120}"); do
      sleep 1
      [ ! -e "$out/answers.jsonl" ] && kill -0 "$guest" || exit 0
    done
    kill "$guest"
  ) 2>/dev/null &
  watch=$!
  wait "$guest" || true
  kill "$watch" 2>/dev/null || true
  [ ! -e "$out/answers.jsonl" ] || exit 0
  echo "attempt $attempt has not booted"
done
exit 1
