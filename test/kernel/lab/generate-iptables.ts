/** Random rules in every table, from every match and target, as text of iptables-save. */
import type { Draft, Pool } from './generate.ts';
import type { GeneratedSet } from './generate-ipsets.ts';
import type { Random } from './random.ts';

type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';
type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

const HOOKS: Readonly<Record<TableName, readonly [Hook, ...Hook[]]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** Where a rule stands, and what it may speak of. */
type Place = {
  readonly random: Random;
  readonly pool: Pool;
  readonly machine: Draft;
  readonly sets: readonly GeneratedSet[];
  readonly remembers: boolean;
  readonly table: TableName;
  readonly hook: Hook;
  /** User chains below this one: no loops. */
  readonly chains: readonly string[];
};

type Protocol = 'tcp' | 'udp' | 'icmp' | undefined;

export function generateIptables(
  random: Random,
  pool: Pool,
  machine: Draft,
  sets: readonly GeneratedSet[],
  remembers: boolean,
): string {
  const tables: readonly (readonly [number, TableName])[] = [
    [0.25, 'raw'],
    [0.35, 'mangle'],
    [0.55, 'nat'],
    [0.8, 'filter'],
    [0.08, 'security'],
  ];
  const chosen = tables.filter(([probability]) => random.chance(probability)).map(([, table]) => table);
  return chosen
    .map((table) => generateTable({ random, pool, machine, sets, remembers, table, hook: HOOKS[table][0], chains: [] }))
    .join('');
}

function generateTable(base: Place): string {
  const { random, table } = base;
  const lines: string[] = [];
  const declared: string[] = [];
  for (const hook of HOOKS[table]) {
    const drop = table !== 'nat' && random.chance(0.04);
    declared.push(`:${hook} ${drop ? 'DROP' : 'ACCEPT'} [0:0]`);
    const chains = Array.from(
      { length: random.chance(0.5) ? random.int(1, 3) : 0 },
      (_, index) => `${table}-${hook}-${index + 1}`,
    );
    declared.push(...chains.map((chain) => `:${chain} - [0:0]`));
    for (let index = 0; index < chains.length; index++) {
      const place = { ...base, hook, chains: chains.slice(index + 1) };
      for (let i = random.int(0, 3); i > 0; i--) lines.push(`-A ${chains[index]} ${rule(place)}`);
    }
    for (let i = random.int(0, 4); i > 0; i--) lines.push(`-A ${hook} ${rule({ ...base, hook, chains })}`);
  }
  return [`*${table}`, ...declared, ...lines, 'COMMIT', ''].join('\n');
}

function rule(place: Place): string {
  const { random } = place;
  const words: string[] = [];
  const not = (probability = 0.15): string => (random.chance(probability) ? '! ' : '');
  if (random.chance(0.25)) words.push(`${not()}-s ${prefix(place)}`);
  if (random.chance(0.35)) words.push(`${not()}-d ${prefix(place)}`);
  if (['PREROUTING', 'INPUT', 'FORWARD'].includes(place.hook) && random.chance(0.15))
    words.push(`${not()}-i ${device(place)}`);
  if (['FORWARD', 'OUTPUT', 'POSTROUTING'].includes(place.hook) && random.chance(0.15))
    words.push(`${not()}-o ${device(place)}`);
  const target = pickTarget(place);
  let protocol: Protocol = target.protocol;
  if (protocol === undefined && random.chance(0.5)) protocol = random.pick(['tcp', 'tcp', 'udp', 'icmp']);
  if (protocol !== undefined) words.push(`-p ${protocol}`);
  else if (random.chance(0.06)) words.push(`! -p ${random.pick(['tcp', 'udp', 'icmp'])}`);
  if (random.chance(0.02)) words.push(`${not(0.5)}-f`);
  for (let i = random.weighted<number>([4, () => 0], [4, () => 1], [1, () => 2]); i > 0; i--)
    words.push(match(place, protocol));
  words.push(target.text);
  return words.filter((word) => word !== '').join(' ');
}

function prefix({ random, pool }: Place): string {
  return random.weighted<string>(
    [4, () => `${random.pick([...pool.addresses, ...pool.strangers]) ?? '10.0.0.1'}/32`],
    [3, () => random.pick(pool.subnets) ?? '10.0.0.0/24'],
    [1, () => '10.0.0.0/8'],
    [1, () => (random.pick(pool.subnets) ?? '10.0.0.0/24').replace(/\d+\/\d+$/, '0/29')],
    [1, () => '127.0.0.0/8'],
  );
}

function device({ random, machine }: Place): string {
  const names = machine.devices.map(({ name }) => name);
  return random.weighted<string>(
    [6, () => random.pick(names) ?? 'eth0'],
    [1, () => 'lo'],
    [2, () => random.pick(['eth+', 'veth+', 'cali+', 'br+'])],
  );
}

