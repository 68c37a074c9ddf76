#!/usr/bin/env bash
# Formatting, vet and staticcheck over everything but what tools/ pins.
set -euo pipefail
cd "$(dirname "$0")/.."

unformatted=$(go tool -modfile=tools/go.mod gofumpt -l $(git ls-files '*.go' | grep -v /testdata/))
if [ -n "$unformatted" ]; then
	echo "not formatted with gofumpt:" >&2
	echo "$unformatted" >&2
	exit 1
fi
go vet ./...
go tool -modfile=tools/go.mod staticcheck ./...
echo "lint: ok"
