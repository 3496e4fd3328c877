#!/bin/sh
# Builds the topology in network namespaces of this machine. Run it as root, or without root inside
#   unshare --user --map-root-user --net --mount sh
# Look around with: ip netns exec nettrace-MACHINE COMMAND. Remove it with: nettrace lab down
set -eu
PATH=$PATH:/usr/sbin:/sbin

# What this needs: nothing is built where something is missing, and each kind of thing is named at once
missing=
nothing_missing() { [ -z "$missing" ] || { echo "this machine lacks${missing#,}" >&2; exit 1; }; }
[ "$(id -u)" = 0 ] || missing=", the rights of root"
for tool in ip sysctl iptables-restore python3; do command -v "$tool" >/dev/null || missing="$missing, the command $tool"; done
nothing_missing
# Names of namespaces live in /run/netns; a user namespace brings its own. Root in a user namespace of its own may write
# to the machine's, but not remount it: names there would outlive what they name.
map=$(echo $(cat /proc/self/uid_map 2>/dev/null))
case $map in '0 0 4294967295') ;; '0 0 '*) mount -o remount /run 2>/dev/null || mount -t tmpfs tmpfs /run ;; esac
mkdir -p /run/netns 2>/dev/null && [ -w /run/netns ] || mount -t tmpfs tmpfs /run
# Two labs at once would be mixed.
for there in /run/nettrace-lab.json /run/netns/nettrace-*; do
  [ ! -e "$there" ] || { echo "there is a lab already: $there (nettrace lab down removes it)" >&2; exit 1; }
done
# What the kernel has is tried in a namespace of its own.
probe=probe-of-nettrace-$$
ip netns add "$probe"
trap 'ip netns del "$probe" 2>/dev/null || :' EXIT
has() { lack=$1; shift; "$@" >/dev/null 2>&1 || { missing="$missing, $lack"; return 1; }; }
has 'devices of kind bridge' ip -n "$probe" link add name probe0 type bridge && ip -n "$probe" link del dev probe0 || :
has 'devices of kind veth' ip -n "$probe" link add name probe0 type veth peer name probe1 && ip -n "$probe" link del dev probe0 || :
nothing_missing
ip netns del "$probe"
trap - EXIT

# iptables would wait for the lock that all namespaces share.
export XTABLES_LOCKFILE=/run/nettrace-xtables.lock