function port({ random, pool }: Place): string {
  return random.weighted<string>(
    [5, () => String(random.pick(pool.ports))],
    [2, () => random.pick(['80:8080', '1:1023', '20000:20030', ':100', '9000:'])],
  );
}

function match(place: Place, protocol: Protocol): string {
  const { random, pool, machine, table, hook } = place;
  const not = (probability = 0.2): string => (random.chance(probability) ? '! ' : '');
  const states = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];
  const list = (values: readonly string[], most: number): string => {
    const chosen = random.some(values, most);
    return (chosen.length > 0 ? chosen : values.slice(0, 1)).join(',');
  };
  const byProtocol: readonly (readonly [number, () => string])[] =
    protocol === 'tcp'
      ? [
          [6, () => `-m tcp ${not()}--dport ${port(place)}`],
          [2, () => `-m tcp ${not()}--sport ${port(place)}`],
          [
            2,
            () =>
              `-m tcp ${random.pick(['--tcp-flags FIN,SYN,RST,ACK SYN', '! --tcp-flags FIN,SYN,RST,ACK SYN', '--tcp-flags SYN,ACK SYN,ACK', '--tcp-flags RST RST'])}`,
          ],
          [
            3,
            () =>
              `-m multiport ${not()}${random.pick(['--dports', '--sports', '--ports'])} ${list(['80', '8080', '53', '9000:9999', '20000:20020'], 3)}`,
          ],
          [0.5, () => `-m tcp ${not()}--tcp-option ${random.pick(['2', '8', '30'])}`],
        ]
      : protocol === 'udp'
        ? [
            [6, () => `-m udp ${not()}--dport ${port(place)}`],
            [2, () => `-m udp ${not()}--sport ${port(place)}`],
            [
              2,
              () =>
                `-m multiport ${not()}${random.pick(['--dports', '--sports', '--ports'])} ${list(['80', '8080', '53', '9000:9999'], 3)}`,
            ],
          ]
        : protocol === 'icmp'
          ? [
              [
                6,
                () =>
                  `-m icmp ${not()}--icmp-type ${random.pick(['8', '0', '3', '3/3', '11', '3/1', 'any'])}`.replace(
                    /! --icmp-type any/,
                    '--icmp-type any',
                  ),
              ],
            ]
          : [];
  const hasInput = ['PREROUTING', 'INPUT', 'FORWARD'].includes(hook);
  return random.weighted<string>(
    ...byProtocol,
    [4, () => `-m conntrack ${not()}--ctstate ${list([...states, 'SNAT', 'DNAT'], 3)}`],
    [1, () => `-m conntrack ${not()}--ctstatus ${list(['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED', 'NONE'], 2)}`],
    [1, () => `-m conntrack --ctdir ${random.pick(['ORIGINAL', 'REPLY'])}`],
    [1, () => `-m conntrack ${not()}--ctorigdst ${prefix(place)}`],
    [1, () => `-m conntrack ${not()}--ctreplsrc ${prefix(place)}`],
    [1, () => `-m conntrack ${not()}--ctproto ${random.pick(['6', '17', '1'])}`],
    [0.5, () => `-m conntrack ${not()}--ctorigdstport ${port(place).replace(/^:/, '0:').replace(/:$/, ':65535')}`],
    [2, () => `-m state --state ${list(states, 3)}`],
    [3, () => `-m mark ${not()}--mark ${random.pick(['0x1', '0x1/0x1', '0x4000/0x4000', '0x0', '0x2/0x3'])}`],
    [1, () => `-m connmark ${not()}--mark ${random.pick(['0x1', '0x1/0x1', '0x0'])}`],
    [4, () => setMatch(place, not)],
    [3, () => addrtype(place, not)],
    [
      1.5,
      () =>
        `-m statistic --mode random ${not()}--probability ${random.pick(['0.50000000000', '0.33333333349', '0.25000000000'])}`,
    ],
    [1, () => `-m iprange ${not()}--src-range 10.0.0.1-10.1.0.255`],
    [1, () => `-m iprange ${not()}--dst-range 10.0.0.2-10.${random.int(0, 2)}.1.3`],
    [
      hasInput && hook !== 'FORWARD' ? 0.6 : 0,
      () =>
        `-m mac ${not()}--mac-source ${machine.devices.find((d) => d.mac !== undefined)?.mac ?? '02:00:00:00:00:01'}`,
    ],
    [
      hook === 'OUTPUT' || hook === 'POSTROUTING' ? 1.5 : 0,
      () =>
        `-m owner ${not()}${random.pick(['--uid-owner 0', '--uid-owner 1000', '--gid-owner 1000', '--socket-exists'])}`,
    ],
    [
      hook === 'PREROUTING' && (table === 'raw' || table === 'mangle') ? 3 : 0,
      () =>
        `-m rpfilter ${random.pick(['', '--loose', '--validmark', '--accept-local', '--invert', '--loose --invert', '--validmark --invert'])}`,
    ],
    [
      hook === 'FORWARD' || hook === 'PREROUTING' || hook === 'INPUT' || hook === 'POSTROUTING' ? 1.5 : 0,
      () => physdev(place, not),
    ],
    [0.5, () => `-m ttl --ttl-${random.pick(['eq', 'lt', 'gt'])} ${random.pick([1, 62, 63, 64])}`],
    [0.5, () => `-m length ${not()}--length ${random.pick(['0:60', '61:1500', '28:84'])}`],
    [0.5, () => `-m pkttype ${not()}--pkt-type ${random.pick(['unicast', 'broadcast', 'multicast'])}`],
    [0.5, () => '-m comment --comment "a comment"'],
    [0.3, () => `-m dscp ${not()}--dscp 0x00`],
    [
      place.remembers ? 2 : 0,
      () => `-m statistic --mode nth ${not()}--every ${random.int(2, 3)} --packet ${random.int(0, 1)}`,
    ],
    [
      place.remembers ? 2 : 0,
      () => `-m limit --limit ${random.pick(['1/hour', '5/min'])} --limit-burst ${random.int(1, 2)}`,
    ],
    [place.remembers ? 2 : 0, () => recent(place, not)],
    [
      place.remembers ? 1 : 0,
      () =>
        `-m hashlimit --hashlimit-upto 1/hour --hashlimit-burst ${random.int(1, 2)} --hashlimit-mode srcip,dstport --hashlimit-name h${pool.ports.length}`,
    ],
    [0.01, () => ''],
  );
}

