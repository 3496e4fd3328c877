/** Random machines, wires, routes, rules and probes from a seed. */

import { generateIpsets } from './generate-ipsets.ts';
import { generateIptables } from './generate-iptables.ts';
import { Random } from './random.ts';
import type { DeviceText, MachineText, ProbeText, Scenario } from './scenario.ts';

/** A machine while it is made. */
export type Draft = {
  readonly name: string;
  readonly role: 'router' | 'host' | 'container';
  readonly devices: DeviceText[];
  readonly routes: string[];
  readonly rules: string[];
  readonly neighbours: { device: string; ip: string; mac: string }[];
  readonly fdb: { device: string; mac: string; remote: string }[];
  readonly sysctls: Record<string, string>;
  readonly listen: string[];
  iptables: string;
  ipsets: string;
  /** Own addresses, and the subnets it is on with the device. */
  readonly addresses: string[];
  readonly subnets: { readonly subnet: string; readonly device: string; readonly ip: string }[];
};

/** What addresses and ports a scenario speaks of. */
export type Pool = {
  readonly addresses: string[];
  readonly subnets: string[];
  /** Addresses that no machine has: virtual services, unknown neighbours, unrouted ones. */
  readonly strangers: string[];
  readonly ports: readonly [number, ...number[]];
};

export type GeneratorOptions = {
  readonly probes: number;
  /** Kinds of devices that the kernel has. */
  readonly kinds: readonly string[];
  /** Rules whose answer depends on what came before (limit, nth, recent). */
  readonly remembers?: boolean;
};

const PORTS = [8080, 80, 53, 9999] as const;

export function generateScenario(seed: number, options: GeneratorOptions): Scenario {
  const random = new Random(seed);
  const pool: Pool = { addresses: [], subnets: [], strangers: ['10.96.0.1', '10.96.0.2', '203.0.113.7'], ports: PORTS };
  const machines = generateMachines(random, pool, options);
  for (const machine of machines) {
    disturbRoutes(random, machine, pool);
    generateSysctls(random, machine);
    generateListeners(random, machine);
    if (machine.role === 'container' && random.chance(0.7)) continue;
    const sets = random.chance(0.4) ? generateIpsets(random, pool, machine) : [];
    machine.ipsets = sets.map((set) => set.text).join('');
    if (random.chance(machine.role === 'router' ? 0.8 : 0.4))
      machine.iptables = generateIptables(random, pool, machine, sets, options.remembers === true);
  }
  const probes = Array.from({ length: options.probes }, (_, index) =>
    generateProbe(random, machines, pool, 20000 + index),
  );
  return {
    name: `seed-${seed}`,
    seed,
    machines: machines.map(finish),
    probes,
    ...(options.remembers === true ? { remembers: true } : {}),
  };
}

export function draft(name: string, role: Draft['role']): Draft {
  return {
    name,
    role,
    devices: [],
    routes: [],
    rules: [],
    neighbours: [],
    fdb: [],
    sysctls: {},
    listen: [],
    iptables: '',
    ipsets: '',
    addresses: [],
    subnets: [],
  };
}

export function finish(machine: Draft): MachineText {
  const { name, devices, routes, rules, neighbours, fdb, sysctls, listen, iptables, ipsets } = machine;
  return {
    name,
    devices,
    ...(routes.length > 0 ? { routes } : {}),
    ...(rules.length > 0 ? { rules } : {}),
    ...(neighbours.length > 0 ? { neighbours } : {}),
    ...(fdb.length > 0 ? { fdb } : {}),
    ...(Object.keys(sysctls).length > 0 ? { sysctls } : {}),
    ...(iptables === '' ? {} : { iptables }),
    ...(ipsets === '' ? {} : { ipsets }),
    ...(listen.length > 0 ? { listen } : {}),
  };
}

/** Gives the device to the machine with an address on a subnet. */
function attach(machine: Draft, device: DeviceText, pool: Pool, subnet?: string, ip?: string): void {
  machine.devices.push(device);
  if (subnet === undefined || ip === undefined) return;
  machine.addresses.push(ip);
  machine.subnets.push({ subnet, device: device.name, ip });
  pool.addresses.push(ip);
}

/**
 * A row of segments with a router between each two; hosts on the segments; containers behind routers and hosts on
 * bridges, on point-to-point wires, and with a proxying gateway.
 */
