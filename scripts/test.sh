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
need nghttp2-server nghttpd "the HTTP engine is tested against it"
need chromium chromium "the report is tested in a real browser"
need libxml2-utils xmllint "JUnit files are checked against their schema"
need postgresql '/usr/lib/postgresql/*/bin/initdb' "the ledger is tested against it"
need nodejs node "the web page is rebuilt and compared"
need python3-websockets /usr/lib/python3/dist-packages/websockets/server.py "WebSockets are tested against it"
need python3-grpcio /usr/lib/python3/dist-packages/grpc/__init__.py "gRPC is tested against it"
need curl curl "the lines of docs/api.md are run, and proxies are asked by it, too"
need microsocks microsocks "the HTTP engine is tested through it"
need tinyproxy tinyproxy "the HTTP engine is tested through it"
for server in redis-server:redis-server memcached:memcached mariadb-server:mariadbd php-fpm:'/usr/sbin/php-fpm*' rabbitmq-server:rabbitmq-server \
	prometheus:prometheus prometheus-node-exporter:prometheus-node-exporter; do
	need "${server%%:*}" "${server#*:}" "what servers say of themselves is read from real ones"
done
need python3-botocore '/usr/lib/python3/dist-packages/botocore/data/cloudwatch' "requests are held against AWS's own models of its services"
need awscli /usr/bin/aws "the stand-ins for AWS are driven by AWS's own client"
need php-mysql '/usr/lib/php/*/pdo_mysql.so' "examples/lamp is a site of PHP and MariaDB"
need php-redis '/usr/lib/php/*/redis.so' "examples/lamp is a site of PHP and Redis"
met

# Modules that no cache of this machine holds, those of the tools too.
again go list -deps -test ./... >/dev/null
again go list -modfile=tools/go.mod -deps tool >/dev/null

work=$(mktemp -d)
platforms= web=
trap 'for p in $platforms $web; do kill "$p" 2>/dev/null || true; done; rm -rf "$work"' EXIT
go build -o "$work/tell" ./scripts/tell
tell() { "$work/tell" -skipped "$work/skipped"; }

sources=$(git ls-files '*.go' | grep -v /testdata/)
# folders FILES... are the packages that files are in.
folders() { sed 's,[^/]*$,,; s,^,./,; s,/$,,' | sort -u; }
every=$(go list -f '{{.Dir}}' ./... | sed "s,^$PWD,.," | sort -u)

# What runs at the same time: goroutines, servers, runs.
concurrent=$(grep -lE '^[[:space:]]*go (func\>|[A-Za-z_.]+\()|\.Go\(|RunParallel|synctest|httptest\.|net\.Listen|stampede\.(Run|Start)\(|stampedetest\.' $sources |
	folders | grep -Fx "$every")
# Statistics over thousands of simulated runs, or over all runs of a ledger: of what is concurrent there, other tests see the same. They run
# without the race detector below.
ledgers='TestScripts/runs-(selftest|trend|compare)'
calculating="TestFalseAlarms|TestFindsOneOfManyNames|TestLikeness|$ledgers"
reports=./internal/report # one goroutine, which writes CSV files
concurrent=$(grep -Fxv "$reports" <<<"$concurrent")
alone=$(printf '%s\n./internal/compare\n' "$(grep -Fxv "$concurrent" <<<"$every")") # run whole without it

# Those whose tests wait more than they work begin first, so that the processors have something to do meanwhile.
waiting=$(printf './internal/%s\n' cli fleet monitor ledger wire)
concurrent=$(printf '%s\n%s\n' "$waiting" "$(grep -Fxv "$waiting" <<<"$concurrent")")

# Budgets hold only without the race detector; some tests are smaller with it.
spoils='AllocsPerRun|ReadMemStats|\<racing\>|^//go:build !race'
spoiled=$(git ls-files '*_test.go' | xargs grep -lE "$spoils")
budgets=$(folders <<<"$spoiled" | grep -Fx "$concurrent")
spoiled=$(xargs grep -hoE '^func Test[A-Za-z0-9_]+' <<<"$spoiled" | sed 's/^func //' | sort -u | paste -sd'|')

./scripts/lint.sh
go mod verify >/dev/null

nice go run ./scripts/platforms . ./cmd/... ./examples/... ./grpc/... ./launch/... ./stampedetest/... ./websocket/... >"$work/platforms" 2>&1 & # with what the tests leave of the processors
platforms=$!

echo "with the race detector:" # lint.sh has vetted all of it
go test -json -race -vet=off -shuffle=on -p 3 -parallel 4 -timeout 20m -skip "$calculating" $concurrent | tell
go test -json -race -vet=off -shuffle=on -timeout 20m -run CSV "$reports" | tell
./web/check.sh >"$work/web" 2>&1 & # a browser waits more than it works
web=$!
echo "without it:"
nice go test -json -vet=off -shuffle=on -timeout 10m $alone | tell
nice go test -json -vet=off -timeout 10m -run "$ledgers" ./internal/cli | tell
nice go test -json -vet=off -timeout 10m -run "^($spoiled)\$" $budgets | tell

wait "$web" || { cat "$work/web" >&2; exit 1; }
web=
cat "$work/web"

wait "$platforms" || { cat "$work/platforms" >&2; exit 1; }
platforms=
cat "$work/platforms"
if [ -s "$work/skipped" ]; then
	echo "skipped, $(sort -u "$work/skipped" | wc -l) tests:"
	sort -u "$work/skipped" | sed 's/^/  /'
else
	echo "no test was skipped"
fi
echo "all tests passed"
