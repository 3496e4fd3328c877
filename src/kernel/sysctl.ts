/** The sysctls that packets depend on, with the kernel's defaults (Documentation/networking/ip-sysctl.rst). */

const DEFAULTS: Readonly<Record<string, string>> = {
  'net.ipv4.ip_forward': '0',
  'net.ipv4.ip_default_ttl': '64',
  'net.ipv4.icmp_echo_ignore_all': '0',
  'net.ipv4.ip_nonlocal_bind': '0',
  'net.ipv4.fib_multipath_hash_policy': '0',
  'net.ipv4.vs.conntrack': '0',
  'net.ipv4.vs.snat_reroute': '1',
  'net.ipv6.conf.all.forwarding': '0',
  'net.ipv6.conf.default.hop_limit': '64',
  'net.ipv6.icmp.echo_ignore_all': '0',
  'net.ipv6.ip_nonlocal_bind': '0',
  'net.ipv6.bindv6only': '0',
  'net.ipv6.fib_multipath_hash_policy': '0',
  'net.bridge.bridge-nf-call-iptables': '1',
  'net.bridge.bridge-nf-call-ip6tables': '1',
  'net.netfilter.nf_conntrack_tcp_be_liberal': '0',
  'net.netfilter.nf_conntrack_tcp_loose': '1',
  'net.netfilter.nf_conntrack_checksum': '1',
};

/** Per-device settings: the value of `conf.default` when neither the device's own nor `all` says otherwise. */
const DEVICE_DEFAULTS: Readonly<Record<string, string>> = {
  forwarding: '0',
  rp_filter: '0',
  accept_local: '0',
  route_localnet: '0',
  proxy_arp: '0',
  arp_ignore: '0',
  arp_announce: '0',
  arp_filter: '0',
  src_valid_mark: '0',
  send_redirects: '1',
  shared_media: '1',
  proxy_ndp: '0',
  disable_ipv6: '0',
  addr_gen_mode: '0',
  use_oif_addrs_only: '0',
};

/** `conf.all` where it is not 0 (ipv4_devconf in net/ipv4/devinet.c). */
const ALL_DEFAULTS: Readonly<Record<string, string>> = { send_redirects: '1', shared_media: '1' };

/** How `conf.all` and `conf.DEVICE` combine, as IN_DEV_*CONF in include/linux/inetdevice.h has it. */
type Combine = 'device' | 'and' | 'or' | 'max';

/** The settings of one namespace; what was not set has the default. */
export class Sysctls {
  readonly #values: ReadonlyMap<string, string>;
  /** Answers of `device`, by family, device and key: every packet asks for a dozen. */
  readonly #ofDevices = { ipv4: new Map<string, Map<string, number>>(), ipv6: new Map<string, Map<string, number>>() };

  constructor(values: ReadonlyMap<string, string> | Readonly<Record<string, string>> = {}) {
    this.#values = new Map(values instanceof Map ? values : Object.entries(values));
  }

  /** The settings that were given, for printing. */
  get given(): ReadonlyMap<string, string> {
    return this.#values;
  }

  /** A sysctl by its full dotted name; a dot inside a device name is written as `/`. */
  get(name: string): string | undefined {
    return this.#values.get(name) ?? DEFAULTS[name];
  }

  /** 0 where nobody has set it and it has no default. */
  number(name: string): number {
    return Number(this.get(name) ?? 0);
  }

  /** net.ipv4.conf.DEVICE.KEY, or what conf.default or ip_forward gave it at birth. */
  device(device: string, key: string, family: 'ipv4' | 'ipv6' = 'ipv4'): number {
    let known = this.#ofDevices[family].get(device);
    if (known === undefined) {
      known = new Map();
      this.#ofDevices[family].set(device, known);
    }
    let value = known.get(key);
    if (value === undefined) {
      value = this.#ofDevice(device, key, family);
      known.set(key, value);
    }
    return value;
  }

  #ofDevice(device: string, key: string, family: 'ipv4' | 'ipv6'): number {
    const own = this.#values.get(`net.${family}.conf.${device.replaceAll('.', '/')}.${key}`);
    if (own !== undefined) return Number(own);
    if (key === 'forwarding')
      // conf.all.forwarding and ip_forward are one variable (devinet_sysctl_forward()).
      return Number(
        this.#values.get(`net.${family}.conf.all.forwarding`) ??
          this.get(family === 'ipv4' ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding') ??
          0,
      );
    return Number(this.#values.get(`net.${family}.conf.default.${key}`) ?? DEVICE_DEFAULTS[key] ?? 0);
  }

  /** The value in force on a device. */
  effective(device: string, key: string, combine: Combine, family: 'ipv4' | 'ipv6' = 'ipv4'): number {
    const own = this.device(device, key, family);
    const all = Number(this.#values.get(`net.${family}.conf.all.${key}`) ?? ALL_DEFAULTS[key] ?? 0);
    switch (combine) {
      case 'device':
        return own;
      case 'and':
        return own !== 0 && all !== 0 ? 1 : 0;
      case 'or':
        return own !== 0 || all !== 0 ? 1 : 0;
      case 'max':
        return Math.max(own, all);
    }
  }
}
