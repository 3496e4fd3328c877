#!/bin/sh
# The init process of a guest. Its root is this system's, read-only; OUT is the one folder it may write.
# Words of the kernel's command line: lab.kernels=FOLDER (get-kernels.sh) lab.out=FOLDER lab.runner=FILE
word() { sed -n "s/.*lab\.$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/run TMPDIR=/run PYTHONDONTWRITEBYTECODE=1
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t tmpfs tmp /run
# Otherwise each namespace is born with a tunl0 of lower ifindex than its network card, and "the first address of any
# device" would be that of the tunnel, unlike on a real node.
echo 1 > /proc/sys/net/core/fb_tunnels_only_for_init_net
# ip_error() sends five errors to an address and then one a second; no namespace but the first can change it.
echo 0 > /proc/sys/net/ipv4/route/error_cost
case $(uname -r) in *-amd64) root=$(word kernels)/gen ;; *) root=$(word kernels)/uml ;; esac
modprobe -a -d "$root" dummy ipip veth bridge br_netfilter vxlan macvlan 8021q nf_conntrack nf_nat nfnetlink_log nf_log_syslog \
  iptable_raw iptable_mangle iptable_nat iptable_filter iptable_security \
  ip_set_hash_ip ip_set_hash_net ip_set_hash_ipport ip_set_hash_ipportip ip_set_hash_ipportnet ip_set_hash_netport ip_set_hash_netiface \
  ip_set_bitmap_port ip_set_list_set xt_set xt_TRACE xt_comment xt_conntrack xt_state xt_mark xt_connmark xt_addrtype xt_statistic xt_recent \
  xt_multiport xt_MASQUERADE xt_nat xt_NETMAP xt_REDIRECT xt_CT xt_LOG xt_NFLOG ipt_REJECT ipt_rpfilter xt_tcpudp xt_physdev xt_iprange xt_mac \
  xt_owner xt_length xt_pkttype xt_dscp xt_DSCP xt_hl xt_HL xt_limit xt_hashlimit xt_TCPMSS nf_conntrack_netlink \
  xt_ipvs ip_vs ip_vs_rr ip_vs_wrr ip_vs_lc ip_vs_wlc ip_vs_lblc ip_vs_lblcr ip_vs_dh ip_vs_sh ip_vs_sed ip_vs_nq ip_vs_fo ip_vs_ovf ip_vs_mh \
  ip_set_hash_ip 2>/run/modules
sed 's/^/GUEST /' /run/modules
# iptables asks for revisions of extensions that are not there; each question would start a modprobe.
echo > /proc/sys/kernel/modprobe
out=/run/out
mkdir -p $out
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 outshare $out 2>/dev/null || mount -t hostfs -o "$(word out)" none $out || busybox poweroff -f
/usr/bin/python3 "$(word runner)" < $out/requests.jsonl > $out/answers.jsonl 2> $out/errors.txt
echo $? > $out/status
busybox poweroff -f
