package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/monitor/exporter"
	"github.com/stampede-load/stampede/internal/testsite"
)

// What is read, and what it may cost.
const (
	readServers = 20
	readSeries  = 500
	readFor     = 30 * time.Second
	readPairs   = 5 // of runs without and with it
)

// serversRead measures what 20 servers with 500 series each cost when they are read every second, and what two hours of 500 series take in the ledger.
func (b *bench) serversRead() error {
	page := exporterPage()
	defer page.Close()

	served, err := b.servingCost(page.URL)
	if err != nil {
		return err
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cpu := spent()
	var watched []monitor.Watched
	for i := range readServers {
		source, err := exporter.New(page.URL)
		if err != nil {
			return err
		}
		watched = append(watched, monitor.Watched{Name: fmt.Sprintf("s%d", i), Kind: "exporter", Source: source})
	}
	length := readFor
	if b.length > 0 {
		length = b.length
	}
	w := monitor.Watch(b.ctx, time.Now(), watched)
	select {
	case <-b.ctx.Done():
	case <-time.After(length):
	}
	w.Stop()
	used := (spent() - cpu).Seconds() / length.Seconds()
	runtime.GC()
	runtime.ReadMemStats(&after)
	asked := 0
	for _, s := range w.Servers() {
		asked += s.Asked
		if len(s.Series) != readSeries+1 || s.Failed > 0 {
			return fmt.Errorf("%s: %d series, %d of %d times no answer: %q", s.Name, len(s.Series), s.Failed, s.Asked, s.Notes)
		}
	}
	fmt.Printf("   %d servers, %d series each, read %d times in %v: %.1f %% of a core with the server, %.1f %% without; %.1f MB\n",
		readServers, readSeries, asked, length, 100*used, 100*(used-served*float64(asked)/length.Seconds()), float64(after.HeapInuse-before.HeapInuse)/1e6)
	return b.ledgerSize()
}

// readingLag is what reading 20 servers with 500 series each second does to the moments at which a load leaves: pairs of runs, by turns without and with it.
func (b *bench) readingLag() error {
	page := exporterPage()
	defer page.Close()
	child, err := b.site(testsite.Config{Mode: testsite.Fast})
	if err != nil {
		return err
	}
	defer child.Close()
	pairs := readPairs
	if b.count > 0 {
		pairs = b.count
	}
	reading := []string{"-read", page.URL, "-reads", strconv.Itoa(readServers)}
	var median, p99, worst [2][]float64 // without, and with
	for range pairs {
		for with, more := range [][]string{nil, reading} {
			r, _, err := b.fans(child, time.Minute, append([]string{"-rate", "2000", "-t", "15s"}, more...)...)
			if err != nil {
				return err
			}
			median[with], p99[with], worst[with] = append(median[with], r.LagP50), append(p99[with], r.LagP99), append(worst[with], r.LagP999)
		}
	}
	for with, what := range []string{"without", "with"} {
		fmt.Printf("   2000/s on one core, %-7s reading %d servers: lag in ms p50 %.3f, p99 %v, p99.9 %v\n", what, readServers, spreadOf(median[with]).median, spreadOf(p99[with]), spreadOf(worst[with]))
	}
	return nil
}

// servingCost is how much processor time an answer of the server costs, in seconds: it is not the reader's.
func (b *bench) servingCost(url string) (float64, error) {
	const n = 200
	buf := make([]byte, 64<<10)
	conn, err := net.Dial("tcp", url[len("http://"):])
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	begun := spent()
	for range n {
		if _, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return 0, err
		}
		for got, want := 0, len(exporterText()); got < want; {
			k, err := conn.Read(buf)
			if err != nil {
				return 0, err
			}
			got += k
		}
	}
	return (spent() - begun).Seconds() / n, nil
}

// exporterText is what an exporter of 500 series says.
func exporterText() []byte {
	var text bytes.Buffer
	for i := range readSeries {
		fmt.Fprintf(&text, "# HELP app_figure_%d a figure\n# TYPE app_figure_%d gauge\napp_figure_%d %d\n", i, i, i, i)
	}
	return text.Bytes()
}

// exporterPage serves it. The caller closes the server.
func exporterPage() *httptest.Server {
	text := exporterText()
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(text) }))
}

// ledgerSize is what two hours of 500 series take in the ledger, and how long one chart takes to be got out of it.
func (b *bench) ledgerSize() error {
	rng := rand.New(rand.NewPCG(1, 2))
	one := monitor.Server{Name: "db", Kind: "mysql"}
	for i := range readSeries {
		s := monitor.Series{Name: fmt.Sprintf("figure_%d", i), Unit: "/s"}
		level := 100 * rng.Float64()
		for at := range 7200 {
			level += rng.NormFloat64()
			s.Points = append(s.Points, monitor.Point{At: time.Duration(at) * time.Second, Value: level})
		}
		one.Series = append(one.Series, s)
	}
	raw := monitor.AppendServers(nil, []monitor.Server{one})
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest)) // as the ledger does
	if err != nil {
		return err
	}
	packed := z.EncodeAll(raw, nil)
	if err := z.Close(); err != nil {
		return err
	}
	begun := time.Now()
	back, err := monitor.DecodeServers(raw)
	if err != nil {
		return err
	}
	took := time.Since(begun)
	fmt.Printf("   two hours of %d series, walks with noise in every second: %.2f MB packed; read back, all charts, in %v (%d series)\n",
		readSeries, float64(len(packed))/1e6, took.Round(time.Millisecond), len(back[0].Series))
	return nil
}
