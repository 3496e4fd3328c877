#!/bin/bash
# get-kernels.sh DIR: fetches two Debian kernels and unpacks them into DIR; nothing of them is installed.
#   uml/  user-mode-linux, a kernel that is a program: starts in a second, needs no root, has no nftables
#   gen/  linux-image-amd64, Debian's stock kernel, run by qemu without hardware virtualisation
# The tools that the guests use from this system's root are installed where they are missing (needs root).
set -euo pipefail
folder=$1
here=$(cd "$(dirname "$0")" && pwd)
[ -e "$folder/complete" ] && exit 0
# package: one file that it brings
needed="iptables:/usr/sbin/iptables-legacy-restore ipset:/usr/sbin/ipset iproute2:/usr/sbin/bridge kmod:/usr/sbin/depmod
 busybox-static:/bin/busybox python3-minimal:/usr/bin/python3 qemu-system-x86:/usr/bin/qemu-system-x86_64 gcc:/usr/bin/gcc"
missing=$(for pair in $needed; do [ -e "${pair#*:}" ] || echo "${pair%%:*}"; done)
if [ -n "$missing" ]; then
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >/dev/null || { echo "install by hand:" $missing >&2; exit 1; }
fi
mkdir -p "$folder"
cd "$folder"
rm -rf gen uml ./*.deb
image=$(apt-cache depends linux-image-amd64 | awk '/Depends:/ { print $2; exit }')
apt-get download -q "$image" user-mode-linux
dpkg-deb -x "$image"_*.deb gen
dpkg-deb -x user-mode-linux_*.deb uml
rm -f ./*.deb
mkdir -p uml/lib
ln -sfn ../usr/lib/uml/modules uml/lib/modules
depmod -b "$folder/gen" "$(ls gen/lib/modules)"
depmod -b "$folder/uml" "$(ls uml/lib/modules/)"
# qemu's microvm starts an ELF image at once (PVH); a bzImage holds it behind the mark of xz.
python3 - gen/boot/vmlinuz-* gen/boot/vmlinux <<'PYTHON'
import lzma, sys
data = open(sys.argv[1], 'rb').read()
open(sys.argv[2], 'wb').write(lzma.LZMADecompressor().decompress(data[data.find(b'\xfd7zXZ\x00'):]))
PYTHON
gcc -O2 -shared -fPIC -o umlfix.so "$here/umlfix.c" -ldl
touch complete