# docker1
ip netns add nettrace-docker1
ip netns exec nettrace-docker1 sysctl -q -w net/ipv6/conf/all/disable_ipv6=1
ip netns exec nettrace-docker1 sysctl -q -w net/ipv6/conf/default/disable_ipv6=1
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/ip_forward=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/all/rp_filter=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/all/accept_local=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/all/route_localnet=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/all/proxy_arp=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/all/arp_ignore=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/all/arp_announce=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/all/arp_filter=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/all/src_valid_mark=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/all/accept_redirects=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/default/rp_filter=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/default/accept_local=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/default/route_localnet=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/default/proxy_arp=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/default/arp_ignore=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/default/arp_announce=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/default/arp_filter=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/default/src_valid_mark=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/default/accept_redirects=0
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/all/send_redirects=1
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/all/shared_media=1
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/default/send_redirects=1
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/conf/default/shared_media=1
# docker2
ip netns add nettrace-docker2
ip netns exec nettrace-docker2 sysctl -q -w net/ipv6/conf/all/disable_ipv6=1
ip netns exec nettrace-docker2 sysctl -q -w net/ipv6/conf/default/disable_ipv6=1
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/ip_forward=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/all/rp_filter=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/all/accept_local=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/all/route_localnet=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/all/proxy_arp=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/all/arp_ignore=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/all/arp_announce=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/all/arp_filter=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/all/src_valid_mark=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/all/accept_redirects=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/default/rp_filter=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/default/accept_local=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/default/route_localnet=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/default/proxy_arp=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/default/arp_ignore=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/default/arp_announce=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/default/arp_filter=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/default/src_valid_mark=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/default/accept_redirects=0
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/all/send_redirects=1
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/all/shared_media=1
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/default/send_redirects=1
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/conf/default/shared_media=1
# laptop
ip netns add nettrace-laptop
ip netns exec nettrace-laptop sysctl -q -w net/ipv6/conf/all/disable_ipv6=1
ip netns exec nettrace-laptop sysctl -q -w net/ipv6/conf/default/disable_ipv6=1
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/ip_forward=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/all/rp_filter=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/all/accept_local=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/all/route_localnet=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/all/proxy_arp=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/all/arp_ignore=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/all/arp_announce=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/all/arp_filter=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/all/src_valid_mark=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/all/accept_redirects=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/default/rp_filter=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/default/accept_local=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/default/route_localnet=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/default/proxy_arp=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/default/arp_ignore=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/default/arp_announce=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/default/arp_filter=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/default/src_valid_mark=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/default/accept_redirects=0
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/all/send_redirects=1
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/all/shared_media=1
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/default/send_redirects=1
ip netns exec nettrace-laptop sysctl -q -w net/ipv4/conf/default/shared_media=1
# container:web
ip netns add nettrace-container-web
ip netns exec nettrace-container-web sysctl -q -w net/ipv6/conf/all/disable_ipv6=1
ip netns exec nettrace-container-web sysctl -q -w net/ipv6/conf/default/disable_ipv6=1
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/ip_forward=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/all/rp_filter=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/all/accept_local=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/all/route_localnet=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/all/proxy_arp=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/all/arp_ignore=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/all/arp_announce=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/all/arp_filter=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/all/src_valid_mark=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/all/accept_redirects=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/default/rp_filter=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/default/accept_local=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/default/route_localnet=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/default/proxy_arp=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/default/arp_ignore=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/default/arp_announce=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/default/arp_filter=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/default/src_valid_mark=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/default/accept_redirects=0
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/all/send_redirects=1
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/all/shared_media=1
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/default/send_redirects=1
ip netns exec nettrace-container-web sysctl -q -w net/ipv4/conf/default/shared_media=1
# container:client
ip netns add nettrace-container-client
ip netns exec nettrace-container-client sysctl -q -w net/ipv6/conf/all/disable_ipv6=1
ip netns exec nettrace-container-client sysctl -q -w net/ipv6/conf/default/disable_ipv6=1
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/ip_forward=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/all/rp_filter=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/all/accept_local=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/all/route_localnet=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/all/proxy_arp=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/all/arp_ignore=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/all/arp_announce=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/all/arp_filter=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/all/src_valid_mark=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/all/accept_redirects=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/default/rp_filter=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/default/accept_local=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/default/route_localnet=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/default/proxy_arp=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/default/arp_ignore=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/default/arp_announce=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/default/arp_filter=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/default/src_valid_mark=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/default/accept_redirects=0
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/all/send_redirects=1
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/all/shared_media=1
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/default/send_redirects=1
ip netns exec nettrace-container-client sysctl -q -w net/ipv4/conf/default/shared_media=1
# container:lonely
ip netns add nettrace-container-lonely
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv6/conf/all/disable_ipv6=1
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv6/conf/default/disable_ipv6=1
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/ip_forward=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/all/rp_filter=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/all/accept_local=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/all/route_localnet=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/all/proxy_arp=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/all/arp_ignore=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/all/arp_announce=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/all/arp_filter=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/all/src_valid_mark=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/all/accept_redirects=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/default/rp_filter=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/default/accept_local=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/default/route_localnet=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/default/proxy_arp=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/default/arp_ignore=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/default/arp_announce=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/default/arp_filter=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/default/src_valid_mark=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/default/accept_redirects=0
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/all/send_redirects=1
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/all/shared_media=1
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/default/send_redirects=1
ip netns exec nettrace-container-lonely sysctl -q -w net/ipv4/conf/default/shared_media=1
# container:remote
ip netns add nettrace-container-remote
ip netns exec nettrace-container-remote sysctl -q -w net/ipv6/conf/all/disable_ipv6=1
ip netns exec nettrace-container-remote sysctl -q -w net/ipv6/conf/default/disable_ipv6=1
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/ip_forward=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/all/rp_filter=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/all/accept_local=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/all/route_localnet=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/all/proxy_arp=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/all/arp_ignore=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/all/arp_announce=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/all/arp_filter=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/all/src_valid_mark=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/all/accept_redirects=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/default/rp_filter=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/default/accept_local=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/default/route_localnet=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/default/proxy_arp=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/default/arp_ignore=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/default/arp_announce=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/default/arp_filter=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/default/src_valid_mark=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/default/accept_redirects=0
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/all/send_redirects=1
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/all/shared_media=1
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/default/send_redirects=1
ip netns exec nettrace-container-remote sysctl -q -w net/ipv4/conf/default/shared_media=1
# (switch lan)
ip netns add nettrace--switch-lan-
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv6/conf/all/disable_ipv6=1
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv6/conf/default/disable_ipv6=1
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/ip_forward=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/all/rp_filter=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/all/accept_local=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/all/route_localnet=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/all/proxy_arp=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/all/arp_ignore=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/all/arp_announce=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/all/arp_filter=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/all/src_valid_mark=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/all/accept_redirects=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/default/rp_filter=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/default/accept_local=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/default/route_localnet=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/default/proxy_arp=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/default/arp_ignore=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/default/arp_announce=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/default/arp_filter=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/default/src_valid_mark=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/default/accept_redirects=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/all/send_redirects=1
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/all/shared_media=1
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/default/send_redirects=1
ip netns exec nettrace--switch-lan- sysctl -q -w net/ipv4/conf/default/shared_media=1

