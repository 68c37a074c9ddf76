#!/usr/bin/env bash
# Everything that must pass: formatting, vet, staticcheck, tests with the race detector, allocation budgets without it, the web page in a
# real browser, every platform.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/need.sh

need nginx-light nginx "the HTTP engine is tested against it"
need chromium chromium "the report is tested in a real browser"
need libxml2-utils xmllint "JUnit files are checked against their schema"
need postgresql '/usr/lib/postgresql/*/bin/initdb' "the ledger is tested against it"
need nodejs node "the web page is rebuilt and compared"
for server in redis-server:redis-server memcached:memcached mariadb-server:mariadbd php-fpm:'/usr/sbin/php-fpm*' haproxy:haproxy apache2:apache2 \
	rabbitmq-server:rabbitmq-server prometheus:prometheus prometheus-node-exporter:prometheus-node-exporter; do
	need "${server%%:*}" "${server#*:}" "what servers say of themselves is read from real ones"
done
need python3-botocore '/usr/lib/python3/dist-packages/botocore/data/cloudwatch' "requests are held against AWS's model of CloudWatch"
need awscli /usr/bin/aws "the stand-in for CloudWatch is driven by AWS's own client"

./scripts/lint.sh
go mod verify >/dev/null
go test -race -shuffle=on -timeout 20m ./...
go test -timeout 10m ./... # allocation budgets hold only without the race detector
./web/check.sh
./scripts/cross.sh
echo "all tests passed"
