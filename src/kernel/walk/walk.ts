/** The only loop: from stage to stage until the packet has come to an end. */
import type { Run } from './run.ts';
import type { Answer, Next, Stage, StageName } from './stage.ts';
import { bridge } from './stages/bridge.ts';
import { deliver, input } from './stages/deliver.ts';
import { forward } from './stages/forward.ts';
import { output, postrouting } from './stages/output.ts';
import { prerouting, receive, route } from './stages/receive.ts';
import { port, transmit } from './stages/transmit.ts';
import type { Leg } from './step.ts';

const STAGES: Readonly<Record<StageName, Stage>> = {
  receive,
  bridge,
  prerouting,
  route,
  input,
  deliver,
  forward,
  output,
  postrouting,
  transmit,
  port,
};

/** The way of one packet, and what was sent back because of it. */
export type Walk = { readonly leg: Leg; readonly answer: Answer | undefined };

/** Walks one packet from `first` to its end. */
export function walk(run: Run, first: Next): Walk {
  let next = first;
  while (next.kind === 'stage') {
    next = STAGES[next.stage](run, run.world.netns(next.at.netns), next.at);
  }
  const { disposition, packet, answer } = next;
  return { leg: { steps: run.takeSteps(), disposition, packet, answer: answer?.packet }, answer };
}
