#!/usr/bin/python3
"""Builds lab plans in network namespaces and sends probes through them.

  runner.py --capabilities    prints what this kernel can do
  runner.py                   reads one JSON request a line, answers one JSON line each:
    {"build": PLAN, "trace": false}            -> {"built": true, "milliseconds": N, "kernel": "6.1.0"}
    {"probes": [...], "timeout": 0.1, "width": 256, "fresh": [machine...]} -> {"observations": [...], "lost": 0}
    {"run": {"machine", "command": [...], "text"}}   -> {"output": "..."}      (reads a table of the kernel back)
    {"close": true}                             -> {"closed": true}
  A new build ends the one before. An answer {"error": "..."} leaves nothing built when it was a build that failed.
  With trace, probes go one by one and each observation has `events`.
"""
import json
import os
import sys
import tempfile
import time

import build as builder
from capabilities import capabilities
from listen import Listeners
from namespace import LabError
from probe import Loop, Prober
from trace import Tracer
from trace_nft import NftTracer


class Lab:
    """One built plan."""

    def __init__(self, plan, trace):
        self.plan = {machine['name']: machine for machine in plan['machines']}
        self.machines = builder.build(plan)
        self.loop = Loop()
        self.tracers = {}
        self.nft_tracers = {}
        try:
            self.listeners = Listeners(self.loop)
            for machine in plan['machines']:
                for listener in machine['listeners']:
                    if listener['protocol'] in ('tcp', 'udp') and listener['port'] != 'any':
                        self.listeners.open(self.machines[machine['name']], listener['protocol'], listener['address'] or '', listener['port'])
            if trace:
                for machine in plan['machines']:
                    if machine['role'] == 'machine':
                        tracer = Tracer(self.machines[machine['name']], machine.get('ipv6', False))
                        self.tracers[machine['name']] = tracer
                    if machine['role'] == 'machine' and machine.get('nftables'):
                        self.nft_tracers[machine['name']] = NftTracer(self.machines[machine['name']])
            self.prober = Prober(self.loop, self.machines, self.listeners)
        except BaseException:
            self.close()
            raise

    def probe(self, probes, timeout, width):
        if not self.tracers:
            observed = self.prober.send(probes, timeout, width)
            self.prober.finish()
            return observed
        traced = []
        for probe in probes:
            self.events()
            observed = self.prober.send([probe], timeout, 1)
            traced.append((observed, self.events()))
        self.prober.finish()
        return [{**observed[0], 'events': events} for observed, events in traced]

    def events(self):
        found = {name: tracer.take() for name, tracer in self.tracers.items()}
        for name, tracer in self.nft_tracers.items():
            found[name] = found[name] + tracer.take()
        return {name: events for name, events in found.items() if events}

    def refresh(self, names):
        """Loads the rules again, which sets the memory of limit, nth and the like back; lists of xt_recent are emptied."""
        for name in names:
            machine = self.plan[name]
            namespace = self.machines[name]
            for tool in ('iptables', 'ip6tables'):
                # The tables of hashlimit live as long as a rule names them, and new rules come before the old ones go.
                empty = ''.join('*%s\nCOMMIT\n' % line[1:] for line in machine[tool].splitlines() if line.startswith('*'))
                for text in [empty, machine[tool]] if empty else []:
                    namespace.run([tool + '-legacy-restore'], text)
            if name in self.tracers:
                self.tracers[name].insert_rules()
            with namespace:
                folder = '/proc/thread-self/net/xt_recent'
                for entry in os.listdir(folder) if os.path.isdir(folder) else []:
                    with open(os.path.join(folder, entry), 'w', encoding='ascii') as file:
                        file.write('/')

    def close(self):
        for tracer in [*self.tracers.values(), *self.nft_tracers.values()]:
            tracer.close()
        self.loop.close()
        for namespace in self.machines.values():
            namespace.close()


def answer(lab, request):
    """The lab after the request, and what to say."""
    if 'build' in request:
        if lab:
            lab.close()
        began = time.monotonic()
        lab = Lab(request['build'], request.get('trace', False))
        return lab, {'built': True, 'milliseconds': round(1000 * (time.monotonic() - began), 1), 'kernel': os.uname().release}
    if 'close' in request:
        if lab:
            lab.close()
        return None, {'closed': True}
    if lab is None:
        return None, {'error': 'nothing is built'}
    if 'run' in request:
        wish = request['run']
        return lab, {'output': lab.machines[wish['machine']].run(wish['command'], wish.get('text'))}
    lab.refresh(request.get('fresh', []))
    observations = lab.probe(request['probes'], request.get('timeout', 0.1), request.get('width', 256))
    return lab, {'observations': observations, 'lost': sum(tracer.lost for tracer in [*lab.tracers.values(), *lab.nft_tracers.values()])}


def main():
    if '--capabilities' in sys.argv:
        print(json.dumps(capabilities()))
        return
    lab = None
    # One lock of our own: /run/xtables.lock is shared by all namespaces and not writable in a user namespace. The file has
    # no name, so that even SIGKILL leaves nothing.
    with tempfile.TemporaryFile() as lock:
        os.environ['XTABLES_LOCKFILE'] = '/proc/%d/fd/%d' % (os.getpid(), lock.fileno())
        for line in sys.stdin:
            if not line.strip():
                continue
            request = json.loads(line)
            try:
                lab, said = answer(lab, request)
            except (LabError, OSError) as error:
                said = {'error': str(error)}
                if 'build' in request:
                    lab = None
            print(json.dumps(said), flush=True)


if __name__ == '__main__':
    main()