function generateMachines(random: Random, pool: Pool, options: GeneratorOptions): readonly Draft[] {
  const segments = random.int(1, 3);
  const routers = Array.from({ length: segments }, (_, index) => draft(`router${index + 1}`, 'router'));
  const hosts: Draft[] = [];
  for (let segment = 0; segment < segments; segment++) {
    const subnet = `10.0.${segment}.0/24`;
    pool.subnets.push(subnet);
    pool.strangers.push(`10.0.${segment}.99`);
    const here = [routers[segment], segment > 0 ? routers[segment - 1] : undefined].filter(
      (router) => router !== undefined,
    );
    const more = Array.from({ length: random.int(here.length === 1 ? 1 : 0, 2) }, (_, index) =>
      draft(`host${segment + 1}${index + 1}`, 'host'),
    );
    hosts.push(...more);
    [...here, ...more].forEach((machine, index) => {
      const name = machine.devices.some((device) => device.name === 'eth0') ? 'eth1' : 'eth0';
      const mtu = random.chance(0.08) ? 1400 : undefined;
      const ip = `10.0.${segment}.${index + 1}`;
      const device: DeviceText = {
        name,
        kind: 'ethernet',
        segment: `segment${segment + 1}`,
        addresses: [`${ip}/24`],
        ...(mtu === undefined ? {} : { mtu }),
      };
      attach(machine, device, pool, subnet, ip);
    });
  }
  const nodes = [...routers, ...hosts];
  const containers = nodes.flatMap((node, index) =>
    random.chance(0.6) ? generateContainers(random, node, index + 1, pool) : [],
  );
  for (const machine of nodes) {
    if (random.chance(0.15)) {
      const ip = `10.3.${nodes.indexOf(machine)}.1`;
      machine.devices.unshift({ name: 'lo', kind: 'loopback', addresses: ['127.0.0.1/8', `${ip}/32`] });
      machine.addresses.push(ip);
      pool.addresses.push(ip);
    }
  }
  routeEverywhere(random, nodes);
  if (routers.length > 1 && options.kinds.includes('vxlan') && random.chance(0.3)) addTunnel(random, routers, pool);
  return [...nodes, ...containers];
}

function generateContainers(random: Random, node: Draft, number: number, pool: Pool): readonly Draft[] {
  const count = random.int(1, 3);
  const containers = Array.from({ length: count }, (_, index) => draft(`${node.name}-c${index + 1}`, 'container'));
  random.weighted(
    [3, () => bridgeContainers(random, node, number, containers, pool)],
    [2, () => proxiedContainers(random, node, number, containers, pool)],
    [1, () => pairedContainers(node, number, containers, pool)],
  );
  return containers;
}

/** On a bridge that is the gateway: docker0, cni0. */
function bridgeContainers(random: Random, node: Draft, number: number, containers: readonly Draft[], pool: Pool): void {
  const subnet = `10.1.${number}.0/24`;
  pool.subnets.push(subnet);
  pool.strangers.push(`10.1.${number}.99`);
  const ip = `10.1.${number}.1`;
  attach(node, { name: 'br0', kind: 'bridge', addresses: [`${ip}/24`] }, pool, subnet, ip);
  node.sysctls['net.bridge.bridge-nf-call-iptables'] = random.chance(0.5) ? '1' : '0';
  const hairpin = random.chance(0.4);
  containers.forEach((container, index) => {
    const own = `10.1.${number}.${index + 2}`;
    const port = `veth${index + 1}`;
    node.devices.push({
      name: port,
      kind: 'veth',
      peer: [container.name, 'eth0'],
      bridge: 'br0',
      ...(hairpin ? { hairpin: true } : {}),
      ...(random.chance(0.1) ? { isolated: true } : {}),
      ...(random.chance(0.05) ? { blocking: true } : {}),
    });
    attach(
      container,
      { name: 'eth0', kind: 'veth', peer: [node.name, port], addresses: [`${own}/24`] },
      pool,
      subnet,
      own,
    );
    container.routes.push(`default via ${ip} dev eth0`);
  });
}