function recent({ random }: Place, not: () => string): string {
  const which = random.pick([
    '--set',
    '--rcheck',
    '--update',
    '--rcheck --seconds 60 --reap',
    '--rcheck --seconds 60 --hitcount 2',
    '--remove',
  ]);
  return `-m recent ${not()}${which} --name list${random.int(1, 2)} --mask 255.255.255.255 ${random.pick(['--rsource', '--rdest'])}`;
}

function setMatch({ random, sets }: Place, not: () => string): string {
  const set = random.pick(sets);
  if (set === undefined) return '-m comment --comment nothing';
  const directions = Array.from({ length: set.dimensions }, () => random.pick(['src', 'dst'])).join(',');
  return `-m set ${not()}--match-set ${set.name} ${directions}`;
}

function addrtype({ random, hook }: Place, not: () => string): string {
  const type = (): string =>
    random.pick([
      'LOCAL',
      'LOCAL',
      'UNICAST',
      'BROADCAST',
      'MULTICAST',
      'BLACKHOLE',
      'UNREACHABLE',
      'PROHIBIT',
      'THROW',
    ]);
  const limit = random.chance(0.2)
    ? ['PREROUTING', 'INPUT'].includes(hook)
      ? ' --limit-iface-in'
      : ['POSTROUTING', 'OUTPUT'].includes(hook)
        ? ' --limit-iface-out'
        : random.pick([' --limit-iface-in', ' --limit-iface-out'])
    : '';
  return `-m addrtype ${not()}${random.pick(['--src-type', '--dst-type'])} ${type()}${limit}`;
}

function physdev({ random, hook, machine }: Place, not: () => string): string {
  const ports = machine.devices.flatMap((candidate) => (candidate.bridge === undefined ? [] : [candidate.name]));
  const name = random.pick([...ports, 'veth+']) ?? 'veth+';
  const input = [`${not()}--physdev-in ${name}`, '--physdev-is-in', '! --physdev-is-in'];
  const output = [`${not()}--physdev-is-bridged`, '--physdev-is-out', `--physdev-is-bridged --physdev-out ${name}`];
  return `-m physdev ${random.pick(hook === 'PREROUTING' || hook === 'INPUT' ? input : [...input, ...output])}`;
}

type Chosen = { readonly text: string; readonly protocol?: Protocol };

