#!/usr/bin/env bash
# What:    statistics.quantiles of Python's standard library; the 99th percentile of ten latencies, and the first of five.
# Version: python 3.11 (Debian 12's), and newer ones in which it was seen to be the same.
# Guess:   (written before it was run) a value between the smallest and the largest that were measured; with so few the 99th is the largest.
# Seen:    of nine answers between 100 and 108 ms and one of 900 the 99th is 1604.88 ms; of 1, 200, 201, 202, 203 ms the first is -186.06 ms. The
#          default method ("exclusive") goes on in a straight line beyond the ends; method="inclusive" stays within.
# Means:   a script that works a load tool's CSV up reports latencies that nobody had, even negative ones, and the more so the fewer samples there
#          are, as with one endpoint in one minute. Two tools whose percentiles differ above the maximum differ in this.
set -euo pipefail
python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' || { echo "statistics.quantiles came with Python 3.8" >&2; exit 2; }
seen=$(python3 -c '
from statistics import quantiles
many, few = [100, 101, 102, 103, 104, 105, 106, 107, 108, 900], [1, 200, 201, 202, 203]
for method in "exclusive", "inclusive":
    print(method, round(quantiles(many, n=100, method=method)[98], 2), round(quantiles(few, n=100, method=method)[0], 2))
assert quantiles(many, n=100) == quantiles(many, n=100, method="exclusive")')
echo "$seen"
[ "$seen" = "exclusive 1604.88 -186.06
inclusive 828.72 8.96" ] || { echo "no longer so" >&2; exit 1; }
