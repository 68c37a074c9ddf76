package cli

import "strings"

// foreign is a flag as other tools have it, and what does the same here. The names are those with which people come.
type foreign struct {
	flags string // "-c --connections", the way they are written
	tools string // who has it
	here  string // what to write
}

// foreignFlags are all flags of other tools that are answered.
func foreignFlags() []foreign { return append(usualForeignFlags(), rareForeignFlags()...) }

// usualForeignFlags are the flags of curl, ab, hey, oha, wrk, vegeta, k6 and Locust that mean something here under another name, or nothing. Of two
// rows with one flag the first one counts.
func usualForeignFlags() []foreign {
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
		{"--socks5-hostname", "curl", "a SOCKS proxy that looks names up: --proxy socks5h://HOST:PORT"},
		{"--socks5", "curl", "a SOCKS proxy, names looked up here: --proxy socks5://HOST:PORT"},
		{"--socks4 --socks4a --preproxy", "curl", "not there: one proxy, --proxy socks5h://HOST:PORT or http://HOST:PORT"},
		{"--proxy-insecure --proxy-cacert --proxy-cert", "curl", "the flags of the site hold for a proxy that wants TLS, too: --insecure, --cacert, --cert"},
		{"--noproxy", "curl", "the variable NO_PROXY, with --proxy env; without --proxy everything goes straight"},
		{"-a --basic-auth --oauth2-bearer", "curl, hey and oha", `a header: -H "Authorization: Basic $(printf 'USER:PASSWORD' | base64)", or -H 'Authorization: Bearer TOKEN'`},
		{"-p --postfile", "ab", "the body from a file: -X POST --data-binary @FILE; -p of oha is not needed: connections are users, -u N"},
		{"-C", "ab", "-b NAME=VALUE for a cookie"},
		{"-D", "hey and oha", "the body from a file: --data-binary @FILE"},
		{"-x", "curl and hey", "a proxy: --proxy URL"},
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
		{"-e --env", "k6", "an environment variable before the command, which the test reads; -e of curl is there in hit: --referer"},
		{"--host-header --host", "oha", "a header: -H 'Host: ...'"},
		{"-b --cookie -A --user-agent -F --form -G --get -L --location -X --request -d --data -k --compressed", "curl", "stampede hit, which has it; in a test the request itself says it"},
	}
}

