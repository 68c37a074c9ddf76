#!/usr/bin/env bash
# Formatting, vet and staticcheck over everything but what tools/ pins, and the workflow that people copy.
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
go tool -modfile=tools/go.mod actionlint -shellcheck= -pyflakes= docs/ci/github-actions.yml
echo "lint: ok"