/** A full-length address, a gateway that exists nowhere, proxy_arp at the other end: Calico. */
function proxiedContainers(
  random: Random,
  node: Draft,
  number: number,
  containers: readonly Draft[],
  pool: Pool,
): void {
  const block = `10.2.${number}.0/26`;
  pool.subnets.push(block);
  pool.strangers.push(`10.2.${number}.50`);
  containers.forEach((container, index) => {
    const own = `10.2.${number}.${index + 1}`;
    const port = `cali${index + 1}`;
    node.devices.push({ name: port, kind: 'veth', peer: [container.name, 'eth0'], mac: 'ee:ee:ee:ee:ee:ee' });
    node.sysctls[`net.ipv4.conf.${port}.proxy_arp`] = '1';
    if (random.chance(0.3)) node.sysctls[`net.ipv4.conf.${port}.rp_filter`] = '1';
    node.routes.push(`${own} dev ${port} scope link`);
    attach(
      container,
      { name: 'eth0', kind: 'veth', peer: [node.name, port], addresses: [`${own}/32`] },
      pool,
      block,
      own,
    );
    container.routes.push('169.254.1.1 dev eth0 scope link', 'default via 169.254.1.1 dev eth0');
  });
  if (random.chance(0.7)) node.routes.push(`blackhole ${block} proto bird`);
  node.subnets.push({ subnet: block, device: '', ip: node.addresses[0] ?? '' });
}

/** A wire with an address at each end. */
function pairedContainers(node: Draft, number: number, containers: readonly Draft[], pool: Pool): void {
  containers.forEach((container, index) => {
    const subnet = `10.4.${number}.${index * 4}/30`;
    const near = `10.4.${number}.${index * 4 + 1}`;
    const far = `10.4.${number}.${index * 4 + 2}`;
    const port = `peer${index + 1}`;
    pool.subnets.push(subnet);
    attach(
      node,
      { name: port, kind: 'veth', peer: [container.name, 'eth0'], addresses: [`${near}/30`] },
      pool,
      subnet,
      near,
    );
    attach(
      container,
      { name: 'eth0', kind: 'veth', peer: [node.name, port], addresses: [`${far}/30`] },
      pool,
      subnet,
      far,
    );
    container.routes.push(`default via ${near} dev eth0`);
  });
}

/** Static routes along shortest ways; some leave it to a default route. */
function routeEverywhere(random: Random, nodes: readonly Draft[]): void {
  const isShared = (subnet: string): boolean => subnet.startsWith('10.0.');
  const neighboursOf = (
    node: Draft,
  ): readonly { readonly node: Draft; readonly via: string; readonly device: string }[] =>
    node.subnets
      .filter(({ subnet }) => isShared(subnet))
      .flatMap(({ subnet, device }) =>
        nodes.flatMap((other) => {
          const there = other === node ? undefined : other.subnets.find((candidate) => candidate.subnet === subnet);
          return there === undefined ? [] : [{ node: other, via: there.ip, device }];
        }),
      );
  for (const node of nodes) {
    const known = new Set(node.subnets.map(({ subnet }) => subnet));
    const seen = new Set([node]);
    let front = neighboursOf(node);
    while (front.length > 0) {
      const next: (typeof front)[number][] = [];
      for (const { node: other, via, device } of front) {
        if (seen.has(other)) continue;
        seen.add(other);
        for (const { subnet } of other.subnets) {
          if (known.has(subnet)) continue;
          known.add(subnet);
          node.routes.push(`${subnet} via ${via} dev ${device}${random.chance(0.2) ? ' proto bird' : ''}`);
        }
        if (other.role === 'router') next.push(...neighboursOf(other).map((hop) => ({ ...hop, via, device })));
      }
      front = next;
    }
    const gateway = neighboursOf(node).find(({ node: other }) => other.role === 'router');
    if (gateway !== undefined && random.chance(node.role === 'host' ? 0.8 : 0.3))
      node.routes.push(`default via ${gateway.via} dev ${gateway.device}`);
  }
}

/** A vxlan between two routers, with an address of its own at each end. */
function addTunnel(random: Random, routers: readonly Draft[], pool: Pool): void {
  const [first, second] = [routers[0], routers[1]];
  if (first === undefined || second === undefined) return;
  const ends = [first, second].map((router, index) => ({
    router,
    mac: `02:00:00:00:0e:0${index + 1}`,
    ip: `10.5.0.${index + 1}`,
    outer: router.addresses[0] ?? '',
  }));
  const learning = random.chance(0.5);
  ends.forEach((end, index) => {
    const other = ends[1 - index];
    if (other === undefined) return;
    attach(
      end.router,
      {
        name: 'vxlan0',
        kind: 'vxlan',
        vni: 42,
        local: end.outer,
        mac: end.mac,
        mtu: 1450,
        addresses: [`${end.ip}/24`],
      },
      pool,
      '10.5.0.0/24',
      end.ip,
    );
    end.router.fdb.push({ device: 'vxlan0', mac: other.mac, remote: other.outer });
    end.router.neighbours.push({ device: 'vxlan0', ip: other.ip, mac: other.mac });
    const behind = other.router.subnets.find(({ subnet }) => /^10\.[124]\./.test(subnet));
    if (behind === undefined || learning) return;
    const direct = end.router.routes.findIndex((route) => route.startsWith(`${behind.subnet} `));
    if (direct >= 0) end.router.routes.splice(direct, 1, `${behind.subnet} via ${other.ip} dev vxlan0 onlink`);
  });
}

