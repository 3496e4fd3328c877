import { quote } from '../../../lib/quote.ts';
import { badValue, type Given, type Use, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

type TimeSpec = {
  /** Seconds of the day. */
  readonly start: number;
  readonly stop: number;
  /** Bit n is set for day n: 1 Monday … 7 Sunday, and 1 … 31. */
  readonly weekdays: number;
  readonly monthdays: number;
  /** `YYYY-MM-DDThh:mm:ss`, or undefined for no bound. */
  readonly dateStart?: string | undefined;
  readonly dateStop?: string | undefined;
  readonly contiguous: boolean;
  readonly kernelZone: boolean;
};

const DAYS: readonly string[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const ALL_WEEKDAYS = 0b11111110;
const ALL_MONTHDAYS = 0xfffffffe;
const LAST_SECOND = 86399;
/** The end of 32-bit time: libxt_time prints it where no end was given. */
const END_OF_TIME = '2038-01-19T03:14:07';

type Name =
  | '--timestart'
  | '--timestop'
  | '--weekdays'
  | '--monthdays'
  | '--datestart'
  | '--datestop'
  | '--contiguous'
  | '--kerneltz';

function readClock(use: Use | undefined, otherwise: number): number {
  if (use === undefined) return otherwise;
  const found = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(wordOf(use));
  const [hours, minutes, seconds] = [Number(found?.[1] ?? 99), Number(found?.[2] ?? 99), Number(found?.[3] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59)
    throw badValue(use, `${quote(wordOf(use))} is not a time of day`, 'such as 08:00 or 08:00:30');
  return (hours * 60 + minutes) * 60 + seconds;
}

function readDays(use: Use | undefined, all: number, most: number, names: readonly string[]): number {
  if (use === undefined) return all;
  let days = 0;
  for (const text of wordOf(use).split(',')) {
    const named =
      text.length < 2 ? -1 : names.findIndex((name) => name.toLowerCase().startsWith(text.slice(0, 3).toLowerCase()));
    const day = /^\d{1,2}$/.test(text) ? Number(text) : named + 1;
    if (day < 1 || day > most)
      throw badValue(
        use,
        `${quote(text)} is not a day from 1 to ${most}`,
        names.length > 0 ? `one of ${names.join(', ')}` : undefined,
      );
    days |= 1 << day;
  }
  return ((use.not ? ~days : days) & all) >>> 0;
}

function readDate(use: Use | undefined): string | undefined {
  if (use === undefined) return undefined;
  const found = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2}))?)?)?)?)?$/.exec(wordOf(use));
  const [, year, month = '01', day = '01', hours = '00', minutes = '00', seconds = '00'] = found ?? [];
  if (year === undefined || Number.isNaN(Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`))) {
    throw badValue(use, `${quote(wordOf(use))} is not a date`, 'such as 2030-01-31T12:00:00');
  }
  return `${year}-${month}-${day}T${hours}:${minutes}:${seconds}`;
}

function read(given: Given<Name>): TimeSpec {
  return {
    start: readClock(given.get('--timestart'), 0),
    stop: readClock(given.get('--timestop'), LAST_SECOND),
    weekdays: readDays(given.get('--weekdays'), ALL_WEEKDAYS, 7, DAYS),
    monthdays: readDays(given.get('--monthdays'), ALL_MONTHDAYS, 31, []),
    dateStart: readDate(given.get('--datestart')),
    dateStop: readDate(given.get('--datestop')),
    contiguous: given.has('--contiguous'),
    kernelZone: given.has('--kerneltz'),
  };
}

const printClock = (seconds: number): string =>
  [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((n) => String(n).padStart(2, '0'))
    .join(':');

function printDays(days: number, most: number, name: (day: number) => string): string {
  return Array.from({ length: most }, (_, index) => index + 1)
    .filter((day) => ((days >>> day) & 1) === 1)
    .map(name)
    .join(',');
}

function print(spec: TimeSpec): string {
  const { start, stop, weekdays, monthdays } = spec;
  return [
    ...(start === 0 && stop === LAST_SECOND ? [] : [`--timestart ${printClock(start)} --timestop ${printClock(stop)}`]),
    ...(monthdays === ALL_MONTHDAYS ? [] : [`--monthdays ${printDays(monthdays, 31, String)}`]),
    ...(weekdays === ALL_WEEKDAYS ? [] : [`--weekdays ${printDays(weekdays, 7, (day) => DAYS[day - 1] ?? '')}`]),
    ...(spec.dateStart === undefined ? [] : [`--datestart ${spec.dateStart}`]),
    `--datestop ${spec.dateStop ?? END_OF_TIME}`,
    ...(spec.kernelZone ? ['--kerneltz'] : []),
    ...(spec.contiguous ? ['--contiguous'] : []),
  ].join(' ');
}

/** time_mt(): the time of day is no part of a trace, so both outcomes are possible. */
export const time = defineOptionMatch({
  name: 'time',
  kernel: 'net/netfilter/xt_time.c',
  volatile: true,
  options: [
    { name: '--timestart' },
    { name: '--timestop' },
    { name: '--weekdays', not: true },
    { name: '--monthdays', not: true },
    { name: '--datestart' },
    { name: '--datestop' },
    { name: '--contiguous', words: 0 },
    { name: '--kerneltz', words: 0 },
  ],
  read: (given): TimeSpec => read(given),
  print,
  test: (spec, env) => env.chance({ kind: 'unknown', what: `the time of day is that of time ${print(spec)}` }),
});
