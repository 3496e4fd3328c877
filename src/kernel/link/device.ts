/** Network devices as data. `ip -d link` shows the same facts on a real machine. */
import type { IpAddr } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { NetnsId } from '../netns-id.ts';
import type { OriginId } from '../origin.ts';

/** include/uapi/linux/rtnetlink.h: a smaller number reaches further. */
export type Scope = 'global' | 'site' | 'link' | 'host' | 'nowhere';

/** One address of a device, as `ip addr` lists it (struct in_ifaddr). */
export type DeviceAddress = {
  readonly ip: IpAddr;
  readonly bits: number;
  readonly scope: Scope;
  /** `ip addr add LOCAL peer PEER`: the prefix is the peer's. */
  readonly peer?: IpAddr;
  /** IFA_F_SECONDARY: not the first address of its subnet. */
  readonly secondary?: boolean;
  /** IFA_F_NOPREFIXROUTE: no connected route. */
  readonly noPrefixRoute?: boolean;
  readonly label?: string;
  /** Nobody configured it: the kernel gave it to the device (IPv6's address of the link, and ::1). */
  readonly byKernel?: boolean;
};

/** The bridge a device is a port of, and the port's flags. */
type BridgePort = {
  readonly bridge: string;
  /** BR_HAIRPIN_MODE: a frame may leave by the port it came in by. */
  readonly hairpin: boolean;
  /** BR_ISOLATED: no traffic to other isolated ports. */
  readonly isolated: boolean;
  /** BR_STATE_FORWARDING, or any state that blocks. */
  readonly state: 'forwarding' | 'blocking';
};

type DeviceBase = {
  /** Unique in its network namespace; at most 15 bytes (IFNAMSIZ). */
  readonly name: string;
  /** Position in the namespace's list: source address selection goes through devices in this order. */
  readonly index: number;
  readonly mac: Mac;
  readonly mtu: number;
  /** IFF_UP. */
  readonly up: boolean;
  readonly addresses: readonly DeviceAddress[];
  readonly port?: BridgePort;
  readonly origin?: OriginId;
};

export type Device = DeviceBase &
  (
    | { readonly kind: 'loopback' | 'dummy' }
    /** A network card on a segment: one layer-2 broadcast domain, a cable being a segment with two ends. */
    | { readonly kind: 'ethernet'; readonly segment: string }
    | { readonly kind: 'veth'; readonly peer: DeviceRef | undefined }
    | { readonly kind: 'bridge'; readonly ageing?: number }
    | { readonly kind: 'vlan'; readonly parent: string; readonly vlan: number }
    | { readonly kind: 'macvlan'; readonly parent: string }
    | { readonly kind: 'ipip'; readonly local?: IpAddr; readonly remote?: IpAddr; readonly ttl?: number }
    /** A TUN device, and behind it a process that carries packets to its peers in UDP, each to whose range holds the destination. */
    | {
        readonly kind: 'tun';
        readonly local: IpAddr;
        readonly udpPort: number;
        readonly peers: readonly { readonly prefix: Prefix; readonly remote: IpAddr }[];
      }
    | {
        readonly kind: 'vxlan';
        readonly vni: number;
        /** Destination port of the outer packets; `port` is the bridge port of any device. */
        readonly udpPort: number;
        readonly local?: IpAddr;
        readonly parent?: string;
        readonly learning: boolean;
      }
  );

/** A device somewhere in the world. */
export type DeviceRef = { readonly netns: NetnsId; readonly device: string };

/** A static entry of a vxlan device's forwarding database: frames to `mac` go to `remote`. */
export type FdbEntry = { readonly device: string; readonly mac: Mac; readonly remote: IpAddr };
