#!/bin/bash
# uml.sh KERNELS OUT: OUT/requests.jsonl through runner.py inside user-mode-linux, answers to OUT/answers.jsonl.
set -euo pipefail
kernels=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)
# When the caller dies, the guest does.
exec setpriv --pdeathsig TERM timeout -k 5 "${LIMIT:-900}" env LD_PRELOAD="$kernels/umlfix.so" TMPDIR="$out" HOME="$out" \
  "$kernels/uml/usr/bin/linux.uml" mem=1024M umid="lab$$" rootfstype=hostfs rootflags=/ ro init="$here/guest-init.sh" \
  con=null con0=null,fd:1 con1=null quiet loglevel=4 panic=-1 \
  lab.kernels="$kernels" lab.out="$out" lab.runner="$here/../runner.py" </dev/null
