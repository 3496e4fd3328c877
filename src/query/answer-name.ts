/** A question about a name: what DNS says of it, and the answer where it says nothing or cannot be asked. */
import { type Phrase, phrase } from '../explain/language.ts';
import { partPhrase } from '../explain/notes/say-note.ts';
import { SUMMARY_WORDS } from '../explain/summary.ts';
import { ok, type Result } from '../lib/result.ts';
import { printIp } from '../net/address.ts';
import { answerAddress, policiesTold } from './answer-address.ts';
import { contextOf } from './context-of.ts';
import { knownHost } from './http/known-host.ts';
import { type LookUp, lookUp } from './look-up.ts';
import { familyAsked, type Question } from './question.ts';
import type { Trace } from './trace.ts';
import { unsentTrace } from './unsent-trace.ts';

/** The first address that the name has is walked to; `hosts` of the query are asked before DNS. */
export function answerName(question: Question, name: string): Result<Trace> {
  const { loaded, query, source } = question;
  const given = query.hosts?.get(name.toLowerCase());
  if (given !== undefined) return answerAddress(question, given);
  const family = familyAsked(question);
  const found = lookUp(name, source, loaded.cluster, contextOf(loaded), {
    ...query,
    ...(family === undefined ? {} : { family }),
  });
  const [address] = found.addresses;
  if (address !== undefined) return answerAddress(question, address, { found, service: found.service });
  if (found.outside !== undefined) return answerOutside(question, name, found, found.outside);
  if (found.view.code === 'DNS_SERVER_UNREACHABLE' && found.walked !== undefined)
    return ok(unanswered(question, found, found.walked));
  const values = { source: query.source, destination: name, elsewhere: elsewhere(question, name) };
  return ok(unsentTrace(question, { code: 'DNS_NXDOMAIN', values, found }));
}

/** A name that the world's DNS knows: nobody can say its address, unless a URL's host is one that the cluster serves. */
function answerOutside(question: Question, name: string, found: LookUp, outside: string): Result<Trace> {
  const { loaded, destination } = question;
  const known = destination.text.url === undefined ? undefined : knownHost(loaded.cluster, name.toLowerCase());
  if (known === undefined) {
    const values = { missing: partPhrase(`the address of ${outside}, which --resolve ${outside}:ADDRESS gives`) };
    return ok(unsentTrace(question, { code: 'MODEL_DATA_MISSING', values, found, verdict: 'undetermined' }));
  }
  // The name does not come from the DNS that was asked: only its own walk is told, if there was one.
  const addresses = [printIp(known.address)];
  const view: LookUp['view'] = { ...found.view, addresses, verdict: 'delivered', code: null };
  return answerAddress(question, known.address, { found: { ...found, notes: [...found.notes, known.note], view } });
}

/** The usual mistake: the Service is in another namespace, and the name does not say which. */
function elsewhere({ loaded, source: { pod } }: Question, name: string): Phrase | string {
  const [first] = name.split('.');
  const meant = loaded.cluster.services.find((service) => service.name === first);
  if (pod === undefined || meant === undefined) return '';
  const { namespace, name: service } = meant;
  return phrase(SUMMARY_WORDS.elsewhere, { service: `${namespace}/${service}`, name: `${service}.${namespace}` });
}

/** The DNS server cannot be reached: the blame is that of the query. */
function unanswered(question: Question, found: LookUp, walked: NonNullable<LookUp['walked']>): Trace {
  const asked = { source: question.query.source, destination: found.view.name };
  const trace = unsentTrace(question, { code: 'DNS_SERVER_UNREACHABLE', values: asked, found });
  const { verdict, blame, summary: inner } = walked.result;
  const paths = walked.explanations.map(({ path }) => path);
  return {
    ...trace,
    result: {
      ...trace.result,
      verdict: verdict === 'mixed' || verdict === 'delivered' ? 'dropped' : verdict,
      blame,
      summary: { ...trace.result.summary, values: { ...trace.result.summary.values, inner } },
    },
    policies: policiesTold(question, paths, walked.failing?.cause),
    stats: walked.stats,
  };
}
