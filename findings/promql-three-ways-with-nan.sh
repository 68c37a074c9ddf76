#!/usr/bin/env bash
# What:    PromQL over a gauge with one NaN among its samples, such as the quantile of a client library's summary that had nothing to observe for a while:
#          avg_over_time, max_over_time and quantile_over_time of 1, 2, 3, NaN, 5, 8.
# Version: Debian 12's prometheus 2.42.0 (promtool test rules).
# Guess:   (taken for what one would expect; none was written down) all three alike: NaN, or the sample is passed over (mean 3.8, largest 8, median 3).
# Seen:    three ways: the mean is NaN, the largest is 8 as if the sample were not there, and the median is 2.5, since NaN counts as smaller than any number.
# Means:   a panel of "median p99 over the run" gets better with each quiet minute of the site, while "mean p99" has gaps. A comparison with NaN is never
#          true, so no alarm tells. Take "x >= 0" into the query of what may be NaN before it goes over time.
set -euo pipefail
promtool --version 2>&1 | grep -q 'version 2\.42\.0' || { echo "this is not promtool 2.42.0 (Debian 12's prometheus)" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/test.yml" <<'YML'
evaluation_interval: 15s
tests:
  - interval: 15s
    input_series:
      - series: p99
        values: '1 2 3 NaN 5 8'
    promql_expr_test:
      - {expr: 'avg_over_time(p99[2m])', eval_time: 75s, exp_samples: []}
      - {expr: 'max_over_time(p99[2m])', eval_time: 75s, exp_samples: []}
      - {expr: 'quantile_over_time(0.5, p99[2m])', eval_time: 75s, exp_samples: []}
      - {expr: 'quantile_over_time(0.5, (p99 >= 0)[2m:15s])', eval_time: 75s, exp_samples: []}
YML
# No sample is expected, so promtool tells each that it got.
seen=$({ promtool test rules "$dir/test.yml" 2>&1 || true; } | sed -n 's/^ *expr: "\(.*\)", time.*/\1/p; s/^ *got: *{} \(.*\)/= \1/p' | paste -d' ' - -)
echo "$seen"
[ "$seen" = "avg_over_time(p99[2m]) = NaN
max_over_time(p99[2m]) = 8E+00
quantile_over_time(0.5, p99[2m]) = 2.5E+00
quantile_over_time(0.5, (p99 >= 0)[2m:15s]) = 3E+00" ] || { echo "no longer so" >&2; exit 1; }
