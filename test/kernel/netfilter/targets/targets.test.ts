import { describe, expect, it } from 'vitest';
import { ArgumentError, ArgumentReader } from '../../../../src/kernel/netfilter/arguments.ts';
import {
  allowedIn,
  gotoTarget,
  jumpTarget,
  noTarget,
  TARGETS,
  unknownTarget,
} from '../../../../src/kernel/netfilter/targets/index.ts';
import { envAt, parseTarget, splitSaved } from './packet.ts';
import { ROWS, WRONG_ROWS } from './rows.ts';

describe('targets', () => {
  it.each(ROWS.map((row) => [row.name, row] as const))('%s', (_name, row) => {
    const { target, rest } = parseTarget(row);
    expect(rest).toBeUndefined();
    expect(target.name).toBe(row.words[0]);
    expect(target.print()).toBe(row.printed);
    expect(target.fire(envAt(row))).toEqual(row.outcome);
    expect(target.needsConntrack).toBe(row.needsConntrack);
    expect(target.standard).toBe(row.standard);
  });

  it.each(ROWS.map((row) => [row.printed, row] as const))('reads back what it prints: %s', (printed, row) => {
    const words = splitSaved(printed).slice(1);
    const { target } = parseTarget({ ...row, words });
    expect(target.print()).toBe(printed);
    expect(target.fire(envAt(row))).toEqual(row.outcome);
  });

  it.each(WRONG_ROWS.map((row) => [row.words.join(' '), row] as const))('refuses %s', (_words, row) => {
    const parse = (): unknown => parseTarget(row);
    expect(parse).toThrow(ArgumentError);
    expect(parse).toThrow(row.message);
    expect(parse).toThrow(expect.objectContaining({ at: row.at }));
  });

  it('has a row for every registered target', () => {
    const rows = new Set(ROWS.map(({ words }) => words[0]));
    expect(TARGETS.map(({ name }) => name).filter((name) => !rows.has(name))).toEqual([]);
  });

  it('registers every target once, each with its kernel file', () => {
    const names = TARGETS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { kernel } of TARGETS) expect(kernel).toMatch(/^net\/.+\.c$/);
  });

  it('leaves words that are not its own', () => {
    expect(parseTarget({ family: 4, header: '', words: ['MARK', '--set-mark', '1', '-m', 'comment'] }).rest).toBe('-m');
    expect(parseTarget({ family: 4, header: '', words: ['ACCEPT', '--log-prefix', 'x'] }).rest).toBe('--log-prefix');
  });

  it('refuses an abbreviation that may mean two options', () => {
    expect(() => parseTarget({ family: 4, header: '', words: ['MARK', '--set', '1'] })).toThrow('may mean');
  });

  it('lets CONNMARK go on where there is no connection', () => {
    for (const row of ROWS.filter(({ words }) => words[0] === 'CONNMARK')) {
      expect(parseTarget(row).target.fire(envAt(row, false))).toEqual({ kind: 'continue' });
    }
  });

  it('puts targets that IPv6 does not have in their place', () => {
    expect(() =>
      TARGETS.find(({ name }) => name === 'HL')?.parse(new ArgumentReader([]), {
        family: 4,
        protocol: undefined,
        protocolInverted: false,
      }),
    ).toThrow('IPv6 only');
  });
});

describe('jumps', () => {
  const env = envAt({ table: 'filter', chain: 'INPUT' });

  it('jumps, goes to, and does nothing', () => {
    expect(jumpTarget('A-B').print()).toBe('-j A-B');
    expect(jumpTarget('A-B').fire(env)).toEqual({ kind: 'jump', chain: 'A-B' });
    expect(gotoTarget('X').print()).toBe('-g X');
    expect(gotoTarget('X').fire(env)).toEqual({ kind: 'goto', chain: 'X' });
    expect(noTarget().print()).toBe('');
    expect(noTarget().fire(env)).toEqual({ kind: 'continue' });
  });
});

describe('unknown targets', () => {
  it('keep their words and open both outcomes', () => {
    const target = unknownTarget('TEE', ['--gateway', '10.0.0.1', '--note', 'a "b" c', '']);
    expect(target.print()).toBe('-j TEE --gateway 10.0.0.1 --note "a \\"b\\" c" ""');
    expect(splitSaved(target.print())).toEqual(['-j', 'TEE', '--gateway', '10.0.0.1', '--note', 'a "b" c', '']);
    expect(target.fire(envAt({ table: 'mangle', chain: 'INPUT' }))).toEqual({
      kind: 'unknown',
      what: 'target TEE is not modelled',
    });
  });
});

describe('allowedIn', () => {
  it('knows tables and hooks', () => {
    expect(allowedIn('REJECT')).toEqual({ tables: ['filter'], hooks: ['INPUT', 'FORWARD', 'OUTPUT'] });
    expect(allowedIn('MASQUERADE')?.hooks).toEqual(['POSTROUTING']);
    expect(allowedIn('ACCEPT')).toBeUndefined();
    expect(allowedIn('__proto__')).toBeUndefined();
  });
});