# Wires and devices, in the order in which each machine lists them
ip -n nettrace--switch-lan- link add name bridge type bridge stp_state 0 forward_delay 0 mcast_snooping 0
ip link add name eth0 netns nettrace-docker1 address 96:33:72:0c:2f:a1 mtu 1500 type veth peer name port1 netns nettrace--switch-lan- mtu 65535
ip -n nettrace-docker1 link add name docker0 address be:86:09:5d:94:4a type bridge stp_state 0 forward_delay 0 mcast_snooping 0
ip link add name eth0 netns nettrace-container-web address 02:42:ac:11:00:02 mtu 1500 type veth peer name veth064e6aa netns nettrace-docker1 address 7a:ae:c6:e1:64:ee mtu 1500
ip link add name eth0 netns nettrace-container-client address 02:42:ac:11:00:03 mtu 1500 type veth peer name vethebdaa66 netns nettrace-docker1 address d2:00:d9:9d:2a:37 mtu 1500
ip link add name eth0 netns nettrace-docker2 address aa:90:13:2d:79:90 mtu 1500 type veth peer name port2 netns nettrace--switch-lan- mtu 65535
ip -n nettrace-docker2 link add name docker0 address f6:91:93:03:0b:f2 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
ip link add name eth0 netns nettrace-container-remote address 02:42:ac:11:00:09 mtu 1500 type veth peer name vethb9fa296 netns nettrace-docker2 address 56:12:cf:3e:e5:0a mtu 1500
ip link add name eth0 netns nettrace-laptop address 7e:32:8a:27:3d:59 mtu 1500 type veth peer name port3 netns nettrace--switch-lan- mtu 65535

# docker1
ip netns exec nettrace-docker1 sysctl -q -w net/ipv4/ip_forward=1
ip -n nettrace-docker1 link set dev veth064e6aa master docker0
ip -n nettrace-docker1 link set dev vethebdaa66 master docker0
ip -n nettrace-docker1 link set dev docker0 mtu 1500
ip -n nettrace-docker1 link set dev lo up
ip -n nettrace-docker1 link set dev eth0 up
ip -n nettrace-docker1 link set dev docker0 up
ip -n nettrace-docker1 link set dev veth064e6aa up
ip -n nettrace-docker1 link set dev vethebdaa66 up
ip -n nettrace-docker1 addr add 192.168.26.11/24 dev eth0 scope global
ip -n nettrace-docker1 addr add 172.17.0.1/16 dev docker0 scope global
ip netns exec nettrace-docker1 iptables-restore <<'END'
# Generated by nettrace
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
# Completed
# Generated by nettrace
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A POSTROUTING -s 172.17.0.2/32 -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
COMMIT
# Completed
END

# docker2
ip netns exec nettrace-docker2 sysctl -q -w net/ipv4/ip_forward=1
ip -n nettrace-docker2 link set dev vethb9fa296 master docker0
ip -n nettrace-docker2 link set dev docker0 mtu 1500
ip -n nettrace-docker2 link set dev lo up
ip -n nettrace-docker2 link set dev eth0 up
ip -n nettrace-docker2 link set dev docker0 up
ip -n nettrace-docker2 link set dev vethb9fa296 up
ip -n nettrace-docker2 addr add 192.168.26.12/24 dev eth0 scope global
ip -n nettrace-docker2 addr add 172.17.0.1/16 dev docker0 scope global
ip netns exec nettrace-docker2 iptables-restore <<'END'
# Generated by nettrace
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
# Completed
# Generated by nettrace
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
COMMIT
# Completed
END

# laptop
ip -n nettrace-laptop link set dev lo up
ip -n nettrace-laptop link set dev eth0 up
ip -n nettrace-laptop addr add 192.168.26.1/24 dev eth0 scope global

