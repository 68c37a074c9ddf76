package stampede_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

type outlined struct{ stampede.HTTPUser }

func (o *outlined) Nothing(context.Context) error { return nil }

func TestOutline(t *testing.T) {
	do := (*outlined).Nothing
	test := stampede.Test{Users: []stampede.UserType{
		stampede.Users(stampede.Spec[outlined]{Name: "Fan", Weight: 3, Tags: []string{"a"}, Tasks: []stampede.Task[outlined]{
			{Name: "Read", Weight: 3, Do: do},
			{Name: "Buy", Weight: 1, Tags: []string{"b"}, Set: &stampede.Set[outlined]{Order: stampede.InOrder, Tasks: []stampede.Task[outlined]{{Name: "Pay", Do: do}}}},
		}}),
		stampede.Users(stampede.Spec[outlined]{Name: "Crawler", Tasks: []stampede.Task[outlined]{{Do: do}}}),
		stampede.Users(stampede.Spec[outlined]{Name: "Admin", Fixed: 2, Host: "http://me:secret@127.0.0.1", Tasks: []stampede.Task[outlined]{{Do: do}}}),
		stampede.Users(stampede.Spec[outlined]{Name: "Visitor", Rate: stampede.Level(5), Tasks: []stampede.Task[outlined]{{Do: do}}}),
	}}
	got := test.Outline()
	want := []stampede.Outline{
		{Name: "Fan", Weight: 3, Share: 0.75, Tags: []string{"a"}, Tasks: []stampede.TaskOutline{
			{Name: "Read", Share: 0.75}, {Name: "Buy", Share: 0.25, Tags: []string{"b"}, Tasks: []stampede.TaskOutline{{Name: "Pay"}}},
		}},
		{Name: "Crawler", Weight: 1, Share: 0.25, Tasks: []stampede.TaskOutline{{Name: "Nothing", Share: 1}}},
		{Name: "Admin", Fixed: 2, Host: "http://***@127.0.0.1", Tasks: []stampede.TaskOutline{{Name: "Nothing", Share: 1}}},
		{Name: "Visitor", Weight: 1, Own: "5/s", Tasks: []stampede.TaskOutline{{Name: "Nothing", Share: 1}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLoad(t *testing.T) {
	test := stampede.Test{Host: "http://127.0.0.1", Users: []stampede.UserType{
		stampede.Users(stampede.Spec[outlined]{Tasks: []stampede.Task[outlined]{{Do: (*outlined).Nothing}}}),
	}}
	shape, err := stampede.ParseShape("0:0,10s:100,20s:100")
	if err != nil {
		t.Fatal(err)
	}
	levels := func(l stampede.Load) (all []float64) {
		for _, p := range l.Points {
			all = append(all, p.Level)
		}
		return all
	}
	l, err := stampede.Plan{Test: test, Users: shape}.Load(5)
	if err != nil || l.Arrivals || l.Length != 20*time.Second || !reflect.DeepEqual(levels(l), []float64{0, 50, 100, 100, 100}) {
		t.Errorf("%+v, %v", l, err)
	}
	l, err = stampede.Plan{Test: test, Rate: stampede.Level(7), Duration: time.Minute}.Load(2)
	if err != nil || !l.Arrivals || l.Length != time.Minute || !reflect.DeepEqual(levels(l), []float64{7, 7}) {
		t.Errorf("%+v, %v", l, err)
	}
	l, err = stampede.Plan{Test: test, Users: stampede.Level(10), SpawnRate: 5, Duration: 4 * time.Second}.Load(3)
	if got := levels(l); err != nil || len(got) != 3 || got[0] > 5 || got[2] != 10 {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := (stampede.Plan{Test: test, SpawnRate: -1}).Load(3); err == nil {
		t.Error("a plan with a mistake has a load")
	}
}
