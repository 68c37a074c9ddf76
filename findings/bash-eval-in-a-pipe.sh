#!/usr/bin/env bash
# What:    bash; the status that a command has left when set -e ends an eval that stands in a pipe: `: | eval "$SCRIPT"`, which is how GitLab's runner carries a job's script out
#          (shells/bash.go, without FF_USE_NEW_BASH_EVAL_STRATEGY), for an end of file on its standard input.
# Version: bash 5.2.15 and dash 0.5.12 (Debian 12).
# Guess:   (written down after a first look at a job that ended with 1) the status of the command, as without the pipe: 3.
# Seen:    bash makes 1 of every status but 0 when a program ends with it; a plain exit keeps its own, so does a subshell around the eval, and so does dash. GitLab's issue 27668 has it since 2021.
# Means:   allow_failure with exit_codes never sees the 6 of a runner that was too busy, nor anybody else the 3 or 4: a job's line wants `|| exit $?` behind the load test.
set -euo pipefail
bash --version | grep -q 'version 5\.2' || { echo "this is not bash 5.2" >&2; exit 2; }
status() { # SHELL CODE
  code=0
  "$1" -c "$2" || code=$?
  printf '%s ' "$code"
}
run='sh -c "exit 3"'
seen=$(
  status bash "set -e; eval '$run'"
  status bash "set -e; : | eval '$run'"
  status bash "set -e; : | (eval '$run')"
  status bash "set -e; : | eval 'exit 3'"
  status bash "set -e; : | eval '$run || exit \$?'"
  status dash "set -e; : | eval '$run'"
)
echo "$seen"
[ "$seen" = '3 1 3 3 3 3 ' ] || { echo "no longer so" >&2; exit 1; }
