package cli

import "strings"

// foreign is a flag as other tools have it, and what does the same here. The names are those with which people come.
type foreign struct {
	flags string // "-c --connections", the way they are written
	tools string // who has it
	here  string // what to write
}

// foreignFlags are the flags of curl, ab, hey, oha, wrk, vegeta, k6 and Locust that mean something here under another name, or nothing. Of two
// rows with one flag the first one counts.
func foreignFlags() []foreign {
	return []foreign{
		{"-c --connections --concurrency --vus --clients --num-users", "ab, hey, oha, wrk and k6", "the number of users: -u N"},
		{"-z --duration", "hey, oha, wrk, vegeta and k6", "the length: -t TIME"},
		{"-q --qps --rps --requests-per-second", "hey and oha", "a rate over all users: --rate N/s (hey's -q is for each of its workers)"},
		{"-n --requests --num-requests --max-requests", "ab, hey and oha", "an end after so many tasks: --iterations N (in hit also -n N)"},
		{"-R", "wrk2", "a rate: --rate N/s"},
		{"-s --script", "wrk", "a test written in Go: see stampede new; ab's -s is --timeout"},
		{"-m --method", "hey and oha", "the method: -X METHOD; curl's -m is --timeout"},
		{"-T --content-type", "ab, hey and oha", "a header: -H 'Content-Type: ...'"},
		{"--proxy-user --proxy-basic --proxy-anyauth -U", "curl", "in the proxy's URL: --proxy, with user:password@ before its host and %40 for an @ of theirs"},
		{"--socks5 --socks5-hostname --socks4 --socks4a --preproxy", "curl", "not there: only HTTP proxies can be used, --proxy http://HOST:PORT"},
		{"--noproxy", "curl", "the variable NO_PROXY, with --proxy env; without --proxy everything goes straight"},
		{"-a --basic-auth --oauth2-bearer", "curl, hey and oha", `a header: -H "Authorization: Basic $(printf 'USER:PASSWORD' | base64)", or -H 'Authorization: Bearer TOKEN'`},
		{"-p --postfile", "ab", "the body from a file: -X POST --data-binary @FILE; -p of oha is not needed: connections are users, -u N"},
		{"-C", "ab", "-b NAME=VALUE for a cookie"},
		{"-D", "hey and oha", "the body from a file: --data-binary @FILE"},
		{"-x", "curl and hey", "an HTTP proxy: --proxy URL"},
		{"-I --head", "curl", "the method: -X HEAD"},
		{"-i --include -v --verbose --trace --trace-ascii --http-debug", "curl and k6", "one look at requests and answers: check, of a test; of one URL curl itself"},
		{"-o --output --out --result-file --save-to", "curl, hey and k6", "files with the result: --json FILE, --csv PREFIX, --html FILE and others"},
		{"-j --output-format --format --summary-export --handleSummary --json-file", "oha and k6", "the result as JSON: --json FILE, or --json - for standard output"},
		{"-f --fail --locustfile", "curl and Locust", "nothing: a status of 400 and above is a failure anyway, and a test is a program of its own"},
		{"-w --write-out --percentiles --summary-trend-stats --latency --print-histogram", "curl, wrk and k6", "nothing: the table has p50 to p99 and max, --json has them all"},
		{"--latency-correction --corrected", "oha and wrk2", "--rate N/s: under a rate, times count from when each request was due"},
		{"--disable-keepalive --no-keepalive --no-connection-reuse --no-vu-connection-reuse --keepalive", "hey, oha and k6", "a new connection for each request: --fresh request, for each task: --fresh task"},
		{"--disable-redirects --redirects --max-redirects --max-redirs", "hey, oha, k6 and curl", "in hit --location=false takes a redirect for the answer; a test says NoRedirects()"},
		{"--disable-compression", "hey and oha", "--compressed=false"},
		{"-h2 --http2 --http2-prior-knowledge --http1.1 --http1.0 --http-version --h2c", "curl and oha", "--http 2, --http h2c or --http 1.1"},
		{"--http3 --http3-only", "curl and oha", "--http 3"},
		{"--max-time --request-timeout --http-timeout", "curl", "the limit of a whole request: --timeout TIME"},
		{"--connect-to", "curl and oha", "another address: --resolve HOST:PORT:ADDR; another port is not known"},
		{"--interface --laddr", "curl and vegeta", "--source-ip ADDR"},
		{"--insecure-skip-tls-verify", "k6", "--insecure (in hit also -k)"},
		{"-E --key --cert-type --pass", "curl", "--cert FILE, a PEM file with the certificate and its key, which is not encrypted"},
		{"--data-ascii", "curl", "-d"},
		{"--form-string", "curl", "-F NAME=CONTENT"},
		{"--url --targets --urls-from-file --target", "curl, oha and vegeta", "a list: --urls FILE (vegeta's form is read too); a single URL stands without a flag"},
		{"--cookie-jar --junk-session-cookies", "curl", "nothing: each user keeps the cookies of the site by itself; -b FILE lets it begin with some"},
		{"--digest --ntlm --negotiate --anyauth --basic", "curl", "in hit only what a header can say: -H 'Authorization: ...'"},
		{"-S --show-error --silent --quiet -Q", "curl, ab and k6", "--plain for lines without a dashboard"},
		{"--no-tui --no-color --disable-color --fps", "oha", "--plain for lines without a dashboard; NO_COLOR=1 for no colours"},
		{"--retry --retry-delay --limit-rate", "curl", "nothing: every request counts as it went"},
		{"-4 --ipv4 -6 --ipv6", "curl", "--resolve HOST:PORT:ADDR, or --source-ip with an address of that version"},
		{"--stage --stages --step-load --step-users --step-time", "k6 and Locust", `a shape over time: -u "0:0,30s:500,5m:500", or --rate with one`},
		{"--max-vus --max-workers", "k6 and vegeta", "--max-users N, with --rate"},
		{"--workers --threads --cpus --processes", "hey, wrk, vegeta and Locust", "nothing: one process uses all cores"},
		{"--hatch-rate --spawn", "Locust", "-r, --spawn-rate RATE"},
		{"--headless --no-web --autostart --autoquit --only-summary --print-stats --skip-log-setup --reset-stats --class-picker", "Locust", "nothing: run starts, prints and ends by itself"},
		{"--exit-code-on-error", "Locust", "--threshold 'failures < 1%' says what is too much; the exit status says how it went"},
		{"--show-task-ratio --show-task-ratio-json --list -l", "Locust", "check runs each task once; the report shows the shares wanted and seen"},
		{"--run-time-limit --stop-after", "others", "-t TIME"},
		{"-e --env", "k6", "an environment variable before the command, which the test reads; -e of curl is there in hit: --referer"},
		{"--tag", "k6", "-T in a test says which tasks run; --notes and runs tag mark a run"},
		{"--thresholds --fail-on", "others", "--threshold 'p95 < 500ms', as often as there are rules"},
		{"--config-file", "others", "--config FILE"},
		{"--host-header --host", "oha", "a header: -H 'Host: ...'"},
		{"-b --cookie -A --user-agent -F --form -G --get -L --location -X --request -d --data -k --compressed", "curl", "stampede hit, which has it; in a test the request itself says it"},
	}
}

// elsewhere is what to write here for a flag of another tool; "" when nobody has it.
func elsewhere(flag string) string {
	for _, f := range foreignFlags() {
		for one := range strings.FieldsSeq(f.flags) {
			if one == flag {
				return flag + " of " + f.tools + " is here " + f.here
			}
		}
	}
	return ""
}
