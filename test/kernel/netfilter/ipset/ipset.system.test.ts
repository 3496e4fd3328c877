/** The same rows, asked of the real ipset in a network namespace of its own; and packets, asked of the real xt_set. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseIpsetSave, printIpsetSave } from '../../../../src/kernel/netfilter/ipset/save.ts';
import { type Ipset, makeIpset } from '../../../../src/kernel/netfilter/ipset.ts';
import { type IpAddr, parseIp } from '../../../../src/net/address.ts';
import { missingTools } from '../system.ts';
import { CREATE_ROWS, ELEMENT_ROWS, LOOKUP_ROWS, WRONG_CREATE_ROWS, WRONG_ELEMENT_ROWS } from './rows.ts';

const reason = missingTools('unshare', 'ipset', 'iptables-legacy', 'iptables-legacy-save');

function inNamespace(script: string): string {
  return execFileSync('unshare', ['-n', 'bash', '-c', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** What the kernel adds to a create line by itself. */
const withoutChance = (line: string): string => line.replace(/ bucketsize \d+ initval 0x[0-9a-f]{8}/, '');

/** Hashes list their elements in the order of the hash, and lifetimes run down while we look. */
const comparable = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => withoutChance(line).replace(/^(add .* timeout )8( |$)/, '$19$2'))
    .sort();

const restore = (text: string): string => `ipset restore <<'END'\n${text}\nEND\n`;
const sections = (output: string): readonly string[] => output.split('====\n').slice(0, -1);

