/** Text of ipvsadm, read and printed. The listings are what ipvsadm 1.31 printed on Linux 6.1 for the same commands. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIpvsSave } from '../../../src/kernel/ipvs/parse-ipvsadm.ts';
import { printIpvsList, printIpvsRestore, printIpvsSave } from '../../../src/kernel/ipvs/print-ipvsadm.ts';
import { SCHEDULER_NAMES, type VirtualServer } from '../../../src/kernel/ipvs/virtual-server.ts';
import { invariant } from '../../../src/lib/assert.ts';

const COMMANDS = `-A -t 10.110.57.234:8000 -s rr
-a -t 10.110.57.234:8000 -r 10.244.0.21:8000 -m -w 1
-a -t 10.110.57.234:8000 -r 10.244.1.14:8000 -m -w 1
-a -t 10.110.57.234:8000 -r 10.244.2.30:8000 -m -w 1
-A -t 172.17.0.1:31685 -s rr -p 10800
-A -t 192.168.1.1:80 -s mh -b mh-port -p 100 -M 255.255.255.0
-a -t 192.168.1.1:80 -r 10.0.0.1:80 -g -w 3 -x 10 -y 5
-A -u 10.96.0.10:53 -s wlc -o
-a -u 10.96.0.10:53 -r 10.0.0.1:53 -i -w 0
-A --sctp-service 10.96.0.10:53 -s sh -b sh-port,sh-fallback
-A -f 5 -s wrr -b flag-1,flag-3
-A -f 5 -6 -s wrr -p 300 -M 64
-a -f 5 -r 10.0.0.1 -m
-A -t [fd00::1]:80 -s rr
-a -t [fd00::1]:80 -r [fd00::2]:8080 -m
`;

const SAVED = `-A -t 172.17.0.1:31685 -s rr -p 10800
-A -t 192.168.1.1:80 -s mh -p 100 -M 255.255.255.0 -b mh-port
-a -t 192.168.1.1:80 -r 10.0.0.1:80 -g -w 3
-A -t 10.110.57.234:8000 -s rr
-a -t 10.110.57.234:8000 -r 10.244.0.21:8000 -m -w 1
-a -t 10.110.57.234:8000 -r 10.244.1.14:8000 -m -w 1
-a -t 10.110.57.234:8000 -r 10.244.2.30:8000 -m -w 1
-A -u 10.96.0.10:53 -s wlc -o
-a -u 10.96.0.10:53 -r 10.0.0.1:53 -i -w 0 --tun-type ipip
-A --sctp-service 10.96.0.10:53 -s sh -b sh-fallback,sh-port
-A -t [fd00::1]:80 -s rr
-a -t [fd00::1]:80 -r [fd00::2]:8080 -m -w 1
-A -f 5 -s wrr -b flag-1,flag-3
-a -f 5 -r 10.0.0.1:0 -m -w 1
-A -f 5 -6 -s wrr -p 300 -M 64
`;

const LISTED = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  172.17.0.1:31685 rr persistent 10800
TCP  192.168.1.1:80 mh (mh-port) persistent 100 mask 255.255.255.0
  -> 10.0.0.1:80                  Route   3      0          0         
TCP  10.110.57.234:8000 rr
  -> 10.244.0.21:8000             Masq    1      0          0         
  -> 10.244.1.14:8000             Masq    1      0          0         
  -> 10.244.2.30:8000             Masq    1      0          0         
UDP  10.96.0.10:53 wlc ops
  -> 10.0.0.1:53                  Tunnel  0      0          0         
SCTP 10.96.0.10:53 sh (sh-fallback,sh-port)
TCP  [fd00::1]:80 rr
  -> [fd00::2]:8080               Masq    1      0          0         
FWM  5 wrr (flag-1,flag-3)
  -> 10.0.0.1:0                   Masq    1      0          0         
FWM  5 IPv6 wrr persistent 300 mask 64
`;

function parse(text: string): readonly VirtualServer[] {
  const parsed = parseIpvsSave(text, { file: 'ipvs.txt', line: 1 });
  invariant(parsed.ok, parsed.ok ? '' : parsed.issues.map(({ message }) => message).join('\n'));
  return parsed.value;
}

describe('ipvsadm', () => {
  it('-Sn prints what the tool does: sorted, addresses of 128 and above first', () => {
    expect(printIpvsSave(parse(COMMANDS))).toBe(SAVED);
  });

  it('-Ln prints what the tool does', () => {
    expect(printIpvsList(parse(COMMANDS))).toBe(LISTED);
  });

  it('-R text keeps the order of adding, on which schedulers depend', () => {
    const servers = parse(
      '-A -u 10.0.0.9:53 -s rr\n-a -u 10.0.0.9:53 -r 10.0.0.2:53 -m\n-a -u 10.0.0.9:53 -r 10.0.0.1:53 -m',
    );
    expect(printIpvsRestore(servers).split('\n')).toEqual([
      '-A -u 10.0.0.9:53 -s rr',
      '-a -u 10.0.0.9:53 -r 10.0.0.2:53 -m -w 1',
      '-a -u 10.0.0.9:53 -r 10.0.0.1:53 -m -w 1',
      '',
    ]);
  });

  it('long options, comments and blank lines are read as well', () => {
    const text =
      '# saved\n\n--add-service --tcp-service 10.0.0.1:80 --scheduler sed --persistent\n--add-server --tcp-service 10.0.0.1:80 --real-server 10.0.0.2:8080 --masquerading --weight 4\n';
    expect(printIpvsSave(parse(text))).toBe(
      '-A -t 10.0.0.1:80 -s sed -p 300\n-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -m -w 4\n',
    );
  });

  it('without -s the scheduler is wlc, without a method it is direct routing, which keeps the port', () => {
    expect(printIpvsSave(parse('-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r 10.0.0.2:8080'))).toBe(
      '-A -t 10.0.0.1:80 -s wlc\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1\n',
    );
  });

  it('what is printed reads back as the same text', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const address = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'));
    const at = fc.tuple(fc.constantFrom('-t', '-u', '--sctp-service'), address, fc.integer({ min: 1, max: 65535 }));
    const server = fc.tuple(address, fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 0, max: 65535 }));
    const service = fc.record({
      at: at.map(([option, ip, port]) => `${option} ${ip}:${port}`),
      scheduler: fc.constantFrom(...SCHEDULER_NAMES),
      more: fc.constantFrom('', ' -p 60', ' -p 60 -M 255.255.240.0', ' -o', ' -b flag-3'),
      servers: fc.uniqueArray(server, { selector: ([ip, port]) => `${ip}:${port}`, maxLength: 6 }),
    });
    const text = fc
      .uniqueArray(service, { selector: (one) => one.at, maxLength: 6 })
      .map((all) =>
        all
          .flatMap((one) => [
            `-A ${one.at} -s ${one.scheduler}${one.more}`,
            ...one.servers.map(([ip, port, weight]) => `-a ${one.at} -r ${ip}:${port} -m -w ${weight}`),
          ])
          .join('\n'),
      );
    fc.assert(
      fc.property(text, (commands) => {
        const servers = parse(commands);
        expect(printIpvsSave(parse(printIpvsSave(servers)))).toBe(printIpvsSave(servers));
        expect(parse(printIpvsRestore(servers))).toEqual(servers);
      }),
    );
  });

  it.each([
    ['-A -t 10.0.0.1:80 -s rrr', 1, 22, 'unknown scheduler "rrr"', 'did you mean rr?'],
    ['-A -t 10.0.0.1:80 -s rr\n-A -t 10.0.0.1:80 -s rr', 2, 1, 'this virtual server is there already', undefined],
    ['-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m', 1, 7, 'no -A line has made this virtual server', undefined],
    [
      '-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r 10.0.0.2 -m\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m',
      3,
      1,
      'this real server is there already',
      undefined,
    ],
    ['-A -t 10.0.0.1:http', 1, 7, '"10.0.0.1:http" is no address with a port', '10.0.0.1:80 or [2001:db8::1]:80'],
    ['-A -t fd00::1:80 -s', 1, 18, 'expected a scheduler at the end of the rule', undefined],
    ['-A -t 10.0.0.1:99999', 1, 7, '"10.0.0.1:99999" is no address with a port', '10.0.0.1:80 or [2001:db8::1]:80'],
    ['-A -f 0', 1, 7, '"0" is no number from 1 to 4294967295', undefined],
    ['-A -t 10.0.0.1:80 --masq', 1, 19, 'unknown option "--masq"', undefined],
    ['-A -t 10.0.0.1:80 -p 60 -M 255.0.255.0', 1, 28, '"255.0.255.0" is no netmask', '255.255.255.0'],
    ['-A -t 10.0.0.1:80 -s sh -b mh-port', 1, 28, 'scheduler sh has no flag "mh-port"', 'sh-fallback, sh-port, flag-3'],
    ['-A -s rr', 1, 1, '-A needs a virtual server: -t, -u, --sctp-service or -f', undefined],
    ['-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -m', 2, 1, '-a needs a virtual server and -r with the real one', undefined],
    ['-A -t 10.0.0.1:80 --pe sip', 1, 19, 'persistence engines are not read', 'leave --pe out'],
    ['-D -t 10.0.0.1:80', 1, 1, 'unknown command "-D"', 'only -A and -a lines are read'],
  ])('%j is refused with its place', (text, line, column, message, hint) => {
    const parsed = parseIpvsSave(text, { file: 'ipvs.txt', line: 1 });
    invariant(!parsed.ok, 'accepted');
    expect(parsed.issues[0]).toMatchObject({ code: 'ipvs-syntax', message, at: { file: 'ipvs.txt', line, column } });
    if (hint !== undefined) expect(parsed.issues[0]?.hint).toBe(hint);
  });

  it('all mistakes are told at once', () => {
    const parsed = parseIpvsSave('-A -t x\n-B\n-a -u 10.0.0.1:1 -r 10.0.0.2:1', { file: 'f', line: 10 });
    expect(parsed.ok ? [] : parsed.issues.map(({ at }) => at?.line)).toEqual([10, 11, 12]);
  });
});
