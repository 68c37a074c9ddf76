#!/usr/bin/env bash
# What:    vegeta report over ten results, sent 100 ms apart, nine of which took 1 ms and the last one second: rate, throughput and 90th percentile.
# Version: github.com/tsenart/vegeta/v12 v12.12.0 (results are written here as JSON; nothing is sent).
# Guess:   (written before it was run, of the rate; of the rest one would expect) 10/s, a throughput of about the same, and a p90 of 1 ms, as nine in ten took that.
# Seen:    11.11, 5.26 and 500.5 ms. The rate is over the 0.9 s between the first and the last that were sent, the throughput over that and the wait
#          for the last one, and the percentile is half-way between two values of a t-digest.
# Means:   short attacks show a rate above the one that was asked for and a throughput that one slow answer at the end halves, and percentiles of few
#          results are times that nothing took. Attack for so long that one interval and one answer do not matter.
set -euo pipefail
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
GOBIN="$dir" go install github.com/tsenart/vegeta/v12@v12.12.0 2>/dev/null
for i in 0 1 2 3 4 5 6 7 8 9; do
	printf '{"attack":"","seq":%d,"code":200,"timestamp":"2026-11-30T00:00:00.%d00Z","latency":%d,"bytes_out":0,"bytes_in":1,"error":"","body":null,"method":"GET","url":"http://127.0.0.1/","headers":null}\n' \
		$i $i $((i < 9 ? 1000000 : 1000000000))
done >"$dir/results"
seen=$("$dir/vegeta" report <"$dir/results" | awk '/^Requests/ {print "rate", $6, "throughput", $7} /^Latencies/ {print "p90", $12}')
echo "$seen"
[ "$seen" = "rate 11.11, throughput 5.26
p90 500.5ms," ] || { echo "no longer so" >&2; exit 1; }