function read(text: string): readonly Ipset[] {
  const result = parseIpsetSave(text, { file: 'sets', line: 1 });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

describe.skipIf(reason !== undefined)(
  `sets and the real ipset${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    it('prints create lines as ipset save does', () => {
      const script = CREATE_ROWS.map(
        ([words]) => `${restore(`create t ${words}`)} ipset save; ipset destroy; echo ====`,
      );
      expect(sections(inNamespace(script.join('\n'))).map(withoutChance)).toEqual(
        CREATE_ROWS.map(([, printed]) => `create t ${printed}\n`),
      );
    });

    it('lists elements as ipset save does', () => {
      const text = (set: string, element: string): string => `create member hash:ip\ncreate t ${set}\nadd t ${element}`;
      const script = ELEMENT_ROWS.map(
        ([set, element]) => `${restore(text(set, element))} ipset save; ipset destroy; echo ====`,
      );
      const listed = sections(inNamespace(script.join('\n'))).map(comparable);
      expect(listed).toEqual(
        ELEMENT_ROWS.map(([set, element]) => comparable(printIpsetSave(read(text(set, element))))),
      );
    });

    it('writes text that ipset restores to the same', () => {
      const text = (set: string, element: string): string =>
        printIpsetSave(read(`create member hash:ip\ncreate t ${set}\nadd t ${element}`));
      const script = ELEMENT_ROWS.map(
        ([set, element]) => `${restore(text(set, element))} ipset save; ipset destroy; echo ====`,
      );
      expect(sections(inNamespace(script.join('\n'))).map(comparable)).toEqual(
        ELEMENT_ROWS.map(([set, element]) => comparable(text(set, element))),
      );
    });

    it('reads what ipset writes, and writes the same again', () => {
      const sets = LOOKUP_ROWS.map(({ set, elements }, i) =>
        [`create t${i} ${set}`, ...elements.map((e) => `add t${i} ${e}`)].join('\n'),
      );
      const saved = inNamespace(`${restore(`${sets.join('\n')}\ncreate l list:set\nadd l t1\nadd l t0`)} ipset save`);
      expect(printIpsetSave(read(saved))).toBe(saved);
    });

    it('refuses what ipset refuses', () => {
      const creates = WRONG_CREATE_ROWS.map(
        ([words], i) => `${restore(`create t ${words}`)} test $? = 0 && echo create ${i}; ipset destroy`,
      );
      const elements = WRONG_ELEMENT_ROWS.map(
        ([set, element], i) =>
          `${restore(`create list list:set\ncreate t ${set}\nadd t ${element}`)} test $? = 0 && echo add ${i}; ipset destroy`,
      );
      expect(inNamespace([...creates, ...elements, 'true'].join('\n'))).toBe('');
    });

    it('finds what ipset test finds', () => {
      const rows = LOOKUP_ROWS.filter(({ set }) => !set.startsWith('list:'));
      const script = rows.map(({ set, elements, found, missing }) =>
        [
          restore([`create t ${set}`, ...elements.map((e) => `add t ${e}`)].join('\n')),
          ...[...found, ...missing].map((element) => `ipset -q test t '${element}' && echo '${set}: ${element}'`),
          'ipset destroy',
        ].join('\n'),
      );
      const expected = rows.flatMap(({ set, found }) => found.map((element) => `${set}: ${element}`));
      expect(
        inNamespace(`${script.join('\n')}\ntrue`)
          .split('\n')
          .slice(0, -1),
      ).toEqual(expected);
    });

    /**
     * One UDP datagram from 127.0.0.1 port 5555 to 127.0.0.2 port 7777 over `lo`, seen in OUTPUT: its output device is lo
     * and it has no input device. Each row is a match on it. (A match on a set of the other family iptables refuses itself;
     * within a list it is only never found.)
     */
    const sets = [
      'create ip hash:ip\nadd ip 127.0.0.2',
      'create ip6 hash:ip family inet6\nadd ip6 ::1',
      'create net hash:net\nadd net 127.0.0.0/8\nadd net 127.0.0.2 nomatch',
      'create ipport hash:ip,port\nadd ipport 127.0.0.2,udp:7777',
      'create ports bitmap:port range 0-65535\nadd ports 7777',
      'create triple hash:ip,port,ip\nadd triple 127.0.0.1,udp:7777,127.0.0.2',
      'create iface hash:net,iface\nadd iface 127.0.0.0/8,lo',
      'create phys hash:net,iface\nadd phys 127.0.0.0/8,physdev:lo',
      'create multi hash:net,iface\nadd multi 127.0.0.0/8,lo\nadd multi 127.0.0.0/16,eth0',
      'create wild hash:net,iface\nadd wild 127.0.0.0/8,l wildcard',
      'create zero hash:ip netmask 1\nadd zero 128.0.0.1',
      'create list list:set\nadd list ip6\nadd list net\nadd list ipport',
    ].join('\n');
    const matches: readonly string[] = [
      ...[
        'ip src',
        'ip dst',
        'ip dst,src',
        'net src',
        'net dst',
        'net dst --return-nomatch',
        'net src --return-nomatch',
      ],
      ...[
        'ip dst --return-nomatch',
        'ipport dst',
        'ipport dst,dst',
        'ipport dst,src',
        'ipport src,dst',
        'ipport dst,dst,src',
      ],
      ...['ports dst', 'ports src', 'ports dst,src', 'triple src,dst,dst', 'triple src,dst', 'triple src,src,dst'],
      ...['iface dst,dst', 'iface dst,src', 'iface dst', 'phys dst,dst', 'multi dst,dst', 'wild src,dst', 'zero src'],
      ...['list dst', 'list dst,dst', 'list src,dst', 'list src'],
    ];

    it('matches a real packet as xt_set does', () => {
      const rules = matches.map((match, i) => `-A OUTPUT -p udp -m set --match-set ${match} -m comment --comment ${i}`);
      const saved = inNamespace(`${restore(sets)}
      ip link set lo up
      iptables-legacy-restore <<'END'\n*filter\n${rules.join('\n')}\nCOMMIT\nEND
      /usr/bin/python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 5555)); s.sendto(b"x", ("127.0.0.2", 7777))'
      iptables-legacy-save -c | grep -c ^.1:; iptables-legacy-save -c | sed -n 's/^.1:.*comment \\([0-9]*\\)$/\\1/p'`);
      const [count, ...hits] = saved.split('\n').slice(0, -1);
      expect(Number(count)).toBeGreaterThan(5);

      const byName = new Map(read(sets).map((set) => [set.name, set]));
      const [source, destination] = [address('127.0.0.1'), address('127.0.0.2')];
      const ours = matches.map((match) => {
        const [name = '', directions = '', option] = match.split(' ');
        const places = directions.split(',');
        const pick = <T>(src: T, dst: T): readonly T[] => places.map((direction) => (direction === 'src' ? src : dst));
        const probe = {
          addresses: pick(source, destination),
          ports: pick({ protocol: 17, port: 5555 }, { protocol: 17, port: 7777 }),
          interfaces: pick(undefined, 'lo'),
          ...(option === undefined ? {} : { returnNomatch: true }),
        };
        return byName.get(name)?.test(probe, (member) => byName.get(member)) ? match : undefined;
      });
      expect(ours.filter((match) => match !== undefined)).toEqual(hits.map((i) => matches[Number(i)]));
    });

    it('builds the same set from a compiler as from text', () => {
      const made = makeIpset({
        name: 't',
        type: 'hash:ip,port',
        family: 4,
        entries: ['10.0.0.1,udp:53', '10.0.0.1,80'],
      });
      const saved = inNamespace(`${restore(printIpsetSave([made]))} ipset save`);
      expect(comparable(saved)).toEqual(comparable(printIpsetSave([made])));
    });
  },
);

function address(text: string): IpAddr {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}
