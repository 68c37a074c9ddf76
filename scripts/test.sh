#!/usr/bin/env bash
# Everything that must pass: formatting, vet, staticcheck, tests with and without the race detector, allocation budgets, the web page in a
# real browser, every platform. Its last lines name the tests that were skipped, and why.
#
# The race detector makes everything five to twenty times slower, and finds nothing where nothing runs at the same time. So each test runs
# once: with it in packages that start goroutines, without it in the others. Without it too runs what it spoils: budgets, and what is made
# smaller for it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/need.sh

need nginx-light nginx "the HTTP engine is tested against it"
need haproxy haproxy "the HTTP engine is tested against it"
need caddy caddy "the HTTP engine is tested against it"
need h2o h2o "the HTTP engine is tested against it"
need apache2 apache2 "the HTTP engine is tested against it"
need nghttp2-proxy nghttpx "the HTTP engine is tested against it"
need chromium chromium "the report is tested in a real browser"
need libxml2-utils xmllint "JUnit files are checked against their schema"
need postgresql '/usr/lib/postgresql/*/bin/initdb' "the ledger is tested against it"
need nodejs node "the web page is rebuilt and compared"
need curl curl "the lines of docs/api.md are run"
for server in redis-server:redis-server memcached:memcached mariadb-server:mariadbd php-fpm:'/usr/sbin/php-fpm*' rabbitmq-server:rabbitmq-server \
	prometheus:prometheus prometheus-node-exporter:prometheus-node-exporter; do
	need "${server%%:*}" "${server#*:}" "what servers say of themselves is read from real ones"
done
need python3-botocore '/usr/lib/python3/dist-packages/botocore/data/cloudwatch' "requests are held against AWS's model of CloudWatch"
need awscli /usr/bin/aws "the stand-in for CloudWatch is driven by AWS's own client"

work=$(mktemp -d)
cross=
trap '[ -z "$cross" ] || kill "$cross" 2>/dev/null || true; rm -rf "$work"' EXIT
go build -o "$work/tell" ./scripts/tell
tell() { "$work/tell" -skipped "$work/skipped"; }

sources=$(git ls-files '*.go' | grep -v /testdata/)
# folders FILES... are the packages that files are in.
folders() { sed 's,[^/]*$,,; s,^,./,; s,/$,,' | sort -u; }
every=$(go list -f '{{.Dir}}' ./... | sed "s,^$PWD,.," | sort -u)

# What runs at the same time: goroutines, servers, runs.
concurrent=$(grep -lE '^[[:space:]]*go (func\>|[A-Za-z_.]+\()|\.Go\(|RunParallel|synctest|httptest\.|net\.Listen|stampede\.(Run|Start)\(|stampedetest\.' $sources |
	folders | grep -Fx "$every")
# Statistics over thousands of simulated runs: of what is concurrent there, other tests see the same.
calculating='TestFalseAlarms|TestFindsOneOfManyNames|TestLikeness'
reports=./internal/report # one goroutine, which writes CSV files
concurrent=$(grep -Fxv "$reports" <<<"$concurrent")
alone=$(printf '%s\n./internal/compare\n' "$(grep -Fxv "$concurrent" <<<"$every")") # run whole without it

# Budgets hold only without the race detector; some tests are smaller with it.
spoiled=$(git ls-files '*_test.go' | xargs grep -lE 'AllocsPerRun|ReadMemStats|\<racing\>|^//go:build !race' | xargs grep -hoE '^func Test[A-Za-z0-9_]+' |
	sed 's/^func //' | sort -u | paste -sd'|')

./scripts/lint.sh
go mod verify >/dev/null

nice ./scripts/cross.sh >"$work/cross" 2>&1 & # with what the tests leave of the processors
cross=$!

echo "with the race detector:"
go test -json -race -shuffle=on -timeout 20m -skip "$calculating" $concurrent | tell
go test -json -race -shuffle=on -timeout 20m -run CSV "$reports" | tell
echo "without it:"
go test -json -shuffle=on -timeout 10m $alone | tell
go test -json -timeout 10m -run "^($spoiled)\$" $(grep -Fxv ./internal/compare <<<"$concurrent") | tell

./web/check.sh

wait "$cross" || { cat "$work/cross" >&2; exit 1; }
cross=
cat "$work/cross"
if [ -s "$work/skipped" ]; then
	echo "skipped, $(sort -u "$work/skipped" | wc -l) tests:"
	sort -u "$work/skipped" | sed 's/^/  /'
else
	echo "no test was skipped"
fi
echo "all tests passed"