function pickTarget(place: Place): Chosen {
  const { random, pool, table, hook, chains } = place;
  const simple =
    (text: string): (() => Chosen) =>
    () => ({ text });
  const address = (): string => random.pick([...pool.addresses, ...pool.addresses, ...pool.strangers]) ?? '10.0.0.1';
  const jump = random.pick(chains);
  const shared: (readonly [number, () => Chosen])[] = [
    [2, simple('-j ACCEPT')],
    [1, simple('-j RETURN')],
    [0.5, simple('')],
    [0.4, simple('-j LOG --log-prefix "lab: "')],
    [0.3, simple('-j NFLOG --nflog-group 5')],
    ...(jump === undefined ? [] : [[5, simple(`-j ${jump}`)] as const, [2, simple(`-g ${jump}`)] as const]),
  ];
  const mark = (): string =>
    random.pick([
      '--set-xmark 0x1/0xffffffff',
      '--set-xmark 0x4000/0x4000',
      '--set-mark 0x1',
      '--or-mark 0x2',
      '--and-mark 0x1',
      '--xor-mark 0x3',
      '--set-mark 0x1/0x3',
    ]);
  switch (table) {
    case 'raw':
      return random.weighted<Chosen>(
        ...shared,
        [1, simple('-j DROP')],
        [2, simple('-j NOTRACK')],
        [2, simple('-j CT --notrack')],
      );
    case 'mangle':
      return random.weighted<Chosen>(
        ...shared,
        [0.7, simple('-j DROP')],
        [5, () => ({ text: `-j MARK ${mark()}` })],
        [
          2,
          () => ({
            text: `-j CONNMARK ${random.pick(['--set-xmark 0x1/0xffffffff', '--save-mark', '--restore-mark', '--save-mark --nfmask 0x1 --ctmask 0x1', '--restore-mark --nfmask 0x3 --ctmask 0x3'])}`,
          }),
        ],
        // A forwarded packet whose TTL does not fall would circle in a routing loop for ever, in the kernel as well.
        [
          0.5,
          () => ({
            text: `-j TTL ${hook === 'INPUT' || hook === 'OUTPUT' ? random.pick(['--ttl-set 10', '--ttl-inc 1', '--ttl-dec 1']) : '--ttl-dec 1'}`,
          }),
        ],
        [0.5, () => ({ text: `-j DSCP --set-dscp 0x0a` })],
        [
          hook === 'FORWARD' || hook === 'OUTPUT' || hook === 'POSTROUTING' ? 0.5 : 0,
          () => ({ text: '-m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu', protocol: 'tcp' as const }),
        ],
      );
    case 'nat':
      if (hook === 'PREROUTING' || hook === 'OUTPUT') {
        return random.weighted<Chosen>(
          ...shared,
          [3, () => ({ text: `-j DNAT --to-destination ${address()}` })],
          [
            4,
            () => ({
              text: `-j DNAT --to-destination ${address()}:${random.pick(pool.ports)}`,
              protocol: random.pick(['tcp', 'udp'] as const),
            }),
          ],
          [0.5, () => ({ text: `-j DNAT --to-destination 10.0.0.1-10.0.0.2` })],
          [1, () => ({ text: '-j REDIRECT' })],
          [
            2,
            () => ({
              text: `-j REDIRECT --to-ports ${random.pick(pool.ports)}`,
              protocol: random.pick(['tcp', 'udp'] as const),
            }),
          ],
          [0.6, () => ({ text: `-j NETMAP --to ${random.pick(pool.subnets) ?? '10.0.0.0/24'}` })],
          [hook === 'OUTPUT' ? 0 : 0, simple('')],
        );
      }
      return random.weighted<Chosen>(
        ...shared,
        ...(hook === 'POSTROUTING'
          ? ([
              [4, simple('-j MASQUERADE')],
              [1, simple('-j MASQUERADE --random-fully')],
              [
                0.6,
                () => ({
                  text: '-j MASQUERADE --to-ports 30000-31000',
                  protocol: random.pick(['tcp', 'udp'] as const),
                }),
              ],
            ] as const)
          : []),
        [3, () => ({ text: `-j SNAT --to-source ${address()}` })],
        [
          0.7,
          () => ({
            text: `-j SNAT --to-source ${address()}:30000-30100`,
            protocol: random.pick(['tcp', 'udp'] as const),
          }),
        ],
        [0.4, () => ({ text: `-j NETMAP --to ${random.pick(pool.subnets) ?? '10.0.0.0/24'}` })],
      );
    case 'filter':
    case 'security':
      return random.weighted<Chosen>(
        ...shared,
        [2, simple('-j DROP')],
        ...(table === 'filter'
          ? ([
              [
                3,
                () => ({
                  text: `-j REJECT --reject-with ${random.pick(['icmp-port-unreachable', 'icmp-net-unreachable', 'icmp-host-unreachable', 'icmp-proto-unreachable', 'icmp-net-prohibited', 'icmp-host-prohibited', 'icmp-admin-prohibited'])}`,
                }),
              ],
              [1, () => ({ text: '-j REJECT --reject-with tcp-reset', protocol: 'tcp' as const })],
            ] as const)
          : []),
      );
  }
}
