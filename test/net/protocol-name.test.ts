import { describe, expect, it } from 'vitest';
import { PROTOCOL_NAMES, parseProtocol, printProtocol } from '../../src/net/protocol-name.ts';

describe('protocol names', () => {
  it.each([
    ['tcp', 6],
    ['TCP', 6],
    ['6', 6],
    ['0x6', 6],
    ['06', 6],
    ['all', 0],
    ['0', 0],
    ['icmpv6', 58],
    ['ipv6-icmp', 58],
    ['mh', 135],
    ['255', 255],
  ])('%s is %i', (text, number) => {
    expect(parseProtocol(text)).toBe(number);
  });

  it.each(['', 'foo', '256', '-1', '1.5', '0x100', '1e1', 'constructor', '__proto__'])('refuses %j', (text) => {
    expect(parseProtocol(text)).toBeUndefined();
  });

  it('come back from what is printed', () => {
    for (let number = 1; number < 256; number++) expect(parseProtocol(printProtocol(number))).toBe(number);
  });

  it('suggested in messages are all read', () => {
    expect(PROTOCOL_NAMES.filter((name) => parseProtocol(name) === undefined)).toEqual([]);
  });

  it('are those of /etc/protocols as Debian has it', () => {
    const known = [
      [4, 'ipencap'],
      [41, 'ipv6'],
      [47, 'gre'],
      [89, 'ospf'],
      [94, 'ipip'],
      [112, 'vrrp'],
      [135, 'mobility-header'],
      [99, '99'],
    ] as const;
    expect(known.map(([number]) => printProtocol(number))).toEqual(known.map(([, name]) => name));
  });
});