// rareForeignFlags are those that few people come with, also of siege, autocannon and bombardier.
func rareForeignFlags() []foreign {
	return []foreign{
		{"--run-time-limit --stop-after", "others", "-t TIME"},
		{"--tag", "k6", "-T in a test says which tasks run; --notes and runs tag mark a run"},
		{"--thresholds --fail-on", "others", "--threshold 'p95 < 500ms', as often as there are rules"},
		{"--config-file", "others", "--config FILE"},
		{"--addr --address --bind --port --http-port", "others", "an address to listen on: --listen ADDR of site, --web ADDR of run and serve"},
		{"-g -Z -B -P", "ab", "--csv PREFIX (-g), nothing (-Z), --source-ip ADDR (-B), the login in the proxy's URL (-P); of curl -Z is -u N"},
		{"--tlsv1.0 --tlsv1.1 --tlsv1.2 --tlsv1.3 --tls-max --ciphers --tls13-ciphers --curves", "curl", "nothing: TLS 1.2 or 1.3 and the ciphers of browsers, of which the site chooses"},
		{"--range", "curl", "a header: -H 'Range: bytes=0-99'"},
		{"--url-query", "curl", "-G with --data-urlencode, or the query in the URL"},
		{"--upload-file", "curl", "a body: -X PUT --data-binary @FILE"},
		{"--parallel --parallel-max --parallel-immediate", "curl", "the number of users: -u N"},
		{"--netrc --netrc-file --netrc-optional", "curl", "the login in the URL before an @, or a header: -H 'Authorization: ...'"},
		{"-K", "curl", "not there: --config names a stampede.yaml, and flags stand on the command line"},
		{"--next -:", "curl", "a list: --urls FILE, in which each request has a method, header and body of its own"},
		{"-O -J -N --remote-name --remote-header-name --output-dir --create-dirs --no-buffer --raw --tr-encoding", "curl", "nothing: answers are measured and not kept"},
		{"--fail-with-body --fail-early -# --progress-bar --no-progress-meter --stderr --trace-time --libcurl", "curl", "nothing: a status of 400 and above is a failure anyway, and --plain is without a dashboard"},
		{"--location-trusted --post301 --post302 --post303", "curl", "as browsers do: a POST that is redirected becomes a GET, and another site gets no login"},
		{"--path-as-is --request-target", "curl", "not there: paths are written as browsers write them"},
		{"--capath --crlfile --pinnedpubkey --cert-status", "curl", "the authority of the site: --cacert FILE"},
		{"--dns-servers --doh-url --dns-interface --dns-ipv4-addr --dns-ipv6-addr", "curl", "the resolver of this machine, or --resolve HOST:PORT:ADDR"},
		{"--hsts --alt-svc", "curl", "nothing for HSTS; --http auto+3 goes where Alt-Svc says"},
		{"--proxy-header --proxytunnel --suppress-connect-headers", "curl", "not there: a proxy is told what it must know, --proxy URL"},
		{"--aws-sigv4", "curl", "not there: a test written in Go can sign its requests"},
		{"--local-port", "curl", "--source-ip ADDR; ports are the kernel's to choose"},
		{"--tcp-nodelay --tcp-fastopen --keepalive-time --ignore-content-length --no-alpn --false-start --no-sessionid", "curl", "nothing: connections are made and kept as browsers do"},
		{"--max-filesize", "curl", "the largest body: --max-body SIZE"},
		{"-y -Y --speed-limit --speed-time", "curl", "the limit of a whole request: --timeout TIME"},
		{"--variable --expand-url --expand-data", "curl", "the shell's own variables, or in a test written in Go a feeder"},
		{"--body --body-file", "autocannon, bombardier and vegeta", "the body: -d TEXT, or --data-binary @FILE"},
		{"--headers", "autocannon", "a header: -H 'Name: value'"},
		{"--amount --maxOverallRequests --maxConnectionRequests", "autocannon", "an end after so many tasks over all users: --iterations N"},
		{"--overallRate --connectionRate", "autocannon", "a rate over all users: --rate N/s"},
		{"--pipelining --batch --batch-per-host", "autocannon and k6", "not there: a user asks for one thing at a time, and a test written in Go for several (Together)"},
		{"--bailout", "autocannon", "a rule that ends the run: --threshold, see help thresholds"},
		{"--print --latencies", "bombardier", "nothing: the table has it all; --json - is for programs"},
		{"--burst-delay --burst-rate --rand-regex-url", "oha", "a shape of the rate, --rate 'steps(...)', and a list of URLs, --urls FILE"},
		{"--concurrent --reps --time --benchmark --internet --delay --file --log", "siege", "-u N, --iterations N (over all users), -t TIME, --urls FILE; there is no pause between requests"},
		{"--logfile --loglevel", "Locust", "nothing: what is wrong stands in the report and on standard error"},
		{"--master --worker --master-host --master-port --master-bind-host --master-bind-port", "Locust", "run --fleet ADDR --expect-workers N, and worker --join URL elsewhere; --workers N on this machine"},
		{"--web-port --web-host", "Locust", "the page: run --web ADDR"},
		{"--linger --paused --no-usage-report --no-summary --no-thresholds --no-setup --no-teardown --summary-mode", "k6", "nothing; --web --stay keeps the page open when the run is over"},
		{"--dns", "k6", "--dns-ttl TIME, or --resolve HOST:PORT:ADDR"},
		{"--local-ips", "k6", "--source-ip ADDR, as often as there are addresses"},
		{"--blacklist-ip --block-hostnames", "k6", "only the run's own hosts are asked anyway; never: in stampede.yaml forbids more"},
		{"--discard-response-bodies --min-iteration-duration", "k6", "hit keeps no body; in a test written in Go say Discard() and Pacing(TIME)"},
		{"--root-certs --lazy --chunked --session-tickets --max-connections", "vegeta", "--cacert FILE for the first; nothing for the others"},
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
