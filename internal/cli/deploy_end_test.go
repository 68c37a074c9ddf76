package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/deploytest"
	"github.com/stampede-load/stampede/internal/deploy/eb"
	"github.com/stampede-load/stampede/internal/fleet"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/testsite/peer"
)

// asAWS has this process find a model of AWS as AWS's own tools do.
func asAWS(t *testing.T, cloud *deploytest.Cloud) {
	s := httptest.NewServer(cloud)
	t.Cleanup(s.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": s.URL, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
}

// fans runs a command of the test's program in a folder, as its user does.
func fans(t *testing.T, dir string, environ []string, args ...string) (status int, said string) {
	t.Helper()
	var out bytes.Buffer
	status = Main(context.Background(), programs()["fans"], System{
		Args: append([]string{"fans"}, args...), Dir: dir, Environ: append(os.Environ(), environ...), In: strings.NewReader(""), Out: &out, Err: &out,
	})
	return status, out.String()
}

// From up to down through the command line: the test is built and bundled, its instances start as on Elastic Beanstalk, workers join through TLS, a run that is started from
// here goes through all of it, its course and its cost come home, and nothing is left.
func TestDeployEndToEnd(t *testing.T) {
	kind := map[string]string{"linux/amd64": "c6i.large", "linux/arm64": "c7g.large"}[runtime.GOOS+"/"+runtime.GOARCH]
	if kind == "" {
		t.Skip("instances are Linux on amd64 or arm64: what is built for one does not run here")
	}
	peer.Need(t, "nginx-light", "nginx", "-v") // it is in front of the page there
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cloud := deploytest.New(deploytest.Known(t))
	m := &machines{
		T: t, cloud: cloud, self: self, said: map[string][]*lockedBuffer{}, ended: map[string][]func(){},
	}
	cloud.Slow, cloud.Launch, cloud.Ended = 0, m.launch, m.gone
	asAWS(t, cloud)
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module fans\n", "main.go": launcher} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	builds, err := exec.Command("go", "env", "GOCACHE").Output() // what the go command has built already
	if err != nil {
		t.Fatalf("the go command, with which the test is built: %v", err)
	}
	where := []string{"--name", "tour", "--region", "us-east-1"}
	command := func(args ...string) string {
		t.Helper()
		status, text := fans(t, dir, []string{"HOME=" + dir, "STAMPEDE_LEDGER=home.db", "GOCACHE=" + strings.TrimSpace(string(builds))}, append(args, where...)...)
		if status != 0 {
			t.Fatalf("%q ends with %d: %s\n%s", args, status, text, m.output())
		}
		return text
	}
	up := command("deploy", "eb", "up", "--workers", "2", "--instance-type", kind, "--max-hours", "1", "--from", "203.0.113.7/32")
	found := regexp.MustCompile(`run --on '(\S+)'`).FindStringSubmatch(up)
	if found == nil || !strings.Contains(up, "2 workers have joined") || !strings.Contains(up, "by the price list of AWS, at most 0.22 USD in 1 hours") {
		t.Fatalf("up says %s", up)
	}
	on, page := found[1], m.page()
	m.look(page)
	site := newSite()
	defer site.Close()
	token := []string{"HOME=" + dir, "STAMPEDE_TOKEN=" + page.Token, "STAMPEDE_LEDGER=home.db"}
	status, said := fans(t, dir, token, "run", "--on", on, "-H", site.URL, "-u", "2", "--iterations", "6", "--tags", "quick", "--allow-invalid", "--plain")
	if status != 0 {
		t.Fatalf("run --on ends with %d: %s\n%s", status, said, m.output())
	}
	if text := command("deploy", "eb", "status"); !strings.Contains(text, "3 instances, 2 workers at the controller https://") || !strings.Contains(text, "USD so far") {
		t.Errorf("the status is %s", text)
	}
	for i, want := range []string{"1 run written, 0 were there already", "1 run is in the ledger already"} { // into a ledger of its own, and once more
		status, text := fans(t, dir, token, "runs", "import", "--from", on, "--yes", "--ledger", "other.db")
		if said += text; status != 0 || !strings.Contains(text, want) {
			t.Errorf("import %d ends with %d: %s", i, status, text)
		}
	}
	there := m.whole(page)
	m.refusesWhileRunning(page, site.URL, func() (int, string) {
		return fans(t, dir, token, append([]string{"deploy", "eb", "down"}, where...)...)
	})
	m.endsIdle(page, where)
	if text := command("deploy", "eb", "status"); !strings.Contains(text, "1 instance, 0 workers") || !strings.Contains(text, ", its instances have ended\n") || !strings.Contains(text, "at most 0.") {
		t.Errorf("the status is %s", text)
	}
	down := command("deploy", "eb", "down")
	for _, want := range []string{"2 runs of the controller, with the whole course: 2 new", "its instances came to at most 0.", "stands in the ledger with 2 runs", "nothing of it is there any more"} {
		if !strings.Contains(down, want) {
			t.Errorf("down does not say %q: %s", want, down)
		}
	}
	deploytest.Clean(t, cloud)
	for name, ref := range map[string]string{"home.db": "last~1", "other.db": "last"} {
		if here := kept(t, filepath.Join(dir, name), ref); here != there {
			t.Errorf("%s has not what the controller had:\n%.2000s\nwant\n%.2000s", name, here, there)
		}
	}
	_, story := fans(t, dir, token, "runs", "show", "last")
	if !strings.Contains(story, "Cost            0.0") || !strings.Contains(story, "deployment tour; all of that from ") {
		t.Errorf("the run's story is %s", story)
	}
	if text := up + down + said + m.output(); strings.Contains(text, page.Token) {
		t.Errorf("the token is said: %s", text)
	}
}

// look holds the page against those who must not see it, and the health pages of workers against what Elastic Beanstalk asks.
func (m *machines) look(page eb.Page) {
	m.Helper()
	for _, port := range m.health {
		resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/", port))
		if err != nil {
			m.Fatal(err)
		}
		ignore(resp.Body.Close())
		if resp.StatusCode != http.StatusOK {
			m.Errorf("the health page answers %s", resp.Status)
		}
	}
	if _, err := joinedAt(m.Context(), eb.Page{Address: page.Address, Token: "wrong", Key: page.Key}); err == nil {
		m.Error("a wrong token is let in")
	}
	if other, err := fleet.NewKey(); err != nil {
		m.Error(err)
	} else if _, err := joinedAt(m.Context(), eb.Page{Address: page.Address, Token: page.Token, Key: other}); err == nil || !strings.Contains(err.Error(), "certificate") {
		m.Errorf("another certificate is taken: %v", err)
	}
}

// basis is what the words on the cost become when the deployment has gone.
var basis = regexp.MustCompile(`"cost_basis": ?"[^"]*"`)

// whole is the last run of the controller, with its course, as a file.
func (m *machines) whole(page eb.Page) (text string) {
	m.Helper()
	r, err := remoteOf(&page)
	if err == nil {
		err = r.read(m.Context(), "last", "", func(from io.Reader) error {
			all, err := io.ReadAll(from)
			text = basis.ReplaceAllString(string(all), "")
			return err
		})
	}
	if err != nil || !strings.Contains(text, `"series"`) {
		m.Errorf("%v: the run there is %.300s", err, text)
	}
	return text
}

// refusesWhileRunning has a run go on at the controller while down is asked for.
func (m *machines) refusesWhileRunning(page eb.Page, site string, down func() (int, string)) {
	m.Helper()
	r, err := remoteOf(&page)
	if err != nil {
		m.Fatal(err)
	}
	var started struct{ ID string }
	if err := r.ask(m.Context(), http.MethodPost, "/api/v1/runs", map[string]any{"users": 2, "run-time": "10m", "host": site, "tags": "quick"}, &started); err != nil {
		m.Fatal(err)
	}
	if status, text := down(); status != statusUsage || !strings.Contains(text, "a run goes on at the controller: "+started.ID) || len(m.cloud.Settings("stampede-tour-workers")) == 0 {
		m.Errorf("down ends with %d: %s", status, text)
	}
	if err := r.ask(m.Context(), http.MethodPost, runPath(started.ID, "/stop"), nil, nil); err != nil {
		m.Fatal(err)
	}
	for range 600 {
		if _, going, err := r.farRuns(m.Context()); err == nil && len(going) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	m.Fatal("the run does not end")
}

// endsIdle has workers end that nothing is done with, by what the controller's instance runs for that.
func (m *machines) endsIdle(page eb.Page, where []string) {
	m.Helper()
	ctx, stop := context.WithTimeout(m.Context(), time.Minute)
	defer stop()
	var said lockedBuffer
	over := make(chan int)
	go func() {
		over <- Main(ctx, programs()["fans"], System{
			Args: append([]string{"fans", "deploy", "eb", "idle", "--idle-exit", "2s", "--on", fmt.Sprintf("http://127.0.0.1:%d", m.pagePort)}, where...),
			Dir:  m.TempDir(), Environ: append(os.Environ(), "STAMPEDE_WEB_TOKEN="+page.Token), In: strings.NewReader(""), Out: &said, Err: &said,
		})
	}()
	for {
		if n, err := joinedAt(ctx, page); err == nil && n == 0 {
			break
		}
		if ctx.Err() != nil {
			m.Errorf("the workers stay: %s", said.String())
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	if status := <-over; status != 0 || !strings.Contains(said.String(), "asg-stampede-tour-workers is scaled to zero") {
		m.Errorf("it ends with %d: %s", status, said.String())
	}
}

// kept is a run of a ledger in the same form.
func kept(t *testing.T, where, ref string) string {
	t.Helper()
	b, err := ledger.Open(t.Context(), where, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	run, err := b.Find(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := b.Report(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range (pages{}).Formats() {
		if f.Name == "json" {
			var text bytes.Buffer
			if err := f.Write(&text, whole); err != nil {
				t.Fatal(err)
			}
			return basis.ReplaceAllString(text.String(), "")
		}
	}
	t.Fatal("there is no such form")
	return ""
}