# container:web
ip -n nettrace-container-web link set dev lo up
ip -n nettrace-container-web link set dev eth0 up
ip -n nettrace-container-web addr add 172.17.0.2/16 dev eth0 scope global
ip -n nettrace-container-web route add default via 172.17.0.1 dev eth0 scope global

# container:client
ip -n nettrace-container-client link set dev lo up
ip -n nettrace-container-client link set dev eth0 up
ip -n nettrace-container-client addr add 172.17.0.3/16 dev eth0 scope global
ip -n nettrace-container-client route add default via 172.17.0.1 dev eth0 scope global

# container:lonely
ip -n nettrace-container-lonely link set dev lo up

# container:remote
ip -n nettrace-container-remote link set dev lo up
ip -n nettrace-container-remote link set dev eth0 up
ip -n nettrace-container-remote addr add 172.17.0.9/16 dev eth0 scope global
ip -n nettrace-container-remote route add default via 172.17.0.1 dev eth0 scope global

# (switch lan)
ip netns exec nettrace--switch-lan- sysctl -q -w net/bridge/bridge-nf-call-iptables=0
ip netns exec nettrace--switch-lan- sysctl -q -w net/bridge/bridge-nf-call-ip6tables=0
ip -n nettrace--switch-lan- link set dev port1 master bridge
ip -n nettrace--switch-lan- link set dev port2 master bridge
ip -n nettrace--switch-lan- link set dev port3 master bridge
ip -n nettrace--switch-lan- link set dev bridge up
ip -n nettrace--switch-lan- link set dev port1 up
ip -n nettrace--switch-lan- link set dev port2 up
ip -n nettrace--switch-lan- link set dev port3 up

# Flags of bridge ports, once carriers are told of, and devices that are down
sleep 1.2
ip -n nettrace-docker1 link set dev veth064e6aa type bridge_slave hairpin off isolated off
ip -n nettrace-docker1 link set dev vethebdaa66 type bridge_slave hairpin off isolated off
ip -n nettrace-docker2 link set dev vethb9fa296 type bridge_slave hairpin off isolated off

# Sockets that answer with the name of their machine
LISTEN=$(cat <<'END'
import selectors, socket, sys
name, wanted = sys.argv[1], sys.argv[2:]
ready = selectors.DefaultSelector()
for place in wanted:
    protocol, rest = place.split(':', 1)
    address, port = rest.rsplit(':', 1)
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM if protocol == 'tcp' else socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind((address, int(port)))
    if protocol == 'tcp':
        s.listen(64)
    ready.register(s, selectors.EVENT_READ, protocol)
while True:
    for key, _ in ready.select():
        try:
            if key.data == 'tcp':
                client, peer = key.fileobj.accept()
                client.sendall(('%s saw %s:%d\n' % (name, peer[0], peer[1])).encode())
                client.close()
            else:
                data, peer = key.fileobj.recvfrom(65536)
                key.fileobj.sendto(('%s saw %s:%d\n' % (name, peer[0], peer[1])).encode(), peer)
        except OSError:
            pass
END
)
ip netns exec nettrace-docker1 python3 -c "$LISTEN" docker1 tcp:0.0.0.0:8080 tcp:0.0.0.0:7000 </dev/null >/dev/null 2>&1 &
ip netns exec nettrace-container-web python3 -c "$LISTEN" container:web tcp:0.0.0.0:80 tcp:0.0.0.0:9000 </dev/null >/dev/null 2>&1 &
ip netns exec nettrace-container-client python3 -c "$LISTEN" container:client tcp:0.0.0.0:53 tcp:0.0.0.0:80 tcp:0.0.0.0:443 tcp:0.0.0.0:8080 udp:0.0.0.0:53 udp:0.0.0.0:80 udp:0.0.0.0:443 udp:0.0.0.0:8080 </dev/null >/dev/null 2>&1 &
ip netns exec nettrace-container-lonely python3 -c "$LISTEN" container:lonely tcp:0.0.0.0:53 tcp:0.0.0.0:80 tcp:0.0.0.0:443 tcp:0.0.0.0:8080 udp:0.0.0.0:53 udp:0.0.0.0:80 udp:0.0.0.0:443 udp:0.0.0.0:8080 </dev/null >/dev/null 2>&1 &
ip netns exec nettrace-container-remote python3 -c "$LISTEN" container:remote tcp:0.0.0.0:80 </dev/null >/dev/null 2>&1 &
