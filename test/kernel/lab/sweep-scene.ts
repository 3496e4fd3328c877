/** The scene of most rows: client - router - two servers; a row adds to its machines. */
import type { MachineText, ProbeText } from './scenario.ts';

export type Row = {
  /** What the row is about, as a sentence. */
  readonly sentence: string;
  /** Features of the registries: `match:mark`, `target:DNAT`, `reject:tcp-reset`, `set:hash:ip`, `route:blackhole`. */
  readonly covers: readonly string[];
  readonly machines: readonly MachineText[];
  /** What the kernel must say besides agreeing with the emulator: a part of printKernel()'s words. */
  readonly probes: readonly (readonly [probe: Omit<ProbeText, 'sport'>, kernel: string])[];
  readonly remembers?: boolean;
};

export type Changes = {
  readonly router?: Partial<MachineText>;
  readonly client?: Partial<MachineText>;
  readonly server?: Partial<MachineText>;
};

const LISTEN = ['8080/tcp', '8080/udp', '80/tcp'];

function with_(machine: MachineText, changes: Partial<MachineText> = {}): MachineText {
  return {
    ...machine,
    ...changes,
    devices: [...machine.devices, ...(changes.devices ?? [])],
    routes: [...(machine.routes ?? []), ...(changes.routes ?? [])],
    sysctls: { ...machine.sysctls, ...changes.sysctls },
  };
}

const lo = { name: 'lo', kind: 'loopback', addresses: ['127.0.0.1/8'] } as const;

export function scene({ router, client, server }: Changes): readonly MachineText[] {
  const host = (name: string, segment: string, address: string, gateway: string): MachineText => ({
    name,
    devices: [
      lo,
      {
        name: 'eth0',
        kind: 'ethernet',
        segment,
        mac: `02:00:00:00:0${address.split('.')[2]}:0${address.split('.')[3]}`,
        addresses: [`${address}/24`],
      },
    ],
    routes: [`default via ${gateway} dev eth0`],
    listen: LISTEN,
  });
  return [
    with_(
      {
        ...host('client', 'a', '10.0.0.2', '10.0.0.1'),
        devices: [
          ...host('client', 'a', '10.0.0.2', '').devices.slice(0, 1),
          {
            name: 'eth0',
            kind: 'ethernet',
            segment: 'a',
            mac: '02:00:00:00:00:02',
            addresses: ['10.0.0.2/24', '10.9.9.9/32'],
          },
        ],
      },
      client,
    ),
    with_(
      {
        name: 'router',
        devices: [
          lo,
          { name: 'eth0', kind: 'ethernet', segment: 'a', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'] },
          { name: 'eth1', kind: 'ethernet', segment: 'b', mac: '02:00:00:00:01:01', addresses: ['10.0.1.1/24'] },
        ],
        sysctls: { 'net.ipv4.ip_forward': '1' },
      },
      router,
    ),
    with_(host('server', 'b', '10.0.1.2', '10.0.1.1'), server),
    host('second', 'b', '10.0.1.3', '10.0.1.1'),
  ];
}

type More = Partial<Omit<ProbeText, 'sport'>>;

export function tcp(destination = '10.0.1.2', more: More = {}): Omit<ProbeText, 'sport'> {
  return { machine: 'client', protocol: 'tcp', destination, dport: 8080, ...more };
}

export function udp(destination = '10.0.1.2', more: More = {}): Omit<ProbeText, 'sport'> {
  return { ...tcp(destination, more), protocol: 'udp' };
}

export function icmp(destination = '10.0.1.2', more: More = {}): Omit<ProbeText, 'sport'> {
  return { ...tcp(destination, more), protocol: 'icmp', dport: 0 };
}

const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** Lines `filter -A FORWARD …`, `filter :NAME`, as the text of iptables-save. */
export function rules(...lines: readonly string[]): string {
  return Object.entries(BUILT_IN)
    .map(([table, chains]) => {
      const own = lines.filter((line) => line.startsWith(`${table} `)).map((line) => line.slice(table.length + 1));
      if (own.length === 0) return '';
      const users = own.filter((line) => line.startsWith(':')).map((line) => `${line} - [0:0]`);
      return [
        `*${table}`,
        ...chains.map((chain) => `:${chain} ACCEPT [0:0]`),
        ...users,
        ...own.filter((line) => !line.startsWith(':')),
        'COMMIT',
        '',
      ].join('\n');
    })
    .join('');
}
