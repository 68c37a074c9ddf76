package report

import (
	"reflect"
	"testing"

	"github.com/stampede-load/stampede/internal/stats"
)

// Every gauge of a second is in the JSON, and comes back from it: a sum that is promised for each second needs all its parts.
func TestGaugesThroughJSON(t *testing.T) {
	var g stats.Gauges
	v := reflect.ValueOf(&g).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Float64:
			f.SetFloat(float64(i+1) / 1000)
		default:
			f.SetInt(int64(i+1) * 1000) // whole microseconds
		}
	}
	g.Iterations = 0 // for the controller of a fleet alone
	j := jsonGaugesOf(&g)
	back := j.gauges()
	got := reflect.ValueOf(back)
	for i := range v.NumField() {
		if !got.Field(i).Equal(v.Field(i)) {
			t.Errorf("%s was %v and came back as %v", v.Type().Field(i).Name, v.Field(i), got.Field(i))
		}
	}
}
