package report

import (
	"bufio"
	"io"
	"math"
	"slices"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/monitor"
)

// pagePoints is how many points of a server's series a page draws at most.
const pagePoints = 480

// pageServers writes what the servers said and what was made of it, as schema 1 has it but for the number of points.
func (j *jsonWriter) pageServers(r *stampede.Report) {
	thinned := *r
	thinned.Servers = thin(r.Servers, 0, pagePoints)
	j.servers(&thinned)
}

// WriteServers writes the fields servers, suspects and finding of a result as an object of their own. Points before from are left out; most is
// how many of a series are written at most, 0 for all: of a longer one the lowest and the highest in each stretch.
func WriteServers(w io.Writer, r *stampede.Report, from time.Duration, most int) error {
	some := stampede.Report{Servers: thin(r.Servers, from, most), Suspects: r.Suspects}
	if some.Servers == nil {
		some.Servers = []stampede.ServerFigures{}
	}
	j := jsonWriter{w: bufio.NewWriterSize(w, 32<<10)}
	j.put("{")
	j.servers(&some)
	j.put("}\n")
	if j.err == nil {
		j.err = j.w.Flush()
	}
	return j.err
}

// thin is servers with fewer points. It shares everything else with its input.
func thin(servers []stampede.ServerFigures, from time.Duration, most int) []stampede.ServerFigures {
	out := slices.Clone(servers)
	for i := range out {
		out[i].Series = slices.Clone(out[i].Series)
		for k := range out[i].Series {
			s := &out[i].Series[k]
			first, _ := slices.BinarySearchFunc(s.Points, from, func(p monitor.Point, at time.Duration) int { return int(p.At - at) })
			s.Points = peaks(s.Points[first:], most)
		}
	}
	return out
}

// peaks keeps the lowest and the highest point of each of most/2 stretches of points, in order: a figure at its limit for one second stays in sight.
func peaks(points []monitor.Point, most int) []monitor.Point {
	if most < 2 || len(points) <= most {
		return points
	}
	out := make([]monitor.Point, 0, most)
	stretches := most / 2
	for i := range stretches {
		part := points[i*len(points)/stretches : (i+1)*len(points)/stretches]
		low, high := 0, 0
		for k, p := range part {
			if p.Value < part[low].Value || math.IsNaN(part[low].Value) {
				low = k
			}
			if p.Value > part[high].Value || math.IsNaN(part[high].Value) {
				high = k
			}
		}
		out = append(out, part[min(low, high)])
		if low != high {
			out = append(out, part[max(low, high)])
		}
	}
	return out
}
