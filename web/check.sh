#!/bin/sh
# Checks the pages: types, unit tests, that the committed page is what its sources build, and the reports in a real browser.
#
#   web/check.sh [SHOTS]     with SHOTS, pictures of the reports are left in that folder
#
# It needs Go, Node 20.19 or later with npm, and Chromium. What is missing is said; then the check fails under CI=true, and elsewhere it
# is left out with a note, so that somebody without Node can work on the rest.
set -eu
cd "$(dirname "$0")"
shots=${1:-}
case $shots in '' | /*) ;; *) shots=$OLDPWD/$shots ;; esac

missing=''
need() { # COMMAND HOW-TO-GET-IT
	command -v "$1" >/dev/null 2>&1 || missing="$missing
  $1: $2"
}
need go 'https://go.dev/dl, the version that go.mod names'
need node 'version 20.19 or later, https://nodejs.org'
need npm 'it comes with Node'
need nginx 'apt-get install -y --no-install-recommends nginx-light, or another nginx'
browser=${CHROMIUM:-/usr/bin/chromium}
[ -x "$browser" ] || missing="$missing
  $browser: apt-get install -y --no-install-recommends chromium, or set CHROMIUM to another one"
if [ -z "$missing" ] && ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'; then
	missing="$missing
  node: this is $(node --version); 20.19 or later, or 22.12 or later, is needed"
fi
if [ -n "$missing" ]; then
	echo "web/check.sh: missing:$missing" >&2
	if [ "${CI:-}" = true ]; then exit 1; fi
	echo "web/check.sh: the pages were not checked" >&2
	exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

step() { echo "== $*"; }

step 'the packages that package-lock.json names'
for pause in 5 20 60 ''; do # a network that is away for a moment is no fault of the page
	npm ci --no-audit --no-fund && break
	[ -n "$pause" ] || exit 1
	echo "web/check.sh: npm ci failed, once more in $pause s" >&2
	sleep "$pause"
done
if grep -q '"resolved"' package-lock.json; then
	echo 'web/check.sh: package-lock.json holds download addresses; write it with npm install --omit-lockfile-registry-resolved' >&2
	exit 1
fi

step 'types'
npm run --silent types
step 'unit tests'
npm run --silent unit

step 'the committed page is what its sources build'
npx vite build --logLevel warn --outDir "$work/dist" --emptyOutDir
if ! cmp "$work/dist/report.html" ../internal/report/dist/report.html; then
	echo 'web/check.sh: internal/report/dist/report.html is out of date: run npm run build in web/ and commit it' >&2
	exit 1
fi

npx vite build -c vite.console.config.ts --logLevel warn --outDir "$work/console" --emptyOutDir
npx vite build -c vite.worker.config.ts --logLevel warn --outDir "$work/console"
for f in console.html console.js console.css worker.js; do
	if ! cmp "$work/console/$f" "../internal/console/dist/$f"; then
		echo "web/check.sh: internal/console/dist/$f is out of date: run npm run build in web/ and commit it" >&2
		exit 1
	fi
done

step 'reports in a browser'
mkdir "$work/pages"
(cd .. && go run ./web/test/gen "$work/pages")
if [ -n "$shots" ]; then mkdir -p "$shots"; fi
node test/browser.js "$work/pages" ${shots:+"$shots"}

step 'the page of serve in a browser'
(cd .. && go build -o "$work/crowd" ./web/test/crowd)
node test/console.js "$work/crowd" ${shots:+"$shots"}