function subnetPart(random: Random, pool: Pool): string {
  const subnet = random.pick(pool.subnets) ?? '10.0.0.0/24';
  const base = subnet.slice(0, subnet.lastIndexOf('.'));
  return random.weighted<string>(
    [2, () => subnet],
    [2, () => `${base}.0/29`],
    [2, () => random.pick([...pool.addresses, ...pool.strangers]) ?? '10.0.0.1'],
    [1, () => `${base.slice(0, base.lastIndexOf('.'))}.0.0/16`],
  );
}

/** Routes that are gone, doubled, of another type, in another table. */
function disturbRoutes(random: Random, machine: Draft, pool: Pool): void {
  // Without the route to it, no route can name 169.254.1.1 as its gateway (fib_check_nh()).
  const removable = machine.routes.filter((route) => !route.startsWith('169.254.1.1 '));
  const removed = random.chance(0.12) ? random.pick(removable) : undefined;
  if (removed !== undefined) machine.routes.splice(machine.routes.indexOf(removed), 1);
  const taken = new Set([
    ...machine.routes.map((route) => route.split(' ').find((word) => /^[\d.]+(\/\d+)?$/.test(word))),
    ...machine.subnets.map(({ subnet }) => subnet),
  ]);
  const gateways = machine.routes.flatMap((route) => / (via \S+ dev \S+)/.exec(route)?.[1] ?? []);
  const devices = machine.subnets.filter(({ device }) => device !== '');
  const target = (): string => {
    const ending = random.weighted<string | undefined>(
      [2, () => random.pick(['blackhole', 'unreachable', 'prohibit', 'throw'])],
      [2, () => random.pick(gateways)],
      [1, () => random.pick(devices.map(({ device }) => `dev ${device} scope link`))],
    );
    return ending ?? 'unreachable';
  };
  const line = (destination: string, extra = ''): string => {
    const end = target();
    return end.includes(' ') ? `${destination} ${end}${extra}` : `${end} ${destination}${extra}`;
  };
  if (random.chance(0.25)) {
    const destination = subnetPart(random, pool);
    if (!taken.has(destination)) {
      const source = random.chance(0.3) ? random.pick(machine.addresses) : undefined;
      const text = line(destination);
      machine.routes.push(source !== undefined && / dev /.test(text) ? `${text} src ${source}` : text);
    }
  }
  if (random.chance(0.1)) machine.routes.push(line(subnetPart(random, pool), ` metric ${random.int(10, 500)}`));
  if (random.chance(0.08) && gateways.length > 1) {
    const hops = [...new Set(gateways)].slice(0, 2).map((gateway) => `nexthop ${gateway} weight ${random.int(1, 3)}`);
    if (hops.length === 2) machine.routes.push(`10.96.0.0/16 ${hops.join(' ')}`);
  }
  if (random.chance(0.2)) {
    const table = 100;
    const count = random.int(1, 2);
    const used = new Set<string>();
    for (let i = 0; i < count; i++) {
      const destination = random.chance(0.4) ? 'default' : subnetPart(random, pool);
      if (!used.has(destination)) machine.routes.push(line(destination, ` table ${table}`));
      used.add(destination);
    }
    const selector = random.weighted<string>(
      [2, () => `from ${subnetPart(random, pool)}`],
      [2, () => `from all to ${subnetPart(random, pool)}`],
      [2, () => `from all fwmark ${random.pick(['0x1', '0x1/0x1', '0x4000/0x4000'])}`],
      [1, () => `from all iif ${random.pick(machine.devices)?.name ?? 'lo'}`],
      [1, () => `not from ${subnetPart(random, pool)}`],
      [1, () => `from all ipproto ${random.pick(['tcp', 'udp', 'icmp'])}`],
      [1, () => `from all ipproto tcp dport ${random.pick(pool.ports)}`],
    );
    const action = random.weighted<string>(
      [6, () => `lookup ${table}`],
      [1, () => random.pick(['blackhole', 'unreachable', 'prohibit'])],
    );
    machine.rules.push(`${random.int(1, 3) * 100}: ${selector} ${action}`);
  }
}

