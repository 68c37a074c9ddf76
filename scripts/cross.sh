#!/usr/bin/env bash
# Builds the stock binary for every platform that is promised, without cgo. The flags of a release are left out: with -trimpath nothing that is
# built already could be used again.
set -euo pipefail
cd "$(dirname "$0")/.."

for os in linux darwin windows; do
	for arch in amd64 arm64; do
		CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -ldflags='-s -w' -o /dev/null ./cmd/stampede
		echo "builds: $os/$arch"
	done
done
