package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	talkRounds  = 3
	talkLength  = 6 * time.Second
	talkUsers   = 64
	talkMessage = `{"ask":"place","fan":"0123456789abcdef"}`
)

// talker is the server of these measurements, on core 1.
type talker struct {
	cmd      *exec.Cmd
	in       io.Closer
	web, rpc string
}

func (b *bench) talker() (*talker, string, error) {
	program, err := b.build("bench/talk")
	if err != nil {
		return nil, "", err
	}
	t := &talker{cmd: exec.CommandContext(b.ctx, program, "serve")}
	if pinnable() {
		t.cmd = exec.CommandContext(b.ctx, "taskset", "-c", "1", program, "serve")
	}
	if t.in, err = t.cmd.StdinPipe(); err != nil {
		return nil, "", err
	}
	out, err := t.cmd.StdoutPipe()
	if err == nil {
		err = t.cmd.Start()
	}
	if err != nil {
		return nil, "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if n, _ := fmt.Sscan(line, &t.web, &t.rpc); n != 2 {
		t.close()
		return nil, "", fmt.Errorf("the server said %q, %v", line, err)
	}
	return t, program, nil
}

func (t *talker) close() {
	t.in.Close()
	_ = t.cmd.Wait()
}

// served is how many messages and calls it has answered.
func (t *talker) served(ctx context.Context) (n int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+t.web+"/count", nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(body), 10, 64)
}

// rival is a generator of the same messages.
type rival struct {
	name  string
	reach float64 // how many times our cost it must have; 0 promises nothing
	args  []string
}

// ws measures what a message over a WebSocket and its answer cost, and what sockets cost on which nothing happens.
func (b *bench) ws() error {
	t, program, err := b.talker()
	if err != nil {
		return err
	}
	defer t.close()
	own, err := b.build("cmd/stampede")
	if err != nil {
		return err
	}
	const script = `import ws from 'k6/ws';
export default function () {
  ws.connect(__ENV.SITE, null, (s) => {
    s.on('open', () => s.send('` + talkMessage + `'));
    s.on('message', () => s.send('` + talkMessage + `'));
    s.setTimeout(() => s.close(), Number(__ENV.MS));
  });
}
`
	file := filepath.Join(b.dir, "socket.js")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return err
	}
	users, length := strconv.Itoa(talkUsers), talkLength.String()
	err = b.rivals(t, []rival{
		{"stampede", 0, []string{own, "hit", "ws://" + t.web + "/socket", "-u", users, "-t", length, "-d", talkMessage, "--no-record", "--plain", "--allow-invalid"}},
		{"coder", 0, []string{program, "coder", "-host", "http://" + t.web, "-users", users, "-t", length}},
		{"k6", 8, []string{
			"k6", "run", "--vus=" + users, "--iterations=" + users, "--env=SITE=ws://" + t.web + "/socket", "--env=MS=" + strconv.Itoa(int(talkLength.Milliseconds())),
			"--address=", "--no-usage-report", "--no-thresholds", "--no-color", "--quiet", file,
		}},
	}, "a message and its answer")
	if err != nil {
		return err
	}
	u, err := runOn(b.ctx, "0", 1, program, "hold", "-host", "http://"+t.web, "-users", "10000", "-t", "60s")
	if err != nil {
		return err
	}
	fmt.Printf("   idle: %s   reach: 12288 bytes each\n", strings.TrimSpace(string(u.out)))
	return nil
}

// rpc measures what a unary call costs.
func (b *bench) rpc() error {
	t, program, err := b.talker()
	if err != nil {
		return err
	}
	defer t.close()
	const script = `import grpc from 'k6/net/grpc';
const client = new grpc.Client();
let connected = false;
export default function () {
  if (!connected) { client.connect(__ENV.SITE, { plaintext: true, reflect: true }); connected = true; }
  client.invoke('grpc.health.v1.Health/Check', {});
}
`
	file := filepath.Join(b.dir, "rpc.js")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return err
	}
	users, length := strconv.Itoa(talkUsers), talkLength.String()
	return b.rivals(t, []rival{
		{"stampede", 0, []string{program, "call", "-host", "http://" + t.rpc, "-users", users, "-t", length}},
		{"ghz", 1.3, []string{
			"ghz", "--insecure", "--call=grpc.health.v1.Health/Check", "--connections=" + users, "--concurrency=" + users, "--duration=" + length, "--cpus=1", "--format=summary", t.rpc,
		}},
		{"k6", 5, []string{
			"k6", "run", "--vus=" + users, "--duration=" + length, "--env=SITE=" + t.rpc, "--address=", "--no-usage-report", "--no-thresholds", "--no-color", "--quiet", file,
		}},
	}, "a unary call")
}

// rivals interleaves rounds. Those that are not installed are left out and said so.
func (b *bench) rivals(t *talker, all []rival, what string) error {
	cost := map[string][]float64{}
	missing := map[string]bool{}
	for _, r := range all {
		if _, err := exec.LookPath(r.args[0]); err != nil {
			missing[r.name] = true
			fmt.Printf("   %s is not installed: left out\n", r.name)
		}
	}
	for range talkRounds {
		for _, r := range all {
			if missing[r.name] {
				continue
			}
			before, err := t.served(b.ctx)
			if err != nil {
				return err
			}
			u, err := runOn(b.ctx, "0", 1, r.args[0], r.args[1:]...)
			if err != nil {
				return err
			}
			after, err := t.served(b.ctx)
			if err != nil {
				return err
			}
			u.requests = after - before
			cost[r.name] = append(cost[r.name], u.perRequest())
		}
	}
	fmt.Printf("   us of generator CPU for %s, %d users, median (range) of %d rounds\n", what, talkUsers, talkRounds)
	for _, r := range all {
		if missing[r.name] {
			continue
		}
		line := fmt.Sprintf("   %-10s %s", r.name, spreadOf(cost[r.name]))
		if r.name != "stampede" {
			ratios := make([]float64, talkRounds)
			for i := range ratios {
				ratios[i] = cost[r.name][i] / cost["stampede"][i]
			}
			line += fmt.Sprintf(", costs %sx", spreadOf(ratios))
		}
		if r.reach > 0 {
			line += fmt.Sprintf("   reach: %gx", r.reach)
		}
		fmt.Println(line)
	}
	return nil
}