function generateSysctls(random: Random, machine: Draft): void {
  const set = (name: string, value: string): void => {
    machine.sysctls[name] = value;
  };
  if (
    machine.role === 'router'
      ? random.chance(0.93)
      : random.chance(machine.devices.some((device) => device.kind === 'veth' && machine.role === 'host') ? 0.9 : 0.1)
  )
    set('net.ipv4.ip_forward', '1');
  const device = (): string => random.pick(['all', ...machine.devices.map(({ name }) => name)]) ?? 'all';
  const names: readonly (readonly [number, string, readonly [string, ...string[]]])[] = [
    [0.3, 'rp_filter', ['1', '1', '2', '0']],
    [0.08, 'route_localnet', ['1']],
    [0.08, 'accept_local', ['1']],
    [0.06, 'proxy_arp', ['1']],
    [0.05, 'arp_ignore', ['1', '2', '8']],
    [0.05, 'arp_filter', ['1']],
    [0.05, 'src_valid_mark', ['1']],
    [0.04, 'forwarding', ['0', '1']],
  ];
  for (const [probability, key, values] of names) {
    // conf.all.forwarding is ip_forward by another name.
    const name = device();
    if (random.chance(probability) && (key !== 'forwarding' || name !== 'all'))
      set(`net.ipv4.conf.${name}.${key}`, random.pick(values));
  }
  if (random.chance(0.04)) set('net.ipv4.ip_default_ttl', random.pick(['32', '128']));
  if (random.chance(0.04)) set('net.ipv4.icmp_echo_ignore_all', '1');
  if (random.chance(0.04)) set('net.netfilter.nf_conntrack_tcp_loose', '0');
}

function generateListeners(random: Random, machine: Draft): void {
  const places = new Set<string>();
  for (const port of PORTS.slice(0, 3)) {
    for (const protocol of ['tcp', 'udp']) {
      if (!random.chance(port === 8080 ? 0.75 : 0.3)) continue;
      const address = random.weighted<string>(
        [8, () => ''],
        [1, () => `${random.pick(machine.addresses) ?? '127.0.0.1'}:`],
        [1, () => '127.0.0.1:'],
      );
      places.add(`${address}${port}/${protocol}`);
    }
  }
  machine.listen.push(...places);
}

function generateProbe(random: Random, machines: readonly Draft[], pool: Pool, sport: number): ProbeText {
  const machine = random.pick(machines) ?? machines[0];
  if (machine === undefined) throw new Error('a scenario has machines');
  const protocol = random.weighted<ProbeText['protocol']>([5, () => 'tcp'], [3, () => 'udp'], [2, () => 'icmp']);
  const destination = random.weighted<string | undefined>(
    [12, () => random.pick(pool.addresses)],
    [3, () => random.pick(pool.strangers)],
    [1, () => random.pick(machine.addresses)],
    [0.4, () => '127.0.0.1'],
    [0.2, () => `${(random.pick(pool.subnets) ?? '10.0.0.0/24').replace(/\.\d+\/24$/, '.255').replace(/\/\d+$/, '')}`],
  );
  const source = random.chance(0.12) ? random.pick(machine.addresses) : undefined;
  return {
    machine: machine.name,
    protocol,
    destination: destination ?? '10.0.0.1',
    dport: protocol === 'icmp' ? 0 : random.weighted<number>([6, () => 8080], [4, () => random.pick(pool.ports)]),
    sport,
    ...(source === undefined ? {} : { source }),
    ...(random.chance(0.15) ? { ttl: random.int(1, 4) } : {}),
    ...(random.chance(0.06) && protocol !== 'tcp'
      ? { length: random.int(1300, 1500), ...(random.chance(0.6) ? { dontFragment: true } : {}) }
      : {}),
    ...(random.chance(0.05) ? { mark: random.pick([1, 0x4000, 3]) } : {}),
    ...(random.chance(0.05) ? { uid: 1000, gid: 1000 } : {}),
  };
}
