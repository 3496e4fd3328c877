/**
 * The forms in which the API server refuses a field (k8s.io/apimachinery, util/validation/field: Error.ErrorBody()), without
 * the path, and the sentences about names, numbers and addresses that many kinds share (util/validation). Every refusal of a
 * manifest is made here, so that it reads as `kubectl apply` prints it.
 */
import { quote } from '../lib/quote.ts';

/** Strings are quoted, numbers stand as they are, lists and objects as JSON. */
function printValue(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'object') {
    const text = JSON.stringify(value);
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
  }
  return String(value);
}

export function invalid(value: unknown, detail: string): string {
  return `Invalid value: ${printValue(value)}: ${detail}`;
}

export function required(detail = ''): string {
  return detail === '' ? 'Required value' : `Required value: ${detail}`;
}

export function duplicate(value: unknown): string {
  return `Duplicate value: ${printValue(value)}`;
}

export function forbidden(detail: string): string {
  return `Forbidden: ${detail}`;
}

/** field.NotSupported(): the words in the order in which the API server lists them. */
export function unsupported(value: unknown, supported: readonly string[]): string {
  return `Unsupported value: ${printValue(value)}: supported values: ${supported.map(quote).join(', ')}`;
}

export function tooMany(count: number, most: number): string {
  return `Too many: ${count}: must have at most ${most} items`;
}

/** InclusiveRangeError(). */
export function mustBeBetween(first: number, last: number): string {
  return `must be between ${first} and ${last}, inclusive`;
}

/** RegexError(): its examples are parted by two blanks. */
function breaksForm(message: string, form: string, ...examples: readonly string[]): string {
  return `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${form}')`;
}

/** MaxLenError(). */
function tooLong(most: number): string {
  return `must be no more than ${most} bytes`;
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const WILDCARD = `\\*\\.${SUBDOMAIN}`;

const QUALIFIED_WORDS =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

const LABEL_FORM = breaksForm(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  'my-name',
  '123-abc',
);
const SUBDOMAIN_FORM = breaksForm(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  'example.com',
);
const LABEL_1035_FORM = breaksForm(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035,
  'my-name',
  'abc-123',
);
const WILDCARD_FORM = breaksForm(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  WILDCARD,
  '*.example.com',
);
const LABEL_VALUE_FORM = breaksForm(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  `(${QUALIFIED})?`,
  'MyValue',
  'my_value',
  '12345',
);
const NAME_FORM = breaksForm(QUALIFIED_WORDS, QUALIFIED, 'MyName', 'my.name', '123-abc');

const NOTHING: readonly string[] = [];

/** Lengths and forms are asked of every name of a dump of a cluster, and are nearly always right. */
function formOf(form: string, most: number, words: string): (text: string) => readonly string[] {
  const whole = new RegExp(`^${form}$`);
  return (text) => {
    const fits = text.length <= MOST_SEARCHED && whole.test(text);
    if (fits && text.length <= most) return NOTHING;
    return [...(text.length > most ? [tooLong(most)] : []), ...(fits ? [] : [words])];
  };
}

/** A text that is far too long is not searched. */
const MOST_SEARCHED = 10_000;

/** IsDNS1123Label(): what is wrong with a text, in the API server's order; nothing where it is right. */
export const wrongLabel = formOf(LABEL, 63, LABEL_FORM);
/** IsDNS1035Label(): names of Services. */
export const wrongServiceName = formOf(LABEL_1035, 63, LABEL_1035_FORM);
/** IsValidLabelValue(). */
export const wrongLabelValue = formOf(`(${QUALIFIED})?`, 63, LABEL_VALUE_FORM);
const wrongNamePart = formOf(QUALIFIED, 63, NAME_FORM);

const LABEL_ALONE = new RegExp(`^${LABEL}$`);

/** IsDNS1123Subdomain(): label by label, since the whole form takes long over hostile texts. */
export function wrongSubdomain(text: string): readonly string[] {
  const fits = text.length <= MOST_SEARCHED && text.split('.').every((part) => LABEL_ALONE.test(part));
  if (fits && text.length <= 253) return NOTHING;
  return [...(text.length > 253 ? [tooLong(253)] : []), ...(fits ? [] : [SUBDOMAIN_FORM])];
}

/** IsWildcardDNS1123Subdomain(). */
export function wrongWildcard(text: string): readonly string[] {
  return text.startsWith('*.') && wrongSubdomain(text.slice(2)).length === 0 ? NOTHING : [WILDCARD_FORM];
}

/** IsQualifiedName(). */
export function wrongQualifiedName(text: string): readonly string[] {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  if (name.includes('/')) {
    return [`a qualified name ${NAME_FORM} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const ofName = wrongNamePart(name);
  const ofPrefix = slash < 0 ? NOTHING : slash === 0 ? [EMPTY] : wrongSubdomain(text.slice(0, slash));
  if (ofName.length === 0 && ofPrefix.length === 0) return NOTHING;
  return [
    ...ofPrefix.map((words) => `prefix part ${words}`),
    ...[...(name === '' ? [EMPTY] : []), ...ofName].map((words) => `name part ${words}`),
  ];
}

/** EmptyError(). */
const EMPTY = 'must be non-empty';

/** IsValidPortName(): an IANA service name (RFC 6335 section 5.1) in lower case. */
export function wrongPortName(text: string): readonly string[] {
  return [
    ...(text.length > 15 ? [tooLong(15)] : []),
    ...(/^[-a-z0-9]+$/.test(text) ? [] : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
    ...(/[a-z]/.test(text) ? [] : ['must contain at least one letter (a-z)']),
    ...(text.includes('--') ? ['must not contain consecutive hyphens'] : []),
    ...(text.startsWith('-') || text.endsWith('-') ? ['must not begin or end with a hyphen'] : []),
  ];
}

export const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
export const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
